"""The source's filters of the queue: Overdue, Due Today, This Week, All Pending.

A customer names a Wednesday at 15:00 and a supervisor looks at the queue at many moments around it.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from agentdesk.actions import finish_work
from callbacks import queries
from callbacks.actions.intake import Wish, withdraw_request
from callbacks.actions.manage import cancel, complete
from callbacks.actions.offers import reject_offer
from callbacks.actions.sweeps import expire_stale
from callbacks.queue import SYSTEM
from campaigns.actions import pause, resume
from contacts import clock
from tests.conformance.floor import (
    LONDON,
    ask,
    dial,
    later,
    offer,
    row,
    says,
    supervisor,
    take,
    until_due,
    views,
    wish,
)
from tests.factories import make_agent, make_campaign

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOKYO, HONOLULU = "Asia/Tokyo", "Pacific/Honolulu"
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, SATURDAY, SUNDAY = 0, 1, 2, 3, 5, 6
ALL, WEEK, TODAY, OVERDUE = "all", "week", "today", "overdue"


def next_wednesday(zone=LONDON):
    """The date of the next Wednesday but today, on the clock of the zone."""
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    return today + timedelta(days=(WEDNESDAY - today.weekday() - 1) % 7 + 1)


def moment(weekday, text, zone=LONDON):
    """That weekday of the Wednesday's ISO week, at a time on the wall."""
    day = next_wednesday() + timedelta(days=weekday - WEDNESDAY)
    wall = datetime.combine(day, time.fromisoformat(text))
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def due_on_wednesday(campaign):
    """A callback that the customer wants on the Wednesday at 15:00 in London."""
    wall = datetime.combine(next_wednesday(), time(15))
    return ask(campaign, wish=Wish(wall, LONDON))


@pytest.mark.parametrize(
    ("weekday", "text", "tabs"),
    [
        (MONDAY - 1, "23:59:59.999999", {ALL}),  # Sunday: next week's
        (MONDAY, "00:00", {WEEK, ALL}),
        (TUESDAY, "23:59:59.999999", {WEEK, ALL}),
        (WEDNESDAY, "00:00", {TODAY, WEEK, ALL}),
        (WEDNESDAY, "14:59:59.999999", {TODAY, WEEK, ALL}),
        (WEDNESDAY, "15:00", {TODAY, WEEK, ALL}),  # due this moment: not past its time
        (WEDNESDAY, "15:00:00.000001", {OVERDUE, TODAY, WEEK, ALL}),  # in both
        (WEDNESDAY, "23:59:59.999999", {OVERDUE, TODAY, WEEK, ALL}),
        (THURSDAY, "00:00", {OVERDUE, ALL}),  # an earlier day's: no more "upcoming this week"
        (SUNDAY + 1, "00:00", {OVERDUE, ALL}),
        (SUNDAY + 20, "12:00", {OVERDUE, ALL}),  # days old, and still unprocessed
    ],
)
def test_each_filter_shows_what_the_source_says(campaign, weekday, text, tabs):
    assert views(due_on_wednesday(campaign), moment(weekday, text)) == tabs


@pytest.mark.parametrize(
    ("zone", "weekday", "text", "tabs"),
    [
        # 15:00 in London is Thursday in Tokyo, at 00:00 (in winter) or 23:00 on Wednesday.
        (HONOLULU, WEDNESDAY, "00:00", {TODAY, WEEK, ALL}),
        (HONOLULU, TUESDAY, "23:59", {WEEK, ALL}),
        (TOKYO, MONDAY, "00:00", {WEEK, ALL}),
        (TOKYO, MONDAY - 1, "23:59", {ALL}),
    ],
)
def test_today_and_the_week_run_on_the_viewers_clock(campaign, zone, weekday, text, tabs):
    callback = due_on_wednesday(campaign)
    assert views(callback, moment(weekday, text, zone), zone) == tabs


def test_the_week_ends_on_sunday_at_midnight(campaign):
    sunday = next_wednesday() + 4 * D
    callback = ask(campaign, wish=Wish(datetime.combine(sunday, time(23, 59)), LONDON))
    assert views(callback, moment(MONDAY, "00:00")) == {WEEK, ALL}
    assert views(callback, moment(SATURDAY, "23:59:59")) == {WEEK, ALL}
    assert views(callback, moment(SUNDAY, "00:00")) == {TODAY, WEEK, ALL}
    monday = ask(campaign, wish=Wish(datetime.combine(sunday + D, time(0)), LONDON))
    assert views(monday, moment(SUNDAY, "23:59:59")) == {ALL}


def test_the_counts_are_those_of_the_lists(campaign):
    for hours in (1, 2, 30, 24 * 8):
        ask(campaign, wish=wish(timedelta(hours=hours)))
    later(timedelta(hours=1, minutes=30))
    for zone in (LONDON, TOKYO, HONOLULU):
        day = queries.day_of(clock.now(), zone)
        counted = queries.counts(day)
        assert {view: queries.in_view(view, day).count() for view in counted} == counted
        assert counted[ALL] == 4
        assert counted[OVERDUE] == 1


def test_every_list_begins_with_the_most_urgent(campaign):
    asked = [ask(campaign, wish=wish(timedelta(hours=hours))) for hours in (30, 2, 9)]
    day = queries.day_of(clock.now(), LONDON)
    listed = [one.pk for one in queries.in_view(ALL, day)]
    assert listed == [asked[1].pk, asked[2].pk, asked[0].pk]


# --- "all unprocessed callbacks"


def accepted(campaign, agent, simulator):
    callback = ask(campaign)
    take(agent, callback)
    return callback


def rejected(campaign, agent, simulator):
    callback = ask(campaign)
    work = offer(agent)
    reject_offer(callback_id=callback.pk, agent_id=agent.pk, version=work.version, reason="not_now")
    return callback


def just_offered(campaign, agent, simulator):
    callback = ask(campaign)
    assert offer(agent)
    return callback


def done_with(code, ending="10"):
    def brought(campaign, agent, simulator):
        callback = ask(campaign, ending)
        work = take(agent, callback)
        dial(simulator, work)
        finish_work(work, says(callback, code))
        return callback

    return brought


def ended_by(act):
    def brought(campaign, agent, simulator):
        callback = ask(campaign)
        act(callback.pk)
        return callback

    return brought


def expired(campaign, agent, simulator):
    strict = make_campaign(expires_stale=True, stale_days=3)
    callback = ask(strict)
    until_due(callback)
    later(3 * D)
    assert expire_stale() == 0  # exactly three days are not more than three
    assert views(callback) == {OVERDUE, ALL}
    later(timedelta(microseconds=1))
    assert expire_stale() == 1
    return callback


@pytest.mark.parametrize(
    ("brought", "pending"),
    [
        (lambda campaign, *_: ask(campaign), True),
        (just_offered, True),
        (rejected, True),
        (done_with("voicemail", "01"), True),  # the retry waits
        (accepted, False),
        (done_with("resolved"), False),
        (done_with("wrong-number", "05"), False),
        (done_with("do-not-call"), False),
        (ended_by(lambda pk: cancel(pk, actor=SYSTEM)), False),
        (ended_by(lambda pk: complete(pk, actor=SYSTEM)), False),
        (ended_by(withdraw_request), False),
        (expired, False),
    ],
    ids=[
        "waiting", "offered", "rejected", "retry", "accepted", "answered", "wrong number", "dnc",
        "cancelled", "marked complete", "withdrawn", "expired",
    ],
)  # fmt: skip
def test_all_pending_shows_what_is_unprocessed(campaign, agent, simulator, brought, pending):
    callback = brought(campaign, agent, simulator)
    callback.refresh_from_db()
    assert (ALL in views(callback)) is pending
    assert (row(supervisor(), callback) is not None) is pending


# --- "callbacks can become overdue if the campaign was paused"


def test_while_a_campaign_is_paused_its_callbacks_go_overdue_and_say_why(campaign, agent):
    callback = ask(campaign, wish=wish(2 * H))
    pause(campaign, by="Priya Nair")
    until_due(callback)
    later(H)
    assert offer(agent) is None
    assert OVERDUE in views(callback)
    assert "Campaign paused by Priya Nair" in row(supervisor(), callback, "overdue")
    resume(campaign)
    assert offer(agent).callback_id == callback.pk


def test_a_paused_campaign_leaves_the_others_alone(campaign, agent):
    other = make_campaign()
    pause(campaign, by="Priya Nair")
    callback = ask(other)
    assert offer(make_agent(campaign, other)).callback_id == callback.pk
