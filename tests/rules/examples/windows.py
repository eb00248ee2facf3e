"""Calling windows worked out by hand: the tests check each, docs/rules/windows.md shows them."""

from dataclasses import dataclass, field
from datetime import date

from campaigns.rules.hours import ALWAYS, DEFAULT_QUIET_HOURS, QuietProfile
from campaigns.rules.windows import Window
from tests.law import law, window_of
from tests.rules.plain import WEEKDAYS, hours

LONDON, PARIS, LISBON = "Europe/London", "Europe/Paris", "Europe/Lisbon"
NEW_YORK, LOS_ANGELES = "America/New_York", "America/Los_Angeles"

FEDERAL = QuietProfile("US federal", hours((8, 21)))
FLORIDA = QuietProfile("Florida", hours((8, 20)))
FRENCH = QuietProfile("France", hours((10, 13), (14, 20), days=WEEKDAYS))


def under(*profiles: QuietProfile, zone: str = LONDON, country: str = "") -> Window:
    """A campaign that is always open, and these profiles where the contact is."""
    return window_of(ALWAYS, "", profiles, (zone,), country)


@dataclass(frozen=True)
class Opening:
    """A window and the spans in which it is open from ``since`` on; all instants are UTC.

    ``why`` holds the arithmetic. ``moments`` are single instants: open or closed.
    """

    title: str
    hours: str
    window: Window
    since: str
    spans: tuple[tuple[str, str], ...]
    why: str
    moments: tuple[tuple[str, bool], ...] = field(default=())


OPENINGS = (
    Opening(
        "New York, the clocks go forward",
        "quiet hours 08:00–21:00, Saturday to Sunday",
        under(FEDERAL, zone=NEW_YORK),
        "2026-03-07 12:00",
        (("2026-03-07 13:00", "2026-03-08 01:55"), ("2026-03-08 12:00", "2026-03-09 00:55")),
        "On Saturday the offset is −5: 08:00 is 13:00 UTC, and 20:55 is 01:55 UTC of the next day. "
        "On Sunday at 02:00 it becomes −4, and the same hours are 12:00 and 00:55 UTC. A stored "
        "offset would go on calling until 21:55 on Sunday.",
        (("2026-03-08 11:59:59", False), ("2026-03-08 12:00:00", True)),
    ),
    Opening(
        "New York, hours that begin inside the gap",
        "campaign hours 01:30–02:30, on the contact's clock",
        window_of(hours((1.5, 2.5)), "", law(ALWAYS), (NEW_YORK,)),
        "2026-03-07 06:00",
        (
            ("2026-03-07 06:30", "2026-03-07 07:30"),
            ("2026-03-08 06:30", "2026-03-08 07:00"),
            ("2026-03-09 05:30", "2026-03-09 06:30"),
        ),
        "On 8 March 01:59:59 is followed by 03:00. 01:30 is 06:30 UTC; the half hour from 02:00 to "
        "02:30 never comes, so the window is 30 minutes long and ends at 07:00 UTC.",
    ),
    Opening(
        "New York, the same hours in the fold",
        "campaign hours 01:30–02:30, on the contact's clock",
        window_of(hours((1.5, 2.5)), "", law(ALWAYS), (NEW_YORK,)),
        "2026-11-01 05:00",
        (("2026-11-01 05:30", "2026-11-01 06:00"), ("2026-11-01 06:30", "2026-11-01 07:30")),
        "On 1 November the hour from 01:00 to 02:00 comes twice. 01:30–02:00 is open the first "
        "time (05:30–06:00 UTC), 01:00–01:30 is closed the second time, and 01:30–02:30 is open "
        "again (06:30–07:30 UTC): 90 minutes in two pieces.",
        (("2026-11-01 06:00:00", False), ("2026-11-01 06:29:59", False)),
    ),
    Opening(
        "France, a midday break",
        "quiet hours 10:00–13:00 and 14:00–20:00, Monday to Friday",
        under(FRENCH, zone=PARIS),
        "2026-11-20 06:00",
        (
            ("2026-11-20 09:00", "2026-11-20 11:55"),
            ("2026-11-20 13:00", "2026-11-20 18:55"),
            ("2026-11-23 09:00", "2026-11-23 11:55"),
        ),
        "Paris is an hour ahead of UTC. Each end stops five minutes early, the one at noon as well "
        "as the one in the evening. Friday the 20th is followed by Monday the 23rd.",
        (
            ("2026-11-20 11:54:59", True),
            ("2026-11-20 11:55:00", False),
            ("2026-11-20 13:00:00", True),
        ),
    ),
    Opening(
        "Florida and the federal rule",
        "08:00–21:00 by federal rule, 08:00–20:00 by Florida's",
        under(FEDERAL, FLORIDA, zone=NEW_YORK),
        "2026-11-20 06:00",
        (("2026-11-20 13:00", "2026-11-21 00:55"),),
        "Both hold for a Miami number, and what is in both is 08:00–20:00: open until 19:55 "
        "(00:55 UTC). A New York number has the federal rule alone, until 20:55.",
        (("2026-11-21 00:54:59", True), ("2026-11-21 00:55:00", False)),
    ),
    Opening(
        "A public holiday",
        "quiet hours 08:00–21:00, and the campaign keeps British holidays",
        under(country="GB"),
        "2026-04-02 06:00",
        (("2026-04-02 07:00", "2026-04-02 19:55"), ("2026-04-04 07:00", "2026-04-04 19:55")),
        "3 April 2026 is Good Friday: the whole local date is closed. London is an hour ahead of "
        "UTC in April.",
    ),
    Opening(
        "A number that may be in two zones",
        "quiet hours 08:00–21:00 in New York and in Los Angeles",
        window_of(ALWAYS, "", law(DEFAULT_QUIET_HOURS), (NEW_YORK, LOS_ANGELES)),
        "2026-11-20 06:00",
        (("2026-11-20 16:00", "2026-11-21 01:55"),),
        "Both have to be open. Los Angeles opens last, at 08:00 there (16:00 UTC); New York closes "
        "first, at 20:55 there (01:55 UTC).",
    ),
    Opening(
        "A campaign with a zone of its own",
        "campaign hours 09:00–17:00 in London, quiet hours 08:00–21:00 in New York",
        window_of(hours((9, 17)), LONDON, law(DEFAULT_QUIET_HOURS), (NEW_YORK,)),
        "2026-11-20 06:00",
        (("2026-11-20 13:00", "2026-11-20 17:00"), ("2026-11-21 13:00", "2026-11-21 17:00")),
        "The contact may be called from 08:00 on (13:00 UTC), and the campaign closes at 17:00 in "
        "London (17:00 UTC). Campaign hours have no margin.",
        (("2026-11-20 16:59:59", True), ("2026-11-20 17:00:00", False)),
    ),
    Opening(
        "A rule that changes at midnight",
        "18:00–24:00 until 20 November, 00:00–06:00 from the 21st on",
        under(
            QuietProfile("Evenings", hours((18, 24)), last_day=date(2026, 11, 20)),
            QuietProfile("Mornings", hours((0, 6)), first_day=date(2026, 11, 21)),
        ),
        "2026-11-20 12:00",
        (("2026-11-20 18:00", "2026-11-21 05:55"), ("2026-11-22 00:00", "2026-11-22 05:55")),
        "Each holds by local date, first and last day included. The two touch at midnight, so "
        "there is no end there and nothing stops early.",
        (("2026-11-20 23:57:00", True), ("2026-11-21 17:00:00", False)),
    ),
)


@dataclass(frozen=True)
class Due:
    """When the machine may dial for a promise: quiet hours 08:00–21:00 in London, lead 5 minutes.

    ``due``, ``now`` and the span are UTC, which is London's clock in November.
    """

    due: str
    now: str
    span: tuple[str, str]
    why: str


DUES = (
    Due("2026-11-20 10:00", "2026-11-20 09:00", ("2026-11-20 09:55", "2026-11-20 20:55"),
        "from the lead before the promise to the end of the window that covers it"),
    Due("2026-11-20 08:03", "2026-11-20 07:00", ("2026-11-20 08:00", "2026-11-20 20:55"),
        "07:58 would be before the window"),
    Due("2026-11-20 20:54", "2026-11-20 09:00", ("2026-11-20 20:49", "2026-11-20 20:55"),
        "the window ends a minute after the promise"),
    Due("2026-11-20 07:00", "2026-11-20 06:00", ("2026-11-20 08:00", "2026-11-20 20:55"),
        "due while it is closed: the window after it"),
    Due("2026-11-20 20:55", "2026-11-20 09:00", ("2026-11-21 08:00", "2026-11-21 20:55"),
        "at 20:55:00 it is closed: tomorrow's window"),
    Due("2026-11-20 10:00", "2026-11-20 12:00", ("2026-11-20 09:55", "2026-11-20 20:55"),
        "overdue, its window is still open"),
    Due("2026-11-20 10:00", "2026-11-20 20:55", ("2026-11-21 08:00", "2026-11-21 20:55"),
        "overdue, its window has closed: rolled to the next one; the promise does not move"),
    Due("2026-11-18 10:00", "2026-11-20 12:00", ("2026-11-20 08:00", "2026-11-20 20:55"),
        "two days late: the window that is open now"),
)  # fmt: skip


@dataclass(frozen=True)
class NextDay:
    """The wall time of a promise on the contact's next calling day; times on their own clock."""

    case: str
    window: Window
    due: str
    moved: str | None
    why: str
    now: str = ""  # the same as ``due`` where nothing is said
    fold: int = 0


DEFAULT, FRANCE, ALWAYS_NY = (
    under(),
    under(FRENCH, zone=PARIS),
    under(QuietProfile("Always", ALWAYS), zone=NEW_YORK),
)
NEXT_DAYS = (
    NextDay("London", DEFAULT, "2026-11-20 10:00", "2026-11-21 10:00", "the day after"),
    NextDay("London, overdue", DEFAULT, "2026-11-17 10:00", "2026-11-21 10:00",
            "the day after today, not after the promise", now="2026-11-20 15:00"),
    NextDay("London, not due yet", DEFAULT, "2026-11-24 10:00", "2026-11-25 10:00",
            "the day after the promise", now="2026-11-20 15:00"),
    NextDay("London, before hours", DEFAULT, "2026-11-20 07:00", "2026-11-21 08:00",
            "moved into that day's window"),
    NextDay("London, after hours", DEFAULT, "2026-11-20 22:00", "2026-11-22 08:00",
            "22:00 on the 21st is after its hours, so the window after that"),
    NextDay("France, a Friday", FRANCE, "2026-11-20 10:30", "2026-11-23 10:30",
            "Saturday and Sunday are no calling days"),
    NextDay("France, at midday", FRANCE, "2026-11-19 13:30", "2026-11-20 14:00",
            "moved over the midday break"),
    NextDay("London, before Good Friday", under(country="GB"), "2026-04-02 10:00",
            "2026-04-04 10:00", "the holiday is no calling day"),
    NextDay("New York, into the gap", ALWAYS_NY, "2026-03-07 02:30", "2026-03-08 03:30",
            "02:30 does not exist on 8 March: it takes the offset before the gap"),
    NextDay("New York, into the fold", ALWAYS_NY, "2026-10-31 01:30", "2026-11-01 01:30",
            "01:30 comes twice on 1 November: the second one counts", fold=1),
    NextDay("Santiago, where midnight does not exist",
            under(QuietProfile("Always", ALWAYS), zone="America/Santiago"),
            "2026-09-05 00:30", "2026-09-06 01:30", "24:00 reads 01:00 on 6 September"),
    NextDay("New York or Los Angeles",
            window_of(ALWAYS, "", law(DEFAULT_QUIET_HOURS), (NEW_YORK, LOS_ANGELES)),
            "2026-11-20 10:00", "2026-11-21 11:00", "10:00 in New York is 07:00 in Los Angeles"),
    NextDay("No common hour", window_of(hours((0, 1)), "", law(DEFAULT_QUIET_HOURS), (LONDON,)),
            "2026-11-20 10:00", None, "no calling hours in two weeks"),
)  # fmt: skip
