"""Hours, quiet rules, zones or tzdata change: windows are computed again (RULES 4)."""

from datetime import timedelta

import pytest
import tzdata
from django.db import connection, transaction

from callbacks.actions import windows
from callbacks.actions.offers import reject_offer
from callbacks.actions.windows import roll_contact, work_off_hours_changes
from callbacks.models import Callback
from callbacks.rules.attention import NO_HOURS
from campaigns.actions import note_tzdata
from campaigns.models import CallingHours, Campaign, HoursChange, QuietRule, RuleBook
from contacts import clock
from contacts.models import Contact
from tests.factories import (
    in_work,
    make_callback,
    make_campaign,
    make_contact,
    offered,
    open_only_in,
    snapshot,
    story,
)

pytestmark = pytest.mark.django_db
M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def work_off():
    """Work off all changes; returns how many callbacks were looked at."""
    looked = 0
    while HoursChange.objects.filter(finished_at=None).exists():
        looked += work_off_hours_changes()
    return looked


@pytest.fixture
def three(campaign):
    """Three callbacks whose windows are what they should be, and nothing left to compute."""
    found = [make_callback(campaign, contact=make_contact(zones=("UTC",))) for _ in range(3)]
    HoursChange.objects.create(reason="To begin with")
    work_off()
    HoursChange.objects.all().delete()
    return found


def starts(callbacks):
    found = dict(Callback.objects.values_list("pk", "callable_from"))
    return [found[one.pk] for one in callbacks]


def midnight(later):
    return clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + later * D


def asked():
    """What has to be computed again, by campaign and region."""
    waiting = HoursChange.objects.filter(finished_at=None)
    return list(waiting.order_by("pk").values_list("campaign_id", "region", "reason"))


# --- what asks for it


def more_hours(campaign):
    open_only_in(campaign, 2)


def fewer_hours(campaign):
    CallingHours.objects.bulk_create(
        CallingHours(campaign=campaign, weekday=day, opens=0, closes=1440) for day in range(7)
    )
    HoursChange.objects.all().delete()
    campaign.hours.first().delete()


def other_hours(campaign):
    hours = campaign.hours.create(weekday=0, opens=0, closes=1440)
    HoursChange.objects.all().delete()
    hours.closes = 60
    hours.save()


@pytest.mark.parametrize("change", [fewer_hours, other_hours])
def test_any_change_of_campaign_hours_asks_for_it(campaign, three, change):
    change(campaign)
    assert asked() == [(campaign.pk, "", "Calling hours changed")]


@pytest.mark.parametrize(
    ("column", "value"),
    [("zone", "Asia/Tokyo"), ("lead_minutes", 9), ("keeps_holidays", True),
     ("honours_own_time", True)],
)  # fmt: skip
def test_a_campaigns_setting_that_moves_windows_asks_for_it(campaign, three, column, value):
    Campaign.objects.filter(pk=campaign.pk).update(**{column: value})
    assert asked() == [(campaign.pk, "", "The campaign's settings changed")]


def test_a_setting_that_moves_no_window_does_not(campaign, three):
    Campaign.objects.update(handle_seconds=99, dials=False, script="Hello", zone="", stale_days=9)
    assert asked() == []


@pytest.mark.parametrize("change", ["add", "edit", "unused", "delete", "hours", "dates"])
def test_any_change_of_a_quiet_rule_asks_for_its_region(campaign, three, change):
    rule = QuietRule.objects.create(name="A law", region="FR")
    rule.hours.create(weekday=0, opens=0, closes=60)
    if change != "add":
        HoursChange.objects.all().delete()
    match change:
        case "edit":
            QuietRule.objects.filter(pk=rule.pk).update(prefixes=["+33"])
        case "unused":
            QuietRule.objects.filter(pk=rule.pk).update(in_use=False)
        case "delete":
            rule.delete()
        case "hours":
            rule.hours.update(closes=120)
        case "dates":
            QuietRule.objects.filter(pk=rule.pk).update(last_day=clock.now().date())
    assert asked() == [(None, "FR", "Quiet hours changed")]


def test_a_rule_that_moves_to_another_region_concerns_both(campaign, three):
    rule = QuietRule.objects.create(name="A law", region="FR")
    HoursChange.objects.all().delete()
    QuietRule.objects.filter(pk=rule.pk).update(region="BE")
    assert {region for _, region, _ in asked()} == {"FR", "BE"}


def test_hours_that_move_to_another_campaign_concern_both(campaign, three):
    other = make_campaign()
    hours = campaign.hours.create(weekday=0, opens=0, closes=1440)
    HoursChange.objects.all().delete()
    CallingHours.objects.filter(pk=hours.pk).update(campaign=other)
    assert {campaign_id for campaign_id, _, _ in asked()} == {campaign.pk, other.pk}


def test_many_rows_saved_at_once_are_one_change(campaign, three):
    for day in range(5):
        campaign.hours.create(weekday=day, opens=540, closes=1020)
    Campaign.objects.filter(pk=campaign.pk).update(zone="UTC")
    assert asked() == [(campaign.pk, "", "Calling hours changed")]


def test_a_change_that_is_rolled_back_asks_for_nothing(campaign, three):
    with transaction.atomic():
        campaign.hours.create(weekday=0, opens=0, closes=60)
        transaction.set_rollback(True)
    assert asked() == []


# --- what becomes of the callbacks


def test_the_campaigns_callbacks_move_and_no_others(campaign, three):
    other = make_callback(make_campaign())
    HoursChange.objects.all().delete()
    before = other.callable_from
    open_only_in(campaign, 2)
    assert work_off() == 3
    assert starts(three) == [midnight(2)] * 3
    assert starts([other]) == [before]
    assert [one.due_at for one in Callback.objects.filter(campaign=campaign)] == [
        one.due_at for one in three
    ]
    told = three[0].events.order_by("id").last()
    assert (told.name, told.reason, told.actor_kind) == (
        "roll", "The campaign's settings changed", "system",
    )  # fmt: skip


def test_a_quiet_rule_moves_people_of_its_region_alone(campaign, three):
    foreign = make_callback(campaign)
    foreign.number.region = "FR"
    foreign.number.save()
    rule = QuietRule.objects.create(name="A law", region="FR")
    HoursChange.objects.all().delete()
    before = starts(three)
    weekday = (clock.now() + 2 * D).weekday()
    rule.hours.create(weekday=weekday, opens=600, closes=700)
    assert work_off() == 1
    assert starts(three) == before
    after = Callback.objects.get(pk=foreign.pk)
    assert after.callable_from > clock.now()
    assert after.callable_from.weekday() == weekday


def test_another_zone_of_the_campaign_moves_its_hours(campaign, three):
    open_only_in(campaign, 2)
    work_off()
    Campaign.objects.filter(pk=campaign.pk).update(zone="Asia/Tokyo")
    work_off()
    assert starts(three) == [midnight(2) - 9 * H] * 3


def test_another_lead_moves_the_start_and_not_the_promise(campaign):
    callback = make_callback(campaign, due=3 * H, callable_in=3 * H - 5 * M)
    Campaign.objects.filter(pk=campaign.pk).update(lead_minutes=20)
    work_off()
    after = Callback.objects.get(pk=callback.pk)
    assert (after.callable_from, after.due_at) == (callback.due_at - 20 * M, callback.due_at)


def test_a_holiday_closes_the_day_once_the_campaign_keeps_it(campaign, three, monkeypatch):
    from campaigns.rules import hours

    today = clock.now().date()
    monkeypatch.setattr(hours, "is_holiday", lambda country, day: day == today)
    Campaign.objects.filter(pk=campaign.pk).update(keeps_holidays=True)
    work_off()
    assert starts(three) == [midnight(1)] * 3


def test_the_place_in_line_is_kept_where_the_window_did_not_move(campaign, three):
    HoursChange.objects.create(campaign=campaign, reason="For nothing")
    before = snapshot()
    assert work_off() == 3
    change = HoursChange.objects.get()
    assert (change.checked, change.changed) == (3, 0)
    assert snapshot() == before


@pytest.mark.parametrize("hands", [offered, in_work])
def test_what_an_agent_has_in_hand_is_left_alone(campaign, agent, three, hands):
    hands(agent, three[0])
    before = story(three[0])
    open_only_in(campaign, 2)
    assert work_off() == 2
    assert story(three[0]) == before


def test_hours_that_come_back_take_the_flag_away(campaign, three):
    Callback.objects.update(callable_from=None, callable_until=None, attention=NO_HOURS)
    HoursChange.objects.create(campaign=campaign, reason="Hours are back")
    assert work_off() == 3
    assert set(Callback.objects.values_list("attention", flat=True)) == {""}
    assert None not in starts(three)


def test_a_contact_who_moves_takes_their_callbacks_along(campaign, three):
    open_only_in(campaign, 2)
    Campaign.objects.filter(pk=campaign.pk).update(zone="")
    work_off()
    before = starts(three)
    elsewhere = make_callback(make_campaign(), contact=three[0].contact)
    Contact.objects.filter(pk=three[0].contact_id).update(zones=["Asia/Tokyo"])
    assert roll_contact(three[0].contact_id, "Zone of the contact") >= 1
    assert starts(three) == [before[0] - 9 * H, *before[1:]]
    assert story(elsewhere)[0] == "request"


# --- newer tzdata


@pytest.fixture
def installed(monkeypatch, three):
    RuleBook.objects.update(tzdata="2026a")
    return lambda version: monkeypatch.setattr(tzdata, "IANA_VERSION", version)


def test_a_newer_tzdata_asks_for_everything(installed):
    installed("2026b")
    assert note_tzdata()
    assert asked() == [(None, "", "tzdata 2026b")]
    assert RuleBook.objects.get().tzdata == "2026b"
    assert not note_tzdata()
    assert work_off() == 3


@pytest.mark.parametrize("version", ["2026a", "2025z"])
def test_the_same_or_an_older_tzdata_asks_for_nothing(installed, version):
    installed(version)
    assert not note_tzdata()
    assert asked() == []
    assert RuleBook.objects.get().tzdata == "2026a"


def test_the_first_start_asks_for_nothing(installed):
    RuleBook.objects.update(tzdata="")
    installed("2026b")
    assert note_tzdata()
    assert asked() == []


def test_the_beat_notices_a_newer_tzdata_by_itself(installed):
    installed("2026b")
    assert work_off_hours_changes() == 3
    assert HoursChange.objects.get().finished_at is not None


# --- progress, and workers that die


@pytest.fixture
def by_two(monkeypatch):
    monkeypatch.setattr(windows, "BATCH", 2)


def progress():
    change = HoursChange.objects.order_by("-pk").first()
    return change.checked, change.changed, change.total, change.finished_at is not None


def test_progress_can_be_seen_batch_by_batch(campaign, three, by_two):
    open_only_in(campaign, 2)
    change = HoursChange.objects.get()
    assert (change.started_at, change.total) == (None, None)
    assert work_off_hours_changes() == 2
    assert progress() == (2, 2, 3, False)
    assert starts(three)[2] != midnight(2)
    assert work_off_hours_changes() == 1
    assert progress() == (3, 3, 3, True)
    assert work_off_hours_changes() == 0


def test_a_change_without_callbacks_is_over_at_once(campaign, by_two):
    HoursChange.objects.all().delete()
    open_only_in(campaign, 2)
    assert work_off_hours_changes() == 0
    assert progress() == (0, 0, 0, True)


def test_the_batch_of_a_killed_worker_is_done_again_and_nothing_else(
    campaign, three, by_two, monkeypatch
):
    open_only_in(campaign, 2)
    work_off_hours_changes()
    first = [story(one) for one in three[:2]]
    with monkeypatch.context() as dying:
        dying.setattr(windows.notices, "tell_queue", lambda: 1 / 0)  # killed before the commit
        with pytest.raises(ZeroDivisionError):
            work_off_hours_changes()
    assert progress() == (2, 2, 3, False)
    assert starts(three)[2] != midnight(2)
    work_off()
    assert progress() == (3, 3, 3, True)
    assert starts(three) == [midnight(2)] * 3
    assert [story(one) for one in three[:2]] == first


def test_a_change_during_a_running_pass_starts_another_one(campaign, three, by_two):
    open_only_in(campaign, 2)
    work_off_hours_changes()
    open_only_in(campaign, 4)
    assert len(asked()) == 2
    work_off()
    assert starts(three) == [midnight(4)] * 3
    assert HoursChange.objects.filter(finished_at=None).count() == 0


def test_a_campaign_that_goes_takes_its_changes_along(campaign):
    HoursChange.objects.all().delete()
    gone = make_campaign()
    gone.hours.create(weekday=0, opens=0, closes=60)
    gone.delete()
    work_off()  # whatever is left concerns nobody and ends
    assert asked() == []


def test_a_rejected_offer_of_before_the_change_is_not_offered_in_the_quiet(campaign, agent, three):
    work = offered(agent, three[0])
    open_only_in(campaign, 2)
    work_off()
    reject_offer(callback_id=work.callback_id, agent_id=agent.pk, version=work.version,
                 reason="not_now")  # fmt: skip
    from agentdesk.matching import match_idle_agents
    from tests.factories import make_agent

    make_agent(campaign)
    assert match_idle_agents() == 0
    assert starts(three) == [midnight(2)] * 3


def test_the_edition_rises_with_every_rule_and_never_comes_back(campaign, three):
    def edition():
        with connection.cursor() as cursor:
            cursor.execute("SELECT edition FROM rule_book")
            return cursor.fetchone()[0]

    before = edition()
    with transaction.atomic():
        campaign.hours.create(weekday=0, opens=0, closes=60)
        rolled_back = edition()
        transaction.set_rollback(True)
    assert edition() == before
    campaign.hours.create(weekday=0, opens=0, closes=60)
    assert edition() > rolled_back > before
