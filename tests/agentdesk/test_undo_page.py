"""What a supervisor did is offered to be taken back, for seconds, and only where it can be."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from agentdesk.verbs import VERBS
from callbacks import queue
from callbacks.actions.undo import SHOWN
from callbacks.models import Callback, CallbackEvent
from callbacks.queue import CHANGEABLE
from contacts import clock
from contacts.models import Contact
from tests.agentdesk.pages import HTMX, act, story_page, words
from tests.factories import (
    in_work,
    make_callback,
    make_contact,
    make_user,
    offered,
    snapshot,
    story,
)

D = timedelta(days=1)
FOR_SECONDS = [verb.name for verb in VERBS if verb.undone_at_once]
LISBON = {"reason": "Asked by letter", "scope": "everywhere", "zone": "Europe/Lisbon"}


def leila(campaign, **fields):
    retry = {"trigger_outcome": "no_answer", "retry_number": 1, "retry_max": 3}
    return make_callback(campaign, contact=make_contact("Leila Osei"), **retry | fields)


def fields_of(verb):
    day = f"{clock.now() + D:%Y-%m-%d}"
    return {"day": day, "time": "14:30"} if verb == "reschedule" else {}


def offer(response):
    """What the toast sends back when Undo is pressed; None where it offers nothing."""
    page = response.content.decode()
    named = re.search(r'name="events" value="([^"]*)"', page)
    ids = [int(one) for one in re.findall(r'name="ids" value="(\d+)"', page)]
    return (ids, unescape(named[1])) if named else None


def take_back(client, response):
    ids, events = offer(response)
    return act(client, "undo", *ids, events=events)


def columns(callback):
    row = Callback.objects.filter(pk=callback.pk)
    return row.values("state", *(set(CHANGEABLE) - {"callable_until"})).get()


def test_these_can_be_taken_back():
    assert set(FOR_SECONDS) == {
        "call-now", "reschedule", "skip", "reassign", "complete", "bump-up", "bump-down", "cancel",
    }  # fmt: skip
    assert timedelta(seconds=10) == SHOWN


@pytest.mark.parametrize("verb", FOR_SECONDS)
def test_each_is_taken_back_by_what_its_toast_offers(campaign, supervisor, agent, verb):
    callback = leila(campaign, reserved_for=agent.user, priority=2)
    before = columns(callback)
    done = act(supervisor, verb, callback, **fields_of(verb))
    assert columns(callback) != before
    assert 'class="toast"' in done.content.decode()
    assert 'seconds="10"' in done.content.decode()
    undone = take_back(supervisor, done)
    assert undone.status_code == 200
    assert "Undone: Leila Osei" in words(undone)
    assert "queue-changed" in undone["HX-Trigger-After-Swap"]
    assert columns(callback) == before
    assert "undo" in story(callback)
    assert offer(undone) is None


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("bump-up", "Undone: Leila Osei is in the middle of the line"),
        ("reassign", "Undone: Leila Osei waits for Ada"),
        ("cancel", "Undone: Leila Osei waits again, "),
    ],
)
def test_it_is_said_what_is_so_again(campaign, supervisor, agent, verb, said):
    callback = leila(campaign, reserved_for=agent.user)
    done = act(supervisor, verb, callback)
    assert said in words(take_back(supervisor, done))


def test_the_last_retry_skipped_is_taken_back(campaign, supervisor):
    callback = leila(campaign, retry_number=3)
    CallbackEvent.objects.bulk_create(
        CallbackEvent(
            callback=callback, name="skip", to_state="scheduled", actor_kind="system",
            data={"outcome": "no_answer"},
        )
        for _ in range(3)
    )  # fmt: skip
    done = act(supervisor, "skip", callback)
    assert "it was the last retry" in words(done)
    take_back(supervisor, done)
    callback.refresh_from_db()
    assert (callback.state, callback.retry_number) == ("scheduled", 3)


def test_of_a_selection_all_that_was_done_is_taken_back(campaign, supervisor, agent):
    rows = [leila(campaign) for _ in range(3)]
    in_work(agent, rows[1])
    done = act(supervisor, "cancel", *rows)
    page = done.content.decode()
    assert "Cancelled 2 of 3. 1 refused" in words(done)
    assert "data-stays" in page  # what was refused is read and closed
    assert offer(done)[0] == [rows[0].pk, rows[2].pk]
    undone = take_back(supervisor, done)
    assert "Undone: 2 of 2" in words(undone)
    states = [Callback.objects.get(pk=one.pk).state for one in rows]
    assert states == ["scheduled", "working", "scheduled"]


def test_a_selection_without_a_refusal_leaves_and_still_says_each(campaign, supervisor):
    rows = [leila(campaign) for _ in range(3)]
    done = act(supervisor, "complete", *rows)
    page = done.content.decode()
    assert 'class="toast"' in page
    assert "data-stays" not in page
    assert words(done).count("Marked Leila Osei complete") == 3


def test_what_can_be_undone_is_found_in_one_question_however_many(
    campaign, supervisor, django_assert_max_num_queries
):
    rows = [leila(campaign) for _ in range(4)]
    with django_assert_max_num_queries(200) as few:
        act(supervisor, "bump-up", *rows[:1])
    with django_assert_max_num_queries(200) as many:
        act(supervisor, "bump-up", *rows)

    def asked(captured):
        return [one for one in captured if "DISTINCT ON" in one["sql"]]

    assert (len(asked(few)), len(asked(many))) == (1, 1)


def test_one_refused_says_why_and_changes_nothing(campaign, supervisor, agent):
    callback = leila(campaign)
    done = act(supervisor, "bump-up", callback)
    offered(agent, callback)
    before = snapshot()
    refused = take_back(supervisor, done)
    assert refused.status_code == 409
    assert "Leila Osei: Not undone: Ada" in words(refused)
    assert "data-stays" in refused.content.decode()
    assert snapshot() == before


def test_another_supervisor_cannot_take_it_back(campaign, supervisor):
    callback = leila(campaign)
    done = act(supervisor, "cancel", callback)
    other = Client()
    other.force_login(make_user("supervisor"))
    before = snapshot()
    refused = take_back(other, done)
    assert refused.status_code == 409
    assert "somebody else did this" in words(refused)
    assert snapshot() == before


@pytest.mark.parametrize("role", ["agent", None])
def test_nobody_else_takes_anything_back(campaign, supervisor, role):
    done = act(supervisor, "cancel", leila(campaign))
    client = Client()
    client.force_login(make_user(role) if role else make_user())
    before = snapshot()
    assert take_back(client, done).status_code == 403
    assert snapshot() == before


@pytest.mark.parametrize(
    "events",
    ["{other}", "{pk}.0", "{pk}", "{pk}.", ".{event}", "{pk}.-{event}", "{pk}.{event}.1",
     "{pk}.²", "x", "{pk}.1" + "0" * 40, "٣.٤"],
)  # fmt: skip
def test_an_event_that_cannot_be_is_refused(campaign, supervisor, events):
    callback, other = leila(campaign), leila(campaign)
    act(supervisor, "cancel", callback)
    act(supervisor, "bump-up", other)
    last = callback.events.latest("pk").pk
    named = f"{other.pk}.{other.events.latest('pk').pk}"
    before = snapshot()
    said = events.format(pk=callback.pk, event=last, other=named)
    response = act(supervisor, "undo", callback, events=said)
    assert response.status_code == 409
    assert "Not undone: it has changed since" in words(response)
    assert snapshot() == before


@pytest.mark.parametrize("verb", ["zone", "do-not-call"])
def test_what_cannot_be_taken_back_offers_nothing(campaign, supervisor, verb):
    callback = leila(campaign)
    act(supervisor, "bump-up", callback)  # this could be, but it is not what the toast is about
    Contact.objects.update(zones=[], zone_source="unknown")
    done = act(supervisor, verb, callback, **LISBON)
    assert done.status_code == 200
    assert offer(done) is None
    assert 'class="toast"' in done.content.decode()


def test_customer_called_is_offered_for_its_ten_minutes(campaign, supervisor):
    callback = leila(campaign)
    done = act(supervisor, "customer-called", callback)
    page = done.content.decode()
    assert offer(done) is None
    assert "data-stays" in page
    assert " seconds=" not in page
    assert f'data-act="{reverse("queue-undo")}"' in page
    undone = act(supervisor, "undo", callback)
    assert "Undone: Leila Osei waits again" in words(undone)
    assert story(callback)[-2:] in (["complete", "reopen"], ["reopen", "roll"])


def test_what_was_offered_meanwhile_is_not_offered_to_be_undone(campaign, supervisor, agent):
    callback = leila(campaign)
    done = act(supervisor, "call-now", callback)
    assert offer(done) is not None
    queue.claim_next(agent.pk, [campaign.pk])
    assert "Ada" in words(take_back(supervisor, done))


def test_the_story_tells_what_was_taken_back(campaign, supervisor):
    callback = leila(campaign)
    done = act(supervisor, "call-now", callback)
    take_back(supervisor, done)
    done = act(supervisor, "skip", callback)
    take_back(supervisor, done)
    told = words(story_page(supervisor, callback))
    assert "Undone: put first in line" in told
    assert re.search(r"Undone: retry skipped Ada, to \d\d:\d\d", told)


def test_there_is_nothing_to_ask_before_an_undo(campaign, supervisor):
    ids = {"ids": [leila(campaign).pk]}
    page = supervisor.get(reverse("queue-ask", args=["undo"]), ids, headers=HTMX)
    assert page.status_code == 404
