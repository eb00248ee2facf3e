"""Beside its events a story shows the calls, what is open with the contact, and their history."""

import re
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts import clock
from contacts.models import Intent, Interaction
from tests.agentdesk.pages import story_page, words
from tests.factories import make_attempt, make_callback

D, H = timedelta(days=1), timedelta(hours=1)


def told(client, callback):
    return words(story_page(client, callback))


def test_calls_context_and_history_stand_in_the_story(supervisor, campaign, agent):
    callback = make_callback(campaign, case={"Account": "LE-88213"})
    make_attempt(callback, "busy", ago=2 * H, agent=agent.user)
    now = clock.now()
    Intent.objects.create(contact=callback.contact, name="Refund waiting", opened_at=now - D)
    Interaction.objects.create(
        contact=callback.contact, channel="call_in", at=now - D, subject="Double charge",
        summary="Asked for one back", with_whom="Tomasz Reuter", seconds=372,
    )  # fmt: skip
    text = told(supervisor, callback)
    assert re.search(r"Calls 1 .*Busy Ada", text)
    for said in ("Refund waiting", "Asked for one back", "Account LE-88213", "6:12"):
        assert said in text


def test_without_any_nothing_is_drawn_empty(supervisor, campaign):
    text = told(supervisor, make_callback(campaign))
    assert "Calls" not in text
    assert "History" not in text
    assert "Nothing is open." in text


def test_a_long_story_takes_no_more_statements(supervisor, campaign, agent):
    short, long = make_callback(campaign), make_callback(campaign, ending="11")
    for n in range(9):
        make_attempt(long, "busy", ago=(n + 1) * D, agent=agent.user)
        Interaction.objects.create(
            contact=long.contact, channel="chat", at=clock.now() - n * D, subject="S", summary="T"
        )
    taken = []
    for callback in (short, short, long):
        with CaptureQueriesContext(connection) as statements:
            told(supervisor, callback)
        taken.append(len(statements))
    assert taken[2] <= taken[1]
