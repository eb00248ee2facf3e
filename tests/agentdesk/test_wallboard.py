"""The wallboard's figures against a count by hand, its words, and who may see it."""

import random
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agentdesk import actions, wallboard
from agentdesk.tiles import Tile, wall
from agentdesk.wallboard import figures
from callbacks import queries, queue
from callbacks.actions.outcomes import WrapUp
from callbacks.models import Callback, CallbackEvent
from callbacks.rules.states import Event
from callbacks.rules.words import Chip
from campaigns.models import Campaign, Disposition
from contacts import clock
from tests.agentdesk.pages import HTMX, words
from tests.agentdesk.walls import ADDRESS, ZONE, H, M, S, now_shown, put, tiles
from tests.conformance.floor import later
from tests.factories import (
    in_work,
    make_agent,
    make_callback,
    make_user,
    offered,
    snapshot,
)


def close(work):
    """The agent presses Done: handled."""
    campaign = Callback.objects.get(pk=work.callback_id).campaign
    resolved = Disposition.objects.get(campaign=campaign, code="resolved")
    actions.finish_work(work, WrapUp(resolved))


# --- who may see it


@pytest.mark.parametrize(
    ("roles", "status"),
    [(["supervisor"], 200), (["administrator"], 200), (["agent"], 403), ([], 403), (None, 302)],
)
def test_the_wallboard_is_for_supervisors(campaign, roles, status):
    make_callback(campaign)
    client = Client()
    if roles is not None:
        client.force_login(make_user(*roles))
    before = snapshot()
    response = client.get(ADDRESS)
    assert response.status_code == status
    assert (b"Overdue now" in response.content) is (status == 200)
    if status == 302:
        assert response["Location"].startswith(reverse("account_login"))
    assert client.post(ADDRESS).status_code == 405
    assert snapshot() == before


def test_supervisors_find_it_and_agents_do_not(supervisor, agent):
    link = f'href="{reverse("wallboard")}"'
    assert supervisor.get(reverse("queue")).content.decode().count(link) == 2  # bar and menu
    client = Client()
    client.force_login(agent.user)
    assert link not in client.get(reverse("desk")).content.decode()


def test_htmx_gets_what_changes_alone(supervisor, campaign):
    page = supervisor.get(ADDRESS, headers=HTMX).content.decode()
    assert page.lstrip().startswith("<h1")
    assert "<html" not in page
    assert 'id="tile-overdue"' in page


# --- what waits


def kind_of(callback, now):
    """By hand, what the machine may do with a pending callback."""
    if callback.state == "offered":
        return "offered"
    if not callback.campaign.dials:
        return "paused"
    if callback.callable_from is None:
        return "closed"
    return "callable" if callback.callable_from <= now else "later"


def counted(callbacks, now):
    found = {}
    for one in callbacks:
        kind = kind_of(one, now)
        found[kind] = found.get(kind, 0) + 1
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_figures_are_those_of_a_count_by_hand(make_campaign, seed):
    dice = random.Random(seed)
    campaigns = [make_campaign(handle_seconds=seconds) for seconds in (120, 240, 600)]
    put(campaigns[2], dials=False)
    # The edges themselves are among them: this very moment, a quarter of an hour, the hour.
    dues = [
        timedelta(),
        -S,
        15 * M,
        15 * M - S,
        H,
        H - S,
        *(dice.randint(-90, 90) * M for _ in range(40)),
    ]
    for due in dues:
        callable_in = dice.choice([None, timedelta(), -9 * M, 3 * M])
        make_callback(dice.choice(campaigns), due=due, callable_in=callable_in)
    for _ in range(4):
        offered(make_agent(*campaigns), make_callback(campaigns[0], due=dice.randint(-9, 9) * M))
        in_work(make_agent(*campaigns), make_callback(campaigns[1], due=dice.randint(-9, 9) * M))
    now = clock.now()
    found = figures(now, ZONE)
    pending = [
        one
        for one in Callback.objects.select_related("campaign").order_by("due_at", "id")
        if one.state in ("scheduled", "offered")
    ]
    late = [one for one in pending if one.due_at < now]
    soon = [one for one in pending if now <= one.due_at < now + H]
    assert {kind: one.count for kind, one in found.overdue.groups.items()} == counted(late, now)
    assert {kind: one.count for kind, one in found.next_hour.groups.items()} == counted(soon, now)
    assert found.next_hour.at_risk == sum(one.due_at < now + 15 * M for one in soon)
    callable_now = [one for one in late if kind_of(one, now) == "callable"]
    assert found.longest == callable_now[0]
    average = round(sum(one.campaign.handle_seconds for one in soon) / len(soon))
    assert len(found.agents) == 8
    assert found.places == 8 * 3600 * 85 // (100 * average)


def test_the_tiles_lead_to_as_many_rows_as_they_say(supervisor, campaign):
    for due in (-40 * M, -2 * M, 5 * M, 14 * M, 16 * M, 59 * M, 61 * M):
        make_callback(campaign, due=due)
    put(make_callback(campaign, due=-50 * M), callable_from=None)
    make_agent(campaign)
    shown = tiles()
    assert [shown[key].value for key in ("overdue", "at-risk", "next-hour")] == ["3", "2", "4"]
    for key, count in {"overdue": 3, "longest": 2, "at-risk": 2, "next-hour": 4}.items():
        page = supervisor.get(shown[key].href)
        assert page.content.decode().count('class="row-check"') == count


def test_beyond_the_cap_a_count_is_cut_and_the_earliest_is_still_right(campaign, monkeypatch):
    monkeypatch.setattr(queries, "COUNT_CAP", 3)
    for minutes in range(1, 4):
        make_callback(campaign, due=-minutes * M)
    assert tiles()["overdue"].value == "3"
    oldest = make_callback(campaign, due=-H)
    make_callback(campaign, due=-2 * M)
    shown = tiles()
    assert shown["overdue"].value == "3+"
    assert shown["overdue"].why == "Of the earliest: 4 callable now"
    assert now_shown().longest == oldest


def test_where_nothing_may_be_called_the_longest_says_so(campaign):
    make_callback(campaign, due=-5 * M, callable_in=H)
    oldest = make_callback(campaign, due=-30 * M, callable_in=None)
    shown = tiles()["longest"]
    assert shown.name == "Longest overdue"
    assert shown.value == "30"
    assert shown.why == f"{oldest.contact}, {campaign}. None may be called now"
    assert shown.href == "/queue/?view=overdue"


@pytest.mark.parametrize(
    ("late", "value", "unit", "word"),
    [
        (30 * S, "0", "min", "On target"),
        (30 * M, "30", "min", "On target"),
        (30 * M + S, "30", "min", "At risk"),
        (45 * M, "45", "min", "At risk"),
        (45 * M + S, "45", "min", "Missed"),
        (2 * H + 29 * M, "2", "h 29", "Missed"),
        (96 * H, "4", "d", "Missed"),
    ],
)
def test_the_longest_wait_is_read_against_the_limit(campaign, late, value, unit, word):
    make_callback(campaign, due=-late)
    shown = tiles()["longest"]
    assert (shown.value, shown.unit, shown.chip.text) == (value, unit, word)
    assert shown.href == "/queue/?view=overdue&gate=callable"


def test_why_it_waits_is_told_by_number(campaign, make_campaign):
    paused = make_campaign()
    for _ in range(2):
        make_callback(paused)
    put(paused, dials=False)
    for callable_in in (None, H, -M, -M, -M):
        make_callback(campaign, callable_in=callable_in)
    assert (
        tiles()["overdue"].why == "3 callable now, 2 paused, 1 without a window, 1 callable later"
    )


@pytest.mark.parametrize(
    ("due", "word", "why"),
    [(11, "On target", "1 place still free"), (12, "On target", "0 places still free"),
     (13, "At risk", "1 more than there are places")],
)  # fmt: skip
def test_the_next_hour_is_held_against_the_places(campaign, due, word, why):
    make_agent(campaign)  # one agent, four minutes each: 12 places
    for _ in range(due):
        make_callback(campaign, due=30 * M, callable_in=25 * M)
    shown = tiles()["next-hour"]
    assert (shown.value, shown.unit) == (str(due), "of 12")
    assert (shown.chip.text, shown.why) == (word, why)


def test_with_nothing_due_the_places_follow_from_the_campaigns_that_dial(make_campaign):
    one = make_campaign(handle_seconds=100)
    put(make_campaign(handle_seconds=9000), dials=False)
    make_campaign(handle_seconds=300)
    make_agent(one)
    assert now_shown().places == 3600 * 85 // (100 * 200)
    Campaign.objects.update(dials=False)
    assert now_shown().places == 3600 * 85 // 100  # no campaign dials: as if each took a second
    Campaign.objects.update(handle_seconds=0, dials=True)
    assert wall(now_shown(), ZONE)["on_shift"] == 1


# --- promises kept


def test_a_promise_is_kept_by_an_accept_before_the_end_of_its_window(campaign):
    """30 minutes of the campaign for a machine's time; the customer's own window for theirs."""
    window = timedelta(minutes=campaign.window_minutes)
    # Due, and the end of the window where it was said, both as seen from the accept.
    cases = [
        (-window, None, True),  # at the very end
        (-window - S, None, False),
        (5 * M, None, True),
        (-H, -S, False),
        (-H, timedelta(), True),
    ]
    for due, until, _ in cases:
        work = in_work(make_agent(campaign), make_callback(campaign))
        close(work)
        at = CallbackEvent.objects.get(callback=work.callback_id, name="accept").at
        promised_until = None if until is None else at + until
        put(Callback(pk=work.callback_id), due_at=at + due, promised_until=promised_until)
    kept = now_shown().kept
    assert (kept.ended, kept.in_time) == (5, sum(in_time for *_, in_time in cases))
    assert kept.whole
    shown = tiles()["kept"]
    assert (shown.value, shown.unit, shown.why) == ("60", "%", "3 of 5, 2 late")
    assert shown.chip.text == "Missed"


def test_only_what_agents_closed_today_is_counted(campaign):
    close(in_work(make_agent(campaign), make_callback(campaign)))
    later(50 * H)
    assert now_shown().kept.ended == 0
    assert tiles()["kept"].value == "–"
    cancelled = make_callback(campaign)
    queue.move(cancelled.pk, Event.CANCEL, actor=queue.SYSTEM)
    in_work(make_agent(campaign), make_callback(campaign))
    again = in_work(make_agent(campaign), make_callback(campaign))
    queue.move(again.callback_id, Event.RETRY, actor=queue.SYSTEM)
    assert now_shown().kept.ended == 0
    close(in_work(make_agent(campaign), make_callback(campaign)))
    assert (now_shown().kept.ended, now_shown().kept.percent) == (1, 100)


def test_what_was_closed_and_reopened_no_longer_counts(campaign):
    work = in_work(make_agent(campaign), make_callback(campaign))
    close(work)
    queue.move(work.callback_id, Event.REOPEN, actor=queue.SYSTEM)
    assert now_shown().kept.ended == 0
    later(S)
    queue.move(work.callback_id, Event.COMPLETE, actor=queue.SYSTEM)  # by nobody at a desk
    assert now_shown().kept.ended == 0


def test_a_day_with_too_many_events_says_that_it_shows_the_latest(campaign, monkeypatch):
    close(in_work(make_agent(campaign), make_callback(campaign)))
    monkeypatch.setattr(wallboard, "LATEST_EVENTS", 3)
    close(in_work(make_agent(campaign), make_callback(campaign, due=-5 * H)))
    assert tiles()["kept"].why == "0 of the latest 1, 1 late"
    assert not now_shown().kept.whole


def test_a_share_just_below_is_not_rounded_up():
    kept = wallboard.Kept(10_000, 9_999, True)
    assert kept.percent == pytest.approx(99.99)


# --- next promises


def test_the_next_promises_are_those_to_come_with_those_in_hand(campaign):
    make_callback(campaign, due=-M)
    held = make_callback(campaign, due=5 * M)
    in_work(make_agent(campaign), held)
    soon, later_on = make_callback(campaign, due=8 * M), make_callback(campaign, due=34 * M)
    close(in_work(make_agent(campaign), make_callback(campaign, due=6 * M)))
    shown = wall(now_shown(), ZONE)["promises"]
    assert [one["callback"] for one in shown] == [held, soon, later_on]
    assert [(one["chip"].tone, one["chip"].text) for one in shown] == [
        ("due", "In hand"), ("risk", "8 min"), ("due", "34 min"),
    ]  # fmt: skip


def test_no_more_than_the_first_eight_are_named(campaign):
    rows = [make_callback(campaign, due=minutes * M) for minutes in range(12, 0, -1)]
    assert now_shown().coming == rows[::-1][:8]


# --- the page


@pytest.mark.parametrize(
    ("value", "unit", "long"),
    [("6", "", False), ("99.9", "%", False), ("14", "of 100", False), ("2", "h 29", False),
     ("148", "of 122", True), ("1,000+", "", True), ("1,000+", "of 2,040", True)],
)  # fmt: skip
def test_a_number_that_would_leave_its_column_is_smaller(value, unit, long):
    tile = Tile("next-hour", "Due next hour", value, unit, "", "", Chip("kept", "check", ""), "")
    assert tile.long is long


@pytest.mark.parametrize(
    ("agents", "summary"),
    [(0, "1 overdue, 0 agents ready"), (1, "1 overdue, 1 agent ready"),
     (2, "1 overdue, 2 agents ready")],
)  # fmt: skip
def test_one_summary_says_how_it_stands(supervisor, campaign, agents, summary):
    make_callback(campaign)
    for _ in range(agents):
        make_agent(campaign)
    assert f'data-summary="{summary}"' in supervisor.get(ADDRESS).content.decode()


def test_an_empty_floor_says_what_is_so(supervisor, campaign):
    page = words(supervisor.get(ADDRESS))
    for text in ("Nothing is overdue", "No promise waits for its time.", "Nothing closed yet today",
                 "No agent's desk is connected."):  # fmt: skip
        assert text in page


def test_what_it_costs_does_not_grow(
    supervisor, campaign, make_campaign, django_assert_num_queries
):
    def fill(count):
        for number in range(count):
            other = make_campaign()
            for minutes in (-30, 5, 90):
                make_callback(other, due=(minutes + number) * M)
            make_agent(other)
            in_work(make_agent(other), make_callback(other))
            offered(make_agent(other), make_callback(other))
            close(in_work(make_agent(other), make_callback(other)))

    fill(1)
    supervisor.get(ADDRESS)
    queries_of_one = 13
    with django_assert_num_queries(queries_of_one):
        assert supervisor.get(ADDRESS, headers=HTMX).status_code == 200
    fill(12)
    with django_assert_num_queries(queries_of_one):
        assert supervisor.get(ADDRESS, headers=HTMX).status_code == 200
