"""Retries worked out by hand: the tests check each, docs/rules/retries.md shows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from campaigns.rules.hours import ALWAYS, DEFAULT_QUIET_HOURS
from campaigns.rules.retry import DEFAULT_POLICIES, Ending, Outcome, RetryPolicy
from campaigns.rules.windows import Window
from tests.law import law, window_of
from tests.rules.examples.windows import FEDERAL, FRENCH, LOS_ANGELES, NEW_YORK, PARIS, under

H, M = timedelta(hours=1), timedelta(minutes=1)
STEPS = {Outcome.BUSY: RetryPolicy((1 * H, 4 * H, 24 * H), 5)}
LONDON_HOURS, NEW_YORK_HOURS = under(), under(FEDERAL, zone=NEW_YORK)


@dataclass(frozen=True)
class Plan:
    """All retries after one dial, if each ended the same way on its minute. Instants are UTC.

    ``retries`` are pairs: the time that the policy gives, and that time moved into the window.
    ``end`` is why there is no other.
    """

    title: str
    outcome: Outcome
    ended: str
    retries: tuple[tuple[str, str], ...]
    end: str
    why: str
    window: Window = LONDON_HOURS
    policies: Mapping[Outcome, RetryPolicy] = field(default_factory=lambda: DEFAULT_POLICIES)
    dial_cap: int | None = None


DEFAULT_TABLE = (
    Plan(
        "Voicemail",
        Outcome.VOICEMAIL,
        "2026-11-17 10:02",
        (
            ("2026-11-18 10:02", "2026-11-18 10:02"),
            ("2026-11-19 10:02", "2026-11-19 10:02"),
            ("2026-11-20 10:02", "2026-11-20 10:02"),
        ),
        "All 3 retries are used up",
        "24 hours three times: four dials in all.",
    ),
    Plan(
        "No answer",
        Outcome.NO_ANSWER,
        "2026-11-17 20:50",
        (
            ("2026-11-18 20:50", "2026-11-18 20:50"),
            ("2026-11-19 20:50", "2026-11-19 20:50"),
            ("2026-11-20 20:50", "2026-11-20 20:50"),
        ),
        "All 3 retries are used up",
        "20:50 is inside the window, which ends at 20:55.",
    ),
    Plan(
        "Busy",
        Outcome.BUSY,
        "2026-11-17 19:30",
        (
            ("2026-11-17 20:30", "2026-11-17 20:30"),
            ("2026-11-17 21:30", "2026-11-18 08:00"),
            ("2026-11-18 09:00", "2026-11-18 09:00"),
            ("2026-11-18 10:00", "2026-11-18 10:00"),
            ("2026-11-18 11:00", "2026-11-18 11:00"),
        ),
        "All 5 retries are used up",
        "An hour five times: six dials in all. 21:30 is closed and moves to the next morning; the "
        "next hour counts from the dial that was made then.",
    ),
    Plan(
        "Network error",
        Outcome.NETWORK_ERROR,
        "2026-11-17 20:10",
        (
            ("2026-11-17 20:40", "2026-11-17 20:40"),
            ("2026-11-17 21:10", "2026-11-18 08:00"),
            ("2026-11-18 08:30", "2026-11-18 08:30"),
        ),
        "All 3 retries are used up",
        "Half an hour three times.",
    ),
    Plan(
        "Invalid number",
        Outcome.INVALID_NUMBER,
        "2026-11-17 10:02",
        (),
        "The number is not in service",
        "Never retried, whatever the policy says.",
    ),
    Plan(
        "Do-not-call request",
        Outcome.DNC_REQUEST,
        "2026-11-17 10:02",
        (),
        "The contact asked not to be called",
        "Never retried, whatever the policy says.",
    ),
    Plan(
        "An outcome without a row",
        Outcome.VOICEMAIL,
        "2026-11-17 10:02",
        (),
        "The policy has no retry for this outcome",
        "A policy that names only the busy line gives up after voicemail.",
        policies=STEPS,
    ),
)

OTHER_PLANS = (
    Plan(
        "Steps of delay",
        Outcome.BUSY,
        "2026-11-17 09:00",
        (
            ("2026-11-17 10:00", "2026-11-17 10:00"),
            ("2026-11-17 14:00", "2026-11-17 14:00"),
            ("2026-11-18 14:00", "2026-11-18 14:00"),
            ("2026-11-19 14:00", "2026-11-19 14:00"),
            ("2026-11-20 14:00", "2026-11-20 14:00"),
        ),
        "All 5 retries are used up",
        "1 h, 4 h, 24 h: step n for retry n, and the last one repeats.",
        policies=STEPS,
    ),
    Plan(
        "A cap on all dials",
        Outcome.BUSY,
        "2026-11-17 09:00",
        (("2026-11-17 10:00", "2026-11-17 10:00"), ("2026-11-17 11:00", "2026-11-17 11:00")),
        "The campaign dials a contact at most 3 times",
        "The policy would allow five retries; the third dial is the last that the cap allows.",
        dial_cap=3,
    ),
    Plan(
        "New York, the clocks go forward",
        Outcome.VOICEMAIL,
        "2026-03-07 15:00",
        (
            ("2026-03-08 15:00", "2026-03-08 15:00"),
            ("2026-03-09 15:00", "2026-03-09 15:00"),
            ("2026-03-10 15:00", "2026-03-10 15:00"),
        ),
        "All 3 retries are used up",
        "24 hours are 24 real hours: 10:00 on Saturday becomes 11:00 on Sunday.",
        window=NEW_YORK_HOURS,
    ),
    Plan(
        "New York, the clocks go back",
        Outcome.VOICEMAIL,
        "2026-10-31 12:30",
        (
            ("2026-11-01 12:30", "2026-11-01 13:00"),
            ("2026-11-02 13:00", "2026-11-02 13:00"),
            ("2026-11-03 13:00", "2026-11-03 13:00"),
        ),
        "All 3 retries are used up",
        "08:30 on Saturday becomes 07:30 on Sunday, which is closed, and moves to 08:00.",
        window=NEW_YORK_HOURS,
    ),
    Plan(
        "France, over a weekend",
        Outcome.NO_ANSWER,
        "2026-11-20 11:50",
        (
            ("2026-11-21 11:50", "2026-11-23 09:00"),
            ("2026-11-24 09:00", "2026-11-24 09:00"),
            ("2026-11-25 09:00", "2026-11-25 09:00"),
        ),
        "All 3 retries are used up",
        "12:50 on Friday in Paris; Saturday is closed, so Monday at 10:00.",
        window=under(FRENCH, zone=PARIS),
    ),
    Plan(
        "Great Britain, over Christmas",
        Outcome.VOICEMAIL,
        "2026-12-24 10:00",
        (
            ("2026-12-25 10:00", "2026-12-27 08:00"),
            ("2026-12-28 08:00", "2026-12-29 08:00"),
            ("2026-12-30 08:00", "2026-12-30 08:00"),
        ),
        "All 3 retries are used up",
        "The 25th and 26th are holidays, and the 28th is one because the 26th is a Saturday.",
        window=under(country="GB"),
    ),
    Plan(
        "New York or Los Angeles",
        Outcome.NETWORK_ERROR,
        "2026-11-21 01:20",
        (
            ("2026-11-21 01:50", "2026-11-21 01:50"),
            ("2026-11-21 02:20", "2026-11-21 16:00"),
            ("2026-11-21 16:30", "2026-11-21 16:30"),
        ),
        "All 3 retries are used up",
        "20:50 in New York is still open; 21:20 is not, and both are open again at 11:00 there, "
        "when it is 08:00 in Los Angeles.",
        window=window_of(ALWAYS, "", law(DEFAULT_QUIET_HOURS), (NEW_YORK, LOS_ANGELES)),
    ),
)
PLANS = DEFAULT_TABLE + OTHER_PLANS


@dataclass(frozen=True)
class Count:
    """What counts for the next retry: dials and skips with this outcome, dials of any kind.

    ``leads_to`` is the number of the retry that follows, or how the callback ends.
    """

    story: str
    outcome: Outcome
    dials: int
    skips: int
    dials_in_all: int
    leads_to: int | Ending
    dial_cap: int | None = None


COUNTS = (
    Count("The first dial was busy", Outcome.BUSY, 1, 0, 1, 1),
    Count("Three busy lines, then the first voicemail", Outcome.VOICEMAIL, 1, 0, 4, 1),
    Count("Two dials without an answer and one retry skipped", Outcome.NO_ANSWER, 2, 1, 2, 3),
    Count("Three dials and one skip: four of four used", Outcome.NO_ANSWER, 3, 1, 3,
          Ending.EXHAUSTED),
    Count("The first dial and three retries", Outcome.NO_ANSWER, 4, 0, 4, Ending.EXHAUSTED),
    Count("Two dials of at most three", Outcome.BUSY, 1, 0, 2, 1, dial_cap=3),
    Count("Three dials of at most three", Outcome.BUSY, 1, 0, 3, Ending.EXHAUSTED, dial_cap=3),
    Count("A skip is no dial: the cap has room", Outcome.BUSY, 2, 1, 2, 3, dial_cap=3),
    Count("Answered at the cap", Outcome.ANSWERED, 1, 0, 3, Ending.COMPLETED, dial_cap=3),
)  # fmt: skip


@dataclass(frozen=True)
class Skip:
    """A waiting retry after no answer is skipped at ``now``; instants are UTC.

    ``used`` counts dials and skips before this one. ``moved`` is the new time, None: exhausted.
    """

    story: str
    due: str
    now: str
    used: int
    moved: str | None


SKIPS = (
    Skip("Retry 1 of 3, before its time", "2026-11-20 10:02", "2026-11-19 15:00", 1,
         "2026-11-21 10:02"),
    Skip("Retry 1 of 3, overdue", "2026-11-20 10:02", "2026-11-20 15:00", 1, "2026-11-21 15:00"),
    Skip("Retry 2 of 3, at night", "2026-11-20 20:00", "2026-11-20 23:00", 2, "2026-11-22 08:00"),
    Skip("Retry 3 of 3, the last one", "2026-11-20 10:02", "2026-11-20 15:00", 3, None),
)  # fmt: skip


@dataclass(frozen=True)
class Sentence:
    """A policy and how it reads."""

    outcome: Outcome
    delays: tuple[timedelta, ...]
    max_retries: int
    reads: str


DEFAULT_SENTENCES = (
    "After voicemail, call again up to 3 times, 24 hours later each time; then give up.",
    "After no answer, call again up to 3 times, 24 hours later each time; then give up.",
    "After a busy line, call again up to 5 times, 1 hour later each time; then give up.",
    "After a network error, call again up to 3 times, 30 minutes later each time; then give up.",
    "After an invalid number, do not call again.",
    "After a do-not-call request, do not call again.",
)
SENTENCES = (
    Sentence(Outcome.BUSY, (1 * H, 4 * H, 24 * H), 5,
             "After a busy line, call again up to 5 times, after 1 hour, 4 hours and 24 hours; "
             "the last step repeats; then give up."),
    Sentence(Outcome.BUSY, (1 * H, 4 * H, 24 * H), 3,
             "After a busy line, call again up to 3 times, after 1 hour, 4 hours and 24 hours; "
             "then give up."),
    Sentence(Outcome.BUSY, (1 * H, 4 * H, 24 * H), 2,
             "After a busy line, call again twice, after 1 hour and 4 hours; then give up."),
    Sentence(Outcome.BUSY, (1 * H, 4 * H, 24 * H), 1,
             "After a busy line, call again once, 1 hour later; then give up."),
    Sentence(Outcome.NO_ANSWER, (90 * M,), 2,
             "After no answer, call again twice, 1 h 30 min later each time; then give up."),
    Sentence(Outcome.NO_ANSWER, (72 * H,), 1,
             "After no answer, call again once, 3 days later; then give up."),
    Sentence(Outcome.VOICEMAIL, (24 * H,), 0, "After voicemail, do not call again."),
    Sentence(Outcome.INVALID_NUMBER, (1 * H,), 3, "After an invalid number, do not call again."),
    Sentence(Outcome.DNC_REQUEST, (1 * H,), 3, "After a do-not-call request, do not call again."),
    Sentence(Outcome.ANSWERED, (1 * H,), 3, "After an answer, do not call again."),
)  # fmt: skip
