"""Write the tables of docs/rules from the rules and from the examples that test them.

``python -m tests.rules.write_docs`` fills what stands between ``<!-- generated: NAME -->`` and
``<!-- end -->`` in each file; the prose around is written by hand.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from callbacks.rules.gate import Allowed, Blocked, decide, inputs
from callbacks.rules.states import FINAL, TRANSITIONS, Event, State
from callbacks.rules.words import retry_label
from callbacks.rules.words import verdict as in_words
from campaigns.places import EVERY_DAY, PLACES, WEEKDAYS, WEEKEND, Place
from campaigns.rules.policy import length
from campaigns.rules.retry import DEFAULT_POLICIES, Ending, Outcome
from contacts.rules.timezones import city
from tests.rules.examples import gate, retries, windows
from tests.rules.examples.states import EVENTS, STATES
from tests.rules.plain import local, reads, utc

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "rules"
BLOCK = re.compile(r"<!-- generated: ([\w-]+) -->\n.*?<!-- end -->", re.DOTALL)


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; a bar inside a cell would end it, so there may be none."""
    lines = [list(heads), *[[str(cell) for cell in row] for row in rows]]
    assert not any("|" in cell for line in lines for cell in line)
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


# --- states.md ---


def states() -> str:
    return table(
        ["state", "", "means"],
        [(f"`{one}`", "final" if one in FINAL else "active", STATES[one]) for one in State],
    )


def diagram() -> str:
    lines = ["stateDiagram-v2", f"    [*] --> {State.SCHEDULED}: {Event.REQUEST}"]
    arrows: dict[tuple[State, State], list[str]] = {}
    for (start, event), end in TRANSITIONS.items():
        arrows.setdefault((start, end), []).append(event.replace("_", " "))
    lines += [
        f"    {start} --> {end}: {' · '.join(events)}" for (start, end), events in arrows.items()
    ]
    return "\n".join(["```mermaid", *lines, "```"])


def transitions() -> str:
    rows = [
        (f"`{start}`", f"`{event}`", f"`{end}`", EVENTS[event])
        for (start, event), end in TRANSITIONS.items()
    ]
    return table(
        ["from", "event", "to", "when"],
        [("–", "`request`", "`scheduled`", EVENTS[Event.REQUEST]), *rows],
    )


# --- gate.md ---


def order() -> str:
    return table(
        ["", "reason", "for example", "until", "the desk and the queue say"],
        [
            (number, f"`{one.reason}`", one.fact, _until(one), one.words)
            for number, one in enumerate(gate.BLOCKED, 1)
        ],
    )


def allowed() -> str:
    return table(
        ["for example", "until", "the desk and the queue say"],
        [(one.fact, _until(one), one.words) for one in gate.ALLOWED],
    )


def _until(example: gate.Example) -> str:
    verdict = decide(example.facts)
    assert isinstance(verdict, Allowed | Blocked)
    return f"{reads(verdict.until, windows.LISBON)} there" if verdict.until else "–"


def kept() -> str:
    facts = gate.BLOCKED[5].facts
    words = in_words(decide(facts), windows.LISBON, facts.now, callable_from=None).text
    data = json.dumps(inputs(facts), default=str, indent=2)
    # Lists of numbers on one line: they are pairs.
    data = re.sub(r"\[\s+(\d+),\s+(\d+)\s+\]", r"[\1, \2]", data)
    return f"{words}:\n\n```json\n{data}\n```"


# --- windows.md ---


def places() -> str:
    return table(
        ["rule", "for", "hours", "caps", "in use"],
        [
            (one.name, _whom(one), _hours(one), _caps(one), "yes" if one.in_use else "no")
            for one in PLACES
        ],
    )


def _whom(place: Place) -> str:
    if not place.place:
        return f"`{place.region}`"
    return f"`{place.place}`, numbers with one of {len(place.prefixes)} prefixes"


_DAYS = {EVERY_DAY: "daily", WEEKDAYS: "Mon–Fri", WEEKEND: "Sat, Sun", range(5, 6): "Sat"}


def _hours(place: Place) -> str:
    return (
        "; ".join(
            f"{_DAYS[days]} "
            + " and ".join(f"{_clock(one)}–{_clock(other)}" for one, other in pairs)
            for days, pairs in place.hours.items()
        )
        or "–"
    )


def _clock(hour: float) -> str:
    return f"{int(hour):02d}:{round(hour % 1 * 60):02d}"


def _caps(place: Place) -> str:
    return (
        ", ".join(
            f"{dials} in {length(timedelta(hours=span))}" for span, dials in place.caps.items()
        )
        or "–"
    )


def openings() -> str:
    return "\n\n".join(_opening(one) for one in windows.OPENINGS)


def _opening(example: windows.Opening) -> str:
    zones = example.window.zones
    rows = [
        [f"{starts} – {ends[11:]}", *(_stretch(starts, ends, zone) for zone in zones)]
        for starts, ends in example.spans
    ]
    parts = [
        f"### {example.title}",
        f"{example.hours[0].upper()}{example.hours[1:]}.",
        table(["open, UTC", *(city(zone) for zone in zones)], rows),
        example.why,
    ]
    if example.moments:
        found = "; ".join(
            f"{_seconds(text, zones[0])} is {'open' if is_open else 'closed'}"
            for text, is_open in example.moments
        )
        parts.append(f"On the clock of {city(zones[0])}: {found}.")
    return "\n\n".join(parts)


def _stretch(starts: str, ends: str, zone: str) -> str:
    """On the clock of the zone, and by which of its times: ``Sun 1 Nov 01:30 EDT – 01:00 EST``."""
    opens, closes = (utc(one).astimezone(ZoneInfo(zone)) for one in (starts, ends))
    first, last = reads(opens, zone), reads(closes, zone)
    if opens.date() == closes.date():
        last = last.rsplit(" ", 1)[1]
    changed = "" if opens.tzname() == closes.tzname() else f" {opens:%Z}"
    return f"{first}{changed} – {last} {closes:%Z}"


def _seconds(text: str, zone: str) -> str:
    found = reads(utc(text), zone)
    return found if found.count(":") == 2 else f"{found}:00"


def dues() -> str:
    return table(
        ["due", "now", "the machine may dial", ""],
        [
            (_short(one.due), _short(one.now), " – ".join(_short(end) for end in one.span), one.why)
            for one in windows.DUES
        ],
    )


def _short(text: str) -> str:
    return reads(utc(text), "UTC")


def next_days() -> str:
    def cell(text: str | None, zone: str, fold: int = 0) -> str:
        return reads(local(text, zone, fold=fold), zone) if text else "none"

    return table(
        ["whose", "due", "today", "next calling day", ""],
        [
            (one.case, cell(one.due, one.window.zones[0]),
             cell(one.now or one.due, one.window.zones[0]),
             cell(one.moved, one.window.zones[0], one.fold), one.why)
            for one in windows.NEXT_DAYS
        ],
    )  # fmt: skip


# --- retries.md ---


def policy() -> str:
    def row(outcome: Outcome) -> tuple[str, str, object]:
        one = DEFAULT_POLICIES.get(outcome)
        if one is None:
            return outcome, "no retry", "–"
        return outcome, ", ".join(length(delay) for delay in one.delays), one.max_retries

    found = dict.fromkeys(one.outcome for one in retries.DEFAULT_TABLE)
    return table(["outcome", "delay", "max retries"], map(row, found))


def default_sentences() -> str:
    return "\n".join(f"- {one}" for one in retries.DEFAULT_SENTENCES)


def sentences() -> str:
    return table(
        ["outcome", "delays", "max retries", "reads"],
        [
            (one.outcome, ", ".join(map(length, one.delays)), one.max_retries, one.reads)
            for one in retries.SENTENCES
        ],
    )


def default_table() -> str:
    return "\n\n".join(_plan(one) for one in retries.DEFAULT_TABLE)


def other_plans() -> str:
    return "\n\n".join(_plan(one) for one in retries.OTHER_PLANS)


def _plan(plan: retries.Plan) -> str:
    end = f"“{plan.end}”. {plan.why}"
    if not plan.retries:
        return f"### {plan.title}\n\nNo retry: {end}"
    zones = [city(one) for one in plan.window.zones]
    clock = f"On the clock of {zones[0]}"
    if len(zones) > 1:
        clock += f"; the contact may be in {' or '.join(zones)}"
    heads = ["dial", "the queue says", "policy gives", "due"]
    return "\n\n".join(
        [f"### {plan.title}", f"{clock}:", table(heads, _dials(plan)), f"Then: {end}"]
    )


def _dials(plan: retries.Plan) -> Iterator[tuple[object, ...]]:
    zone = plan.window.zones[0]
    yield 1, "", "", f"ended {reads(utc(plan.ended), zone)}"
    for number, (given, moved) in enumerate(plan.retries, 1):
        label = retry_label(number, plan.policies[plan.outcome].max_retries)
        due = "the same" if moved == given else reads(utc(moved), zone)
        yield number + 1, label, reads(utc(given), zone), due


def counts() -> str:
    def leads(one: retries.Count) -> str:
        if isinstance(one.leads_to, Ending):
            return str(one.leads_to)
        return retry_label(one.leads_to, DEFAULT_POLICIES[one.outcome].max_retries)

    return table(
        ["story", "outcome", "dials with it", "skips", "dials in all", "cap", "leads to"],
        [
            (one.story, one.outcome, one.dials, one.skips, one.dials_in_all, one.dial_cap or "–",
             leads(one))
            for one in retries.COUNTS
        ],
    )  # fmt: skip


def skips() -> str:
    return table(
        ["skipped", "due", "now", "new time"],
        [
            (one.story, _short(one.due), _short(one.now),
             _short(one.moved) if one.moved else "exhausted")
            for one in retries.SKIPS
        ],
    )  # fmt: skip


WRITERS: dict[str, dict[str, Callable[[], str]]] = {
    "states.md": {"states": states, "diagram": diagram, "transitions": transitions},
    "gate.md": {"order": order, "allowed": allowed, "kept": kept},
    "windows.md": {"places": places, "openings": openings, "dues": dues, "next-days": next_days},
    "retries.md": {
        "policy": policy,
        "default-sentences": default_sentences,
        "default-table": default_table,
        "other-plans": other_plans,
        "counts": counts,
        "skips": skips,
        "sentences": sentences,
    },
}


def render(name: str, text: str) -> str:
    """The file with each block written anew. A block that nobody writes, or no file asks for, is
    a KeyError or a ValueError."""
    writers = WRITERS[name]
    missing = set(writers) - {found[1] for found in BLOCK.finditer(text)}
    if missing:
        raise ValueError(f"{name} has no block for {', '.join(sorted(missing))}")
    return BLOCK.sub(lambda found: _block(found[1], writers[found[1]]()), text)


def _block(name: str, content: str) -> str:
    return f"<!-- generated: {name} -->\n\n{content}\n\n<!-- end -->"


def files() -> Iterator[tuple[str, str, str]]:
    """Of each file: its name, what stands in it, and what should."""
    for name in WRITERS:
        text = (FOLDER / name).read_text()
        yield name, text, render(name, text)


def main() -> None:
    """Write what has changed."""
    for name, text, expected in files():
        if text != expected:
            (FOLDER / name).write_text(expected)
            sys.stdout.write(f"docs/rules/{name} written\n")


if __name__ == "__main__":
    main()
