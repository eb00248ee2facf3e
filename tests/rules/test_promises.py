"""When the machine may dial for a promise: chosen times, "as soon as possible", new times."""

from datetime import timedelta

import pytest

from callbacks.rules.attention import NO_HOURS
from callbacks.rules.promises import (
    PERSONAL_GRACE,
    Promise,
    callable_columns,
    new_time,
    reserved,
    span_of,
)
from campaigns.rules.hours import DEFAULT_QUIET_HOURS
from tests.law import law, window_of
from tests.rules.examples.windows import LONDON, under
from tests.rules.plain import hours, span, utc

LEAD = timedelta(minutes=5)
WINDOW = under()  # 08:00–20:55 in London, which is UTC in November
NEVER = window_of(hours((0, 1)), "", law(DEFAULT_QUIET_HOURS), (LONDON,))


def day(text):
    return utc(f"2026-11-{text}") if text else None


@pytest.mark.parametrize(
    ("due", "promised_from", "own_until", "now", "starts", "ends"),
    [
        # a time of the machine, or one that the customer chose inside the window
        ("20 10:00", None, None, "20 09:00", "20 09:55", "20 20:55"),
        ("20 10:00", "20 10:00", "20 10:30", "20 09:00", "20 09:55", "20 20:55"),
        # chosen outside it and honoured: from the lead before it to the end of what was promised
        ("20 22:00", "20 22:00", "20 22:30", "20 09:00", "20 21:55", "20 22:30"),
        ("20 22:00", "20 22:00", "20 22:30", "20 22:29:59", "20 21:55", "20 22:30"),
        # that has passed: an ordinary callback, the next window
        ("20 22:00", "20 22:00", "20 22:30", "20 22:30", "21 08:00", "21 20:55"),
        # chosen outside and not honoured: the next window
        ("20 22:00", "20 22:00", None, "20 09:00", "21 08:00", "21 20:55"),
        # chosen just before it opens: its own time first, then the window that opened meanwhile
        ("20 07:45", "20 07:45", "20 08:15", "20 07:00", "20 07:40", "20 08:15"),
        ("20 07:45", "20 07:45", "20 08:15", "20 08:15", "20 08:00", "20 20:55"),
        # chosen inside, and its window closes before it was kept
        ("20 20:50", "20 20:50", None, "20 20:55", "21 08:00", "21 20:55"),
        # as soon as possible: asked at 10:00, promised by 10:40; no lead before the asking
        ("20 10:40", "20 10:00", None, "20 10:00", "20 10:00", "20 20:55"),
        ("20 10:40", "20 10:00", None, "20 10:50", "20 10:00", "20 20:55"),  # late: place kept
        # asked shortly before the end: the window of the asking counts, not that of the deadline
        ("20 21:10", "20 20:40", None, "20 20:41", "20 20:40", "20 20:55"),
        ("20 21:10", "20 20:40", None, "20 20:55", "21 08:00", "21 20:55"),
        # asked at night where the campaign honours that: until the deadline
        ("20 22:40", "20 22:00", "20 22:40", "20 22:10", "20 22:00", "20 22:40"),
        ("20 22:40", "20 22:00", "20 22:40", "20 22:40", "21 08:00", "21 20:55"),
    ],
)
def test_the_machine_may_dial_within_the_promise(due, promised_from, own_until, now, starts, ends):
    promise = Promise(day(due), day(promised_from), LEAD, day(own_until))
    assert span_of(promise, WINDOW, day(now)) == span(f"2026-11-{starts}", f"2026-11-{ends}")


def test_without_calling_hours_a_promise_is_never_callable():
    promise = Promise(day("20 10:00"), None, LEAD)
    assert span_of(promise, NEVER, day("20 09:00")) is None
    assert callable_columns(None) == {"callable_from": None, "callable_until": None}


def test_an_own_time_is_kept_even_where_no_window_ever_opens():
    promise = Promise(day("20 10:00"), day("20 10:00"), LEAD, day("20 10:30"))
    found = span_of(promise, NEVER, day("20 09:00"))
    assert found == span("2026-11-20 09:55", "2026-11-20 10:30")
    assert span_of(promise, NEVER, day("20 10:30")) is None


def test_a_new_time_is_the_machines_and_no_longer_the_customers():
    columns = new_time(WINDOW, day("20 10:00"), LEAD, day("20 09:00"))
    assert columns == {
        "due_at": day("20 10:00"),
        "callable_from": day("20 09:55"),
        "callable_until": day("20 20:55"),
        "promised_from": None,
        "promised_until": None,
        "own_time": False,
        "said_wall": "",
        "attention": "",
    }


@pytest.mark.parametrize(
    ("due", "starts"),
    [
        ("20 22:00", "21 08:00"),  # at night: due stays, the machine dials in the morning
        ("20 08:02", "20 08:00"),
        ("19 10:00", "20 08:00"),  # in the past: today's window
    ],
)
def test_a_new_time_outside_the_window_stays_due_and_is_callable_later(due, starts):
    columns = new_time(WINDOW, day(due), LEAD, day("20 07:00"))
    assert (columns["due_at"], columns["callable_from"]) == (day(due), day(starts))


def test_a_new_time_without_calling_hours_asks_for_a_person():
    columns = new_time(NEVER, day("20 10:00"), LEAD, day("20 09:00"))
    assert (columns["callable_from"], columns["callable_until"]) == (None, None)
    assert columns["attention"] == NO_HOURS


@pytest.mark.parametrize(
    ("due", "now", "until"),
    [
        ("20 10:00", "20 09:00", "20 10:15"),  # a quarter of an hour past due
        ("20 10:00", "20 10:00", "20 10:15"),
        ("20 10:00", "20 11:00", "20 11:15"),  # reserved when it was overdue already
    ],
)
def test_a_personal_callback_waits_for_its_agent_until_the_grace_is_over(due, now, until):
    assert timedelta(minutes=15) == PERSONAL_GRACE
    assert reserved(7, day(due), day(now)) == {"reserved_for_id": 7, "reserved_until": day(until)}


def test_a_callback_of_nobody_waits_for_nobody():
    found = reserved(None, day("20 10:00"), day("20 09:00"))
    assert found == {"reserved_for_id": None, "reserved_until": None}
