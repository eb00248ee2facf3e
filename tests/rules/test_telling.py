"""Every event has its words, and they say why and whereto."""

from datetime import UTC, datetime

import pytest

from callbacks.rules.states import Event
from callbacks.rules.telling import WORDS, what, whereto, why

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
MONDAY = "2026-11-23T08:00:00+00:00"


def test_every_event_has_words_of_its_own():
    assert set(WORDS) == set(Event)
    assert len(set(WORDS.values())) == len(WORDS)


@pytest.mark.parametrize(
    ("event", "reason", "data", "heading", "beside"),
    [
        ("request", "", {"about": "Meter"}, "Callback asked for", []),
        ("reject", "Needs another skill", {}, "Rejected", ["Needs another skill"]),
        ("retry", "no_answer: retry 1 of 3", {"outcome": "no_answer"}, "Next call planned",
         ["No answer: retry 1 of 3"]),
        ("retry", "busy: retry 2 of 5", {"outcome": "busy"}, "Next call planned",
         ["Busy: retry 2 of 5"]),
        ("done", "The contact answered", {"outcome": "answered"}, "Done",
         ["The contact answered"]),
        ("reschedule", "Asked by mail", {"from": NOW, "to": MONDAY}, "Rescheduled",
         ["Asked by mail", "to Mon 23 Nov, 09:00"]),
        ("reschedule", "", {"to": "2026-11-22T08:00:00+00:00"}, "Rescheduled",
         ["to tomorrow 09:00"]),
        ("skip", "", {"outcome": "busy", "to": MONDAY}, "Retry skipped",
         ["to Mon 23 Nov, 09:00"]),
        ("roll", "Its window closed", {"callable_from": MONDAY},
         "Waits for the next calling window",
         ["Its window closed", "callable from Mon 23 Nov, 09:00"]),
        ("roll", "Its window closed", {"callable_from": None},
         "Waits for the next calling window", ["Its window closed"]),
        ("roll", "Released to any agent", {}, "Released to any agent", []),
        ("roll", "Zone not known", {}, "Zone not known", []),
        ("note", "The call is of unknown fate", {}, "The call is of unknown fate", []),
        ("note", "", {}, "Noted", []),
        ("bump", "", {"from": 0, "to": 1}, "Moved in line", ["up"]),
        ("bump", "", {"from": 1, "to": -1}, "Moved in line", ["down"]),
        ("call_again", "Agreed with the contact",
         {"outcome": "answered", "wall": "2026-11-24 14:30:00", "zone": "Asia/Tokyo"},
         "Another time agreed", ["Agreed with the contact", "for Tue 24 Nov, 14:30 in Tokyo"]),
        ("call_again", "The customer named another time", {"outcome": "busy"},
         "Another time agreed", ["The customer named another time"]),
        ("undo", "", {"of": "call_now", "event": 3}, "Undone: put first in line", []),
        ("undo", "", {"of": "skip", "to": MONDAY}, "Undone: retry skipped",
         ["to Mon 23 Nov, 09:00"]),
    ],
)  # fmt: skip
def test_it_is_told(event, reason, data, heading, beside):
    name = Event(event)
    assert what(name, reason, data) == heading
    told = (why(name, reason, data), whereto(name, data, "Europe/Berlin", NOW))
    assert [text for text in told if text] == beside
