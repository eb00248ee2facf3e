"""What a supervisor does to callbacks, one or many, and what they are told of each."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from agentdesk.forms import AT_MOST
from agentdesk.verbs import BY_NAME, VERBS
from callbacks.models import Callback, CallbackEvent
from callbacks.queue import CALL_NOW
from campaigns.actions import pause
from contacts import clock
from contacts.models import Contact
from tests.agentdesk.pages import HTMX, act, words
from tests.factories import (
    at,
    in_work,
    make_agent,
    make_callback,
    make_campaign,
    make_contact,
    offered,
    open_only_in,
    snapshot,
    story,
)

LONDON = ZoneInfo("Europe/London")
M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOLD = {"reason": "Asked by letter", "scope": "everywhere", "zone": "Europe/Lisbon"}


def tomorrow():
    """Tomorrow afternoon in London, as the form sends it."""
    return {"day": f"{clock.now().astimezone(LONDON) + D:%Y-%m-%d}", "time": "14:30"}


def leila(campaign, **fields):
    return make_callback(campaign, contact=make_contact("Leila Osei"), **fields)


# --- one row: what happens, and what is said


@pytest.mark.parametrize(
    ("verb", "event", "said"),
    [
        ("call-now", "call_now", "Leila Osei is next for whoever is free first"),
        ("reschedule", "reschedule", "Moved Leila Osei to tomorrow 14:30"),
        ("skip", "skip", "Skipped Leila Osei to "),
        ("reassign", "reassign", "Leila Osei waits for anybody"),
        ("complete", "complete", "Marked Leila Osei complete"),
        ("cancel", "cancel", "Cancelled Leila Osei with all retries"),
        ("bump-up", "bump", "Moved Leila Osei up: now 1 step up"),
        ("bump-down", "bump", "Moved Leila Osei down: now 1 step down"),
        ("customer-called", "complete", "Closed Leila Osei: the customer called"),
        ("do-not-call", "cancel", "Leila Osei must not be called any more everywhere: 1 callback"),
    ],
)
def test_each_action_on_one_row_is_done_and_said(campaign, supervisor, verb, event, said):
    callback = leila(campaign)
    response = act(supervisor, verb, callback, **TOLD, **tomorrow())
    assert response.status_code == 200
    assert said in words(response)
    assert "queue-changed" in response["HX-Trigger-After-Swap"]
    told = callback.events.order_by("id").last()
    assert (told.name, told.actor_kind, told.actor_id) == (event, "supervisor", supervisor.user.pk)


def test_call_now_goes_to_the_agent_who_is_named(campaign, supervisor, agent):
    callback = leila(campaign, callable_in=3 * H, due=4 * H)
    response = act(supervisor, "call-now", callback, agent=agent.pk)
    assert "Leila Osei is next for Ada" in words(response)
    callback.refresh_from_db()
    assert (callback.priority, callback.reserved_for_id) == (CALL_NOW, agent.pk)
    assert callback.callable_from <= clock.now()


def test_reassign_names_the_agent(campaign, supervisor, agent):
    callback = leila(campaign)
    assert "Leila Osei waits for Ada" in words(
        act(supervisor, "reassign", callback, agent=agent.pk)
    )
    callback.refresh_from_db()
    assert callback.reserved_for_id == agent.pk


def test_a_new_time_is_on_the_contacts_clock_and_said_on_both(campaign, supervisor):
    contact = make_contact("Hana Mori", zones=("Asia/Tokyo",))
    callback = make_callback(campaign, contact=contact)
    day = clock.now() + 3 * D
    response = act(supervisor, "reschedule", callback, day=f"{day:%Y-%m-%d}", time="10:30")
    assert Callback.objects.get().due_at == at(f"{day:%Y-%m-%d} 01:30+00:00")  # UTC+9
    assert "10:30 in Tokyo" in words(response)
    assert story(callback) == ["request", "reschedule"]


def test_skipping_the_last_retry_says_so(campaign, supervisor):
    callback = leila(campaign, trigger_outcome="busy", retry_number=5, retry_max=5)
    CallbackEvent.objects.bulk_create(
        CallbackEvent(
            callback=callback, name="skip", to_state="scheduled", actor_kind="system",
            data={"outcome": "busy"},
        )
        for _ in range(5)
    )  # fmt: skip
    assert "it was the last retry" in words(act(supervisor, "skip", callback))
    assert Callback.objects.get().state == "exhausted"


# --- refusals: the state, the gate, the form


@pytest.mark.parametrize(
    "verb", [verb.name for verb in VERBS if verb.name not in ("zone", "do-not-call")]
)
@pytest.mark.parametrize("state", ["working", "cancelled"])
def test_what_is_in_hand_or_over_is_refused_with_its_state(
    campaign, supervisor, agent, verb, state
):
    callback = leila(campaign)
    if state == "working":
        in_work(agent, callback)
    else:
        act(supervisor, "cancel", callback)
    before = snapshot()
    response = act(supervisor, verb, callback, **tomorrow())
    assert response.status_code == 409
    assert "Leila Osei" in words(response)
    if verb != "undo":
        assert state in words(response)
    assert snapshot() == before


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (lambda one: pause(one.campaign, by="Priya Nair"), "Campaign paused"),
        (lambda one: Contact.objects.update(zones=[]), "Zone not known"),
        (lambda one: open_only_in(one.campaign, 2), "in London: quiet hours"),
    ],
)
def test_call_now_is_refused_in_the_words_of_the_gate(campaign, supervisor, block, said):
    callback = leila(campaign)
    block(callback)
    before = snapshot()
    response = act(supervisor, "call-now", callback)
    assert response.status_code == 409
    assert said in words(response)
    assert snapshot() == before


def test_an_agent_of_another_campaign_is_refused_beside_the_field(campaign, supervisor):
    stranger = make_agent(make_campaign())
    callback = leila(campaign)
    before = snapshot()
    response = act(supervisor, "call-now", callback, agent=stranger.pk)
    assert response.status_code == 422
    assert response["HX-Retarget"] == "#ask-call-now"
    assert "Choose an agent from the list" in words(response)
    assert snapshot() == before


@pytest.mark.parametrize(
    ("day", "time", "field"),
    [
        ("", "", "day"),
        ("", "10:00", "day"),
        ("tomorrow", "10:00", "day"),
        ("2031-11-20", "", "time"),
        ("2031-11-20", "25:00", "time"),
        ("2031-06-01", "10:00+02:00", "time"),
        ("2001-01-01", "10:00", "time"),  # past
        ("2031-03-30", "01:30", "time"),  # the clock jumps over it
        ("9999-12-31", "23:59", "time"),
        ("0001-01-01", "00:00", "time"),
    ],
)
def test_a_time_that_cannot_be_is_said_beside_its_field(campaign, supervisor, day, time, field):
    callback = leila(campaign)
    before = snapshot()
    response = act(supervisor, "reschedule", callback, day=day, time=time)
    page = response.content.decode()
    assert response.status_code == 422
    assert f'id="ask-{field}_error"' in page
    assert 'aria-invalid="true"' in page
    assert f'value="{time}"' in page or not time  # what was typed is still there
    assert snapshot() == before


def test_a_time_outside_the_window_is_said_beside_the_time(campaign, supervisor):
    open_only_in(campaign, 3)
    callback = leila(campaign)
    response = act(supervisor, "reschedule", callback, **tomorrow())
    assert response.status_code == 422
    assert "may not be called at this time" in words(response)


# --- a selection: every row has its line


def test_a_selection_says_what_became_of_every_row(campaign, supervisor, agent):
    free, held = leila(campaign), make_callback(campaign, contact=make_contact("Owen Marsh"))
    paused = make_callback(make_campaign(), contact=make_contact("Noor Rahman"))
    in_work(agent, held)
    pause(paused.campaign, by="Priya Nair")
    response = act(supervisor, "call-now", free, held, paused, 999_999_999)
    page, said = response.content.decode(), words(response)
    assert response.status_code == 200
    assert "Calling 1 of 4 next. 3 refused" in said
    assert "Leila Osei is next for whoever is free first" in said
    assert "Owen Marsh: This callback is working: cannot call now" in said
    assert "Noor Rahman: Campaign paused" in said
    assert "Callback 999999999: There is no such callback" in said
    lines = [line for line in page.split("<li ") if f'data-callback="{free.pk}"' in line]
    assert [line.count("data-done") for line in lines] == [1]
    assert page.count("data-done") == 1  # the three that were refused stay selected
    assert {one.pk: one.state for one in Callback.objects.all()} == {
        free.pk: "scheduled", held.pk: "working", paused.pk: "scheduled",
    }  # fmt: skip


def test_lines_stand_in_the_order_in_which_rows_were_chosen(campaign, supervisor):
    first, second = leila(campaign), make_callback(campaign, contact=make_contact("Owen Marsh"))
    said = words(act(supervisor, "bump-up", second, first, second))
    assert said.index("Moved Owen Marsh") < said.index("Moved Leila Osei")
    assert "Moved 2 of 2 up" in said
    assert {one.priority for one in Callback.objects.all()} == {1}  # named twice, moved once


def test_an_offer_is_withdrawn_for_it(campaign, supervisor, agent):
    callback = leila(campaign)
    offered(agent, callback)
    assert act(supervisor, "skip", callback).status_code == 200
    assert story(callback) == ["request", "offer", "withdraw", "skip"]


def test_when_nothing_could_be_done_the_answer_is_409(campaign, supervisor):
    one, other = leila(campaign), leila(campaign)
    act(supervisor, "cancel", one, other)
    before = snapshot()
    response = act(supervisor, "skip", one, other)
    assert response.status_code == 409
    assert "Skipped 0 of 2. 2 refused" in words(response)
    assert snapshot() == before


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ([], "Choose at least one callback"),
        (["x"], "Choose callbacks from the list"),
        (["-1"], "Choose callbacks from the list"),
        (["²"], "Choose callbacks from the list"),
        (range(1, AT_MOST + 2), "You chose 501 callbacks. Choose at most 500 at once"),
    ],
)
@pytest.mark.parametrize("verb", [verb.name for verb in VERBS])
def test_too_many_or_none_or_nonsense_changes_nothing(campaign, supervisor, verb, ids, said):
    leila(campaign)
    before = snapshot()
    response = act(supervisor, verb, *ids, **TOLD, **tomorrow())
    assert (response.status_code, response["HX-Retarget"]) == (422, "#report")
    assert said in words(response)
    assert snapshot() == before


@pytest.mark.parametrize("verb", [verb.name for verb in VERBS])
@pytest.mark.parametrize("missing", [999_999_999, 2**63, 10**30])
def test_what_does_not_exist_is_said_for_its_row(db, supervisor, verb, missing):
    before = snapshot()
    response = act(supervisor, verb, missing, **TOLD, **tomorrow())
    assert response.status_code == 409
    assert "There is no such callback" in words(response)
    assert snapshot() == before


def test_as_many_as_allowed_are_taken(db, supervisor):
    response = act(supervisor, "skip", *range(1, AT_MOST + 1))
    assert response.status_code == 409  # there are none of them, and each has its line
    assert response.content.decode().count("There is no such callback") == AT_MOST


# --- asking for more


@pytest.mark.parametrize("verb", ["call-now", "reassign", "reschedule"])
def test_what_is_asked_names_the_contact_and_the_choices(campaign, supervisor, agent, verb):
    callback = leila(campaign)
    make_agent(make_campaign())
    page = supervisor.get(reverse("queue-ask", args=[verb]), {"ids": [callback.pk]}, headers=HTMX)
    assert f"{BY_NAME[verb].title}: Leila Osei" in words(page)
    if verb == "reschedule":
        assert "Time in London" in words(page)
    else:
        assert page.content.decode().count("<option") == 2  # nobody in particular, and one agent


def test_many_clocks_are_named(campaign, supervisor):
    cities = ("Europe/Lisbon", "Europe/London", "Asia/Tokyo", "Europe/Paris")
    callbacks = [make_callback(campaign, contact=make_contact(zones=(one,))) for one in cities]
    ids = [one.pk for one in callbacks]
    page = supervisor.get(reverse("queue-ask", args=["reschedule"]), {"ids": ids}, headers=HTMX)
    assert "Reschedule: 4 callbacks" in words(page)
    assert "On each contact’s own clock, in Lisbon, London, Paris and 1 more" in words(page)
    assert all(f'name="ids" value="{one}"' in page.content.decode() for one in ids)


@pytest.mark.parametrize(
    ("verb", "ids", "status"),
    [("skip", [1], 404), ("nonsense", [1], 404), ("call-now", [], 422), ("call-now", [1], 422),
     ("call-now", range(1, 502), 422), ("zone", [1, 2], 422)],
)  # fmt: skip
def test_only_what_can_be_asked_is(db, supervisor, verb, ids, status):
    page = supervisor.get(reverse("queue-ask", args=[verb]), {"ids": list(ids)}, headers=HTMX)
    assert page.status_code == status
