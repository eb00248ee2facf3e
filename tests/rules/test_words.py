"""How times, promises and verdicts read (the words of the design language)."""

from datetime import datetime, timedelta

import pytest

from callbacks.rules.gate import Allowed, Blocked, Reason
from callbacks.rules.words import (
    OUTCOMES,
    age,
    day_and_time,
    duration,
    moment,
    promise,
    retry_label,
    stale,
    talked,
    verdict,
)
from campaigns.rules.retry import Outcome

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = datetime.fromisoformat("2026-11-20 08:30+00:00")  # a Friday
LISBON = "Europe/Lisbon"


def test_talk_is_counted_in_whole_seconds_from_the_answer():
    assert talked(NOW, NOW + timedelta(seconds=6, milliseconds=900)) == 6
    assert talked(NOW, NOW) == 0
    assert talked(None, NOW) is None
    assert talked(NOW, None) is None


def test_the_table_of_words():
    assert promise(NOW - 26 * M, None, NOW, 5 * M).text == "Overdue 26 min"
    assert duration(2 * H + 29 * M) == "2 h 29"
    assert retry_label(2, 3) == "Retry 2 of 3"
    closed = Blocked(Reason.CLOSED, NOW + 30 * M)
    text = verdict(closed, LISBON, NOW, callable_from=None).text
    assert text == "Not before 09:00 in Lisbon: quiet hours"


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "under 1 min"),
        (timedelta(seconds=59), "under 1 min"),
        (1 * M, "1 min"),
        (8 * M + timedelta(seconds=59), "8 min"),  # whole minutes, never rounded up
        (59 * M, "59 min"),
        (1 * H, "1 h"),
        (1 * H + 5 * M, "1 h 05"),
        (2 * H + 29 * M, "2 h 29"),
        (47 * H + 59 * M, "47 h 59"),
        (48 * H, "2 d"),
        (4 * D + 23 * H, "4 d"),
    ],
)
def test_durations_read_in_minutes_hours_and_days(length, words):
    assert duration(length) == words


@pytest.mark.parametrize(
    ("instant", "zone", "words"),
    [
        ("2026-11-20 09:15+00:00", LISBON, "09:15"),  # today
        ("2026-11-20 09:15+00:00", "America/New_York", "04:15"),
        ("2026-11-16 14:00+00:00", LISBON, "Mon 16 Nov, 14:00"),
        ("2026-11-20 23:30+00:00", "Asia/Tokyo", "Sat 21 Nov, 08:30"),  # tomorrow over there
        ("2026-11-20 00:30+00:00", "America/New_York", "Thu 19 Nov, 19:30"),
        ("2028-02-01 09:00+00:00", LISBON, "Tue 1 Feb 2028, 09:00"),  # far away: with its year
    ],
)
def test_a_moment_is_read_on_the_clock_of_the_zone(instant, zone, words):
    assert moment(datetime.fromisoformat(instant), zone, NOW) == words


@pytest.mark.parametrize(
    ("ago", "words"),
    [(8 * M, "8 min"), (3 * H, "3 h"), (47 * H, "47 h"), (2 * D, "2 days"), (9 * D, "9 days")],
)
def test_an_age_is_in_whole_days_from_the_second_on(ago, words):
    assert age(NOW - ago, NOW) == words


@pytest.mark.parametrize(
    ("due", "promised_from", "words", "tone"),
    [
        (-26 * M, None, "Overdue 26 min", "overdue"),
        (-timedelta(seconds=1), None, "Overdue under 1 min", "overdue"),
        (timedelta(0), None, "Due in under 1 min", "due"),  # not overdue before its second is over
        (2 * H, None, "Due in 2 h", "due"),
        (20 * M, -10 * M, "20 min left", "due"),  # inside the promised window
        (5 * M, -10 * M, "5 min left", "risk"),  # within the lead: at risk
        (6 * M, -10 * M, "6 min left", "due"),
        (2 * H, 1 * H, "Due in 2 h", "due"),  # its window has not begun
        (-1 * M, -30 * M, "Overdue 1 min", "overdue"),
    ],
)
def test_a_promise_says_how_late_it_is_or_how_long_is_left(due, promised_from, words, tone):
    start = NOW + promised_from if promised_from is not None else None
    chip = promise(NOW + due, start, NOW, 5 * M)
    assert (chip.text, chip.tone) == (words, tone)


@pytest.mark.parametrize(
    ("found", "callable_from", "words"),
    [
        (Allowed(NOW + 12 * H), None, "Callable now, until 20:30 in Lisbon"),
        (Allowed(NOW + 25 * H), None, "Callable now"),  # no end within a day
        (Allowed(None), None, "Callable now"),
        (Allowed(None, by_wish=True), None, "Callable now: the customer chose this time"),
        (Allowed(NOW + 12 * H), NOW - H, "Callable now, until 20:30 in Lisbon"),
        (Allowed(NOW + 12 * H), NOW + H, "Callable from 09:30 in Lisbon"),
        (Blocked(Reason.CLOSED, NOW + 30 * M), None, "Not before 09:00 in Lisbon: quiet hours"),
        (
            Blocked(Reason.CLOSED, NOW + 3 * D),
            None,
            "Not before Mon 23 Nov, 08:30 in Lisbon: quiet hours",
        ),
        (Blocked(Reason.CLOSED), None, "No calling hours in the next two weeks"),
        (Blocked(Reason.CAMPAIGN_PAUSED), None, "Campaign paused by Priya Nair"),
        (Blocked(Reason.DO_NOT_CALL), None, "Must not be called: do not call"),
        (Blocked(Reason.INVALID_NUMBER), None, "The number is not in service"),
        (Blocked(Reason.ZONE_UNKNOWN), None, "Zone not known: choose one to allow the call"),
    ],
)
def test_a_verdict_says_what_until_when_and_why(found, callable_from, words):
    chip = verdict(found, LISBON, NOW, paused_by="Priya Nair", callable_from=callable_from)
    assert chip.text == words


def test_a_pause_by_nobody_we_know_is_still_a_pause():
    paused = Blocked(Reason.CAMPAIGN_PAUSED)
    assert verdict(paused, LISBON, NOW, callable_from=None).text == "Campaign paused"


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words_an_icon_and_a_tone(reason):
    chip = verdict(Blocked(reason), LISBON, NOW, callable_from=None)
    assert chip.text
    assert chip.icon
    assert chip.tone in {"overdue", "risk", "neutral"}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_words(outcome):
    assert OUTCOMES[outcome][0].isupper()


@pytest.mark.parametrize(("number", "words"), [(0, ""), (1, "Retry 1 of 3"), (3, "Retry 3 of 3")])
def test_before_the_first_retry_there_is_nothing_to_count(number, words):
    assert retry_label(number, 3) == words


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (3 * D, None),  # exactly three days: not yet
        (3 * D + M, "Stale, 3 days"),
        (4 * D + 5 * H, "Stale, 4 days"),
    ],
)
def test_a_promise_is_stale_after_more_than_its_days(late, words):
    found = stale(NOW - late, NOW, 3)
    assert (found.text if found else None) == words


@pytest.mark.parametrize(
    ("late", "days", "words"),
    [(H, 0, "Stale, 1 h"), (D + H, 1, "Stale, 1 day")],
)
def test_a_short_patience_is_said_in_its_own_unit(late, days, words):
    assert stale(NOW - late, NOW, days).text == words


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(H, "09:30"), (D, "tomorrow 08:30"), (3 * D, "Mon 23 Nov, 08:30"), (-D, "Thu 19 Nov, 08:30")],
)
def test_a_time_inside_a_sentence(ahead, words):
    assert day_and_time(NOW + ahead, LISBON, NOW) == words
