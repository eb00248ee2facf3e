"""Windows close: what waits moves to its next one, and the promise does not (RULES 3)."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from callbacks.actions.intake import Wish, request_callback
from callbacks.actions.line import call_now
from callbacks.actions.windows import roll_contact, roll_windows
from callbacks.models import Callback
from callbacks.queue import SYSTEM
from callbacks.rules.attention import NO_HOURS, ZONE_UNKNOWN
from campaigns.models import Campaign
from contacts import clock
from tests.factories import (
    in_work,
    make_callback,
    make_campaign,
    make_contact,
    make_request,
    offered,
    open_only_in,
    snapshot,
    story,
)

pytestmark = pytest.mark.django_db
M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def midnight(later=0):
    return clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + later * D


def closed(campaign, **fields):
    """A callback whose window closed a minute ago."""
    now = clock.now()
    times = {"callable_from": now - 5 * H, "callable_until": now - M, "due": -4 * H}
    return make_callback(campaign, **{**times, **fields})


def rolled(callback):
    return Callback.objects.get(pk=callback.pk)


def test_it_moves_to_its_next_window_and_the_promise_stays(campaign):
    open_only_in(campaign, 2, 5)
    callback = closed(campaign)
    assert roll_windows() == 1
    after = rolled(callback)
    assert (after.callable_from, after.callable_until) == (midnight(2), midnight(3))
    assert after.due_at == callback.due_at
    told = callback.events.order_by("id").last()
    assert (told.name, told.reason, told.actor_kind) == ("roll", "Its window closed", "system")


@pytest.mark.parametrize("until", [timedelta(seconds=1), 3 * H, None])
def test_a_window_that_is_open_or_has_no_end_is_left_alone(campaign, until):
    now = clock.now()
    make_callback(campaign, callable_until=until and now + until)
    before = snapshot()
    assert roll_windows() == 0
    assert snapshot() == before


def test_a_window_ends_at_its_end(campaign):
    open_only_in(campaign, 2)
    make_callback(campaign, callable_until=clock.now())  # half-open: this instant is outside
    assert roll_windows() == 1


@pytest.mark.parametrize(
    ("zones", "why"), [((), ZONE_UNKNOWN), (("Europe/London", "Asia/Tokyo"), NO_HOURS)]
)
def test_without_a_next_window_a_person_is_asked(campaign, zones, why):
    open_only_in(campaign)
    campaign.hours.create(weekday=0, opens=0, closes=1)
    Campaign.objects.update(zone="")  # one minute in London and in Tokyo at once: never
    callback = closed(campaign, contact=make_contact(zones=zones))
    assert roll_windows() == 1
    after = rolled(callback)
    assert (after.callable_from, after.callable_until, after.attention) == (None, None, why)
    assert after.state == "scheduled"
    assert roll_windows() == 0


@pytest.mark.parametrize(
    ("flag", "left"),
    [(NO_HOURS, ""), (ZONE_UNKNOWN, ""), ("Rejected 3×: Not now", "Rejected 3×: Not now")],
)
def test_a_window_puts_right_only_what_a_window_puts_right(campaign, flag, left):
    open_only_in(campaign, 2)
    callback = closed(campaign, attention=flag)
    roll_windows()
    assert rolled(callback).attention == left


@pytest.mark.parametrize("hands", [offered, in_work])
def test_what_an_agent_has_in_hand_is_not_moved(campaign, agent, hands):
    open_only_in(campaign, 2)
    callback = closed(campaign)
    hands(agent, callback)
    before = snapshot()
    assert roll_windows() == 0
    assert snapshot() == before


def test_one_called_now_is_called_first_thing_in_the_next_window(campaign):
    callback = make_callback(campaign, due=9 * D, callable_in=9 * D)
    call_now(callback.pk, agent_id=None, actor=SYSTEM)
    open_only_in(campaign, 2)
    Callback.objects.update(callable_from=clock.now() - 3 * H, callable_until=clock.now())
    assert roll_windows() == 1
    after = rolled(callback)
    assert (after.callable_from, after.priority) == (midnight(2), 1000)


# --- the customer's own rule: as soon as possible, and times they chose


def test_as_soon_as_possible_keeps_its_place_whatever_is_computed_again(campaign):
    callback = request_callback(make_request(campaign)).callback
    before = snapshot()
    assert roll_contact(callback.contact_id, "Again") == 0
    assert snapshot() == before


def test_a_second_request_does_not_move_the_first_up_in_line(campaign):
    request = make_request(campaign)
    first = request_callback(request).callback
    earlier = make_callback(campaign, callable_in=-M)
    again = request_callback(replace(request, key=uuid4(), about="Also the bill"))
    assert again.merged
    line = Callback.objects.order_by("callable_from").values_list("pk", flat=True)
    assert list(line) == [earlier.pk, first.pk]
    assert rolled(first).callable_from == first.callable_from
    assert story(first) == ["request", "merge"]


def test_as_soon_as_possible_that_was_not_kept_rolls_on(campaign):
    callback = request_callback(make_request(campaign)).callback
    open_only_in(campaign, 3)
    Callback.objects.update(callable_from=clock.now() - H, callable_until=clock.now() - M)
    assert roll_windows() == 1
    after = rolled(callback)
    assert (after.callable_from, after.due_at) == (midnight(3), callback.due_at)
    assert (after.promised_from, after.promised_until) == (
        callback.promised_from, callback.promised_until,
    )  # fmt: skip


def test_a_chosen_time_is_callable_from_five_minutes_before(campaign):
    wall = (clock.now() + 5 * H).replace(tzinfo=None, second=0, microsecond=0)
    callback = request_callback(make_request(campaign, wish=Wish(wall, "UTC"))).callback
    assert callback.callable_from == callback.due_at - 5 * M
    before = snapshot()
    assert roll_contact(callback.contact_id, "Again") == 0
    assert snapshot() == before


def chosen(campaign, since):
    """A promise of half an hour that began so long ago, at a time that the customer chose."""
    now = clock.now()
    start = now - since
    return make_callback(
        campaign, due=-since, own_time=True, promised_from=start,
        promised_until=start + 30 * M, callable_from=start - 5 * M, callable_until=max(now, start),
    )  # fmt: skip


@pytest.mark.parametrize("since", [-20 * M, 10 * M])
def test_a_chosen_time_that_is_honoured_stays_callable_outside_the_window(since):
    campaign = make_campaign(honours_own_time=True)
    open_only_in(campaign, 3)
    callback = chosen(campaign, since)
    assert roll_contact(callback.contact_id, "Again") == 1
    after = rolled(callback)
    assert (after.callable_from, after.callable_until) == (
        callback.promised_from - 5 * M, callback.promised_until,
    )  # fmt: skip


@pytest.mark.parametrize(("honours", "since"), [(True, 31 * M), (False, 10 * M)])
def test_after_it_and_where_it_is_not_honoured_ordinary_hours_hold(honours, since):
    campaign = make_campaign(honours_own_time=honours)
    open_only_in(campaign, 3)
    callback = chosen(campaign, since)
    assert roll_windows() == 1
    assert rolled(callback).callable_from == midnight(3)
