"""What a row and a story say beside the promise: marks, zones, decisions, undo; and their cost."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from callbacks.actions import calls, line
from callbacks.models import Callback, CallbackEvent, DialDecision
from callbacks.queue import CALL_NOW, SYSTEM
from callbacks.rules import words as say
from callbacks.rules.attention import SAME_NUMBER, ZONE_UNKNOWN
from campaigns.actions import pause
from campaigns.models import Campaign
from contacts import clock
from contacts.actions import list_do_not_call
from contacts.models import Contact
from tests.agentdesk.pages import HTMX, act, story_page, words
from tests.factories import (
    in_work,
    make_callback,
    make_contact,
    open_only_in,
    snapshot,
)

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def rows(client, view="all"):
    return client.get(reverse("queue"), {"view": view}, headers=HTMX)


# --- marks of a row


@pytest.mark.parametrize(
    ("days", "stale"), [(2, None), (2.99, None), (3.01, "Stale, 3 days"), (4.5, "Stale, 4 days")]
)
def test_a_row_is_stale_after_the_days_of_its_campaign(campaign, supervisor, days, stale):
    make_callback(campaign, due=-days * D)
    said = words(rows(supervisor))
    assert (stale in said) if stale else ("Stale" not in said)


def test_a_campaign_says_when_stale_begins(campaign, supervisor):
    make_callback(campaign, due=-2 * D)
    assert "Stale" not in words(rows(supervisor))
    Campaign.objects.update(stale_days=1)
    assert "Stale, 2 days" in words(rows(supervisor))


@pytest.mark.parametrize(
    ("priority", "mark"), [(0, None), (CALL_NOW, "Call now"), (2, "Up 2"), (-1, "Down 1")]
)
def test_a_row_says_its_place_in_line_in_a_word(campaign, supervisor, priority, mark):
    callback = make_callback(campaign, priority=priority)
    page = rows(supervisor).content.decode()
    cell = re.search(rf'id="row-{callback.pk}".*?class="promise">(.*?)</td>', page, re.DOTALL)[1]
    found = [one for one in ("Call now", "Up 2", "Down 1") if one in cell]
    assert found == ([mark] if mark else [])


def test_a_personal_row_says_whose_it_is_and_until_when(campaign, supervisor, agent):
    callback = make_callback(campaign, due=H)
    assert "until" not in cell_of(supervisor, callback)
    line.reassign(callback.pk, agent_id=agent.pk, actor=SYSTEM)
    callback.refresh_from_db()
    until = say.moment(callback.reserved_until, "Europe/London", clock.now())
    assert cell_of(supervisor, callback) == f"Ada until {until}"


def cell_of(client, callback):
    page = rows(client).content.decode()
    found = re.search(
        rf'id="row-{callback.pk}".*?agent-cell">(.*?)</td>', page, re.DOTALL
    )[1]  # fmt: skip
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def test_a_row_says_why_a_person_must_look(campaign, supervisor):
    make_callback(campaign, attention=SAME_NUMBER)
    assert SAME_NUMBER in words(rows(supervisor, "attention")).replace("’", "'")


def test_the_same_reason_is_not_said_twice(campaign, supervisor):
    make_callback(campaign, contact=make_contact(zones=()), attention=ZONE_UNKNOWN)
    said = words(rows(supervisor, "attention"))
    assert said.count("Zone not known") == 1


def test_rows_can_be_chosen_and_acted_on(campaign, supervisor):
    callback = make_callback(campaign)
    page = rows(supervisor).content.decode()
    assert f'id="check-{callback.pk}"' in page
    assert 'id="check-all"' in page
    assert re.search(rf'id="more-{callback.pk}"[^>]*popovertarget="row-menu"', page)


# --- the story


def test_an_unknown_zone_offers_those_of_the_country_first(campaign, supervisor):
    callback = make_callback(campaign, contact=make_contact(zones=()), callable_in=None)
    page = story_page(supervisor, callback).content.decode()
    likely, everywhere = re.findall(r"<optgroup.*?</optgroup>", page, re.DOTALL)
    assert "Europe/London" in likely
    assert "Asia/Tokyo" not in likely
    assert "Asia/Tokyo" in everywhere


def test_a_known_zone_is_not_asked_for_and_says_where_it_comes_from(campaign, supervisor):
    page = story_page(supervisor, make_callback(campaign))
    assert "<optgroup" not in page.content.decode()
    assert "Zone said by the customer" in words(page)


def test_a_number_of_several_zones_says_so_and_asks(campaign, supervisor):
    contact = make_contact(zones=("America/New_York", "America/Chicago"))
    Contact.objects.update(zone_source="number")
    page = story_page(supervisor, make_callback(campaign, contact=contact))
    assert "could be in 2 zones: all of them have to be open" in words(page)
    assert "<optgroup" in page.content.decode()


def test_call_now_is_dimmed_with_the_reason_while_the_gate_blocks(campaign, supervisor):
    callback = make_callback(campaign)
    button = re.compile(r'id="story-call-now"[^>]*>')
    assert (
        "aria-disabled" not in button.search(story_page(supervisor, callback).content.decode())[0]
    )
    pause(campaign, by="Priya Nair")
    page = story_page(supervisor, callback).content.decode()
    assert 'aria-disabled="true" aria-describedby="why-not"' in button.search(page)[0]
    assert re.search(r'id="why-not">.*?Campaign paused by Priya Nair', page, re.DOTALL)


def test_customer_called_offers_undo_with_the_time_left(campaign, supervisor):
    callback = make_callback(campaign)
    assert "story-undo" not in story_page(supervisor, callback).content.decode()
    act(supervisor, "customer-called", callback)
    page = story_page(supervisor, callback)
    assert 'id="story-undo"' in page.content.decode()
    assert re.search(r"Undo (10|9) min left", words(page))


@pytest.mark.parametrize(("ago", "offered"), [(599 - 30, True), (601, False)])
def test_undo_is_offered_for_ten_minutes(campaign, supervisor, ago, offered):
    callback = make_callback(campaign)
    act(supervisor, "customer-called", callback)
    last = callback.events.order_by("id").last()
    CallbackEvent.objects.create(
        callback=callback, name=last.name, to_state=last.to_state, reason=last.reason,
        actor_kind="system", at=clock.now() - timedelta(seconds=ago),
    )  # fmt: skip
    assert ("story-undo" in story_page(supervisor, callback).content.decode()) is offered


def test_the_story_of_an_ended_one_offers_nothing_but_do_not_call(campaign, supervisor):
    callback = make_callback(campaign)
    act(supervisor, "cancel", callback)
    page = story_page(supervisor, callback).content.decode()
    assert "Cancelled: Cancelled by a supervisor" in words(story_page(supervisor, callback))
    assert "row-menu" not in page
    assert 'id="ask-do-not-call"' in page


def test_the_time_that_they_named_is_told_on_their_clock(campaign, supervisor):
    named = make_callback(campaign, said_wall="2026-11-24T14:30", said_zone="Asia/Tokyo")
    assert "Said Tue 24 Nov, 14:30 in Tokyo Asked " in words(story_page(supervisor, named))
    left_to_us = make_callback(campaign, ending="11")
    told = words(story_page(supervisor, left_to_us))
    assert "Said" not in told
    asked = say.moment(left_to_us.created_at, "Europe/London", clock.now())
    assert f"Asked {asked} in London Retry" in told


def test_the_story_says_to_when_it_was_moved(campaign, supervisor):
    callback = make_callback(campaign)
    act(supervisor, "skip", callback)
    callback.refresh_from_db()
    to = say.day_and_time(callback.due_at, "Europe/London", clock.now())
    assert f"Retry skipped Ada, to {to}" in words(story_page(supervisor, callback))


def test_a_story_by_its_own_address_is_a_page_with_the_same_actions(campaign, supervisor):
    callback = make_callback(campaign)
    page = supervisor.get(reverse("queue-story", args=[callback.pk])).content.decode()
    assert "<!doctype html>" in page
    for part in ('id="report"', 'id="row-menu"', 'id="ask"', "story-call-now"):
        assert part in page


# --- dial decisions


def test_an_allowed_dial_says_what_was_known(campaign, supervisor, agent, simulator):
    work = in_work(agent, make_callback(campaign))
    assert "Dial decisions" not in words(story_page(supervisor, Callback.objects.get()))
    calls.start_call(work, key="11111111-2222-4333-8444-555555555555")
    said = words(story_page(supervisor, Callback.objects.get()))
    assert DialDecision.objects.get().allowed
    for part in ("Dial decisions 1", "Allowed", "Do not call not on the list",
                 "Number in service", "Campaign calls", "London", "may be called 00:00–24:00",
                 "Caps no limit", "Other calls none going on"):  # fmt: skip
        assert part in said


@pytest.mark.parametrize(
    ("block", "verdict", "known"),
    [
        (lambda one: list_do_not_call(one.number, reason="Asked"), "Must not be called",
         "Do not call on the list"),
        (lambda one: pause(one.campaign, by="Priya Nair"), "Campaign paused", "Campaign paused"),
        (lambda one: Contact.objects.update(zones=[]), "Zone not known", "Clock zone not known"),
        (lambda one: open_only_in(one.campaign, 3), "quiet hours",
         "campaign open not at all that day"),
    ],
)  # fmt: skip
def test_a_refused_dial_says_why_and_what_was_known(
    campaign, supervisor, agent, simulator, block, verdict, known
):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    block(callback)
    with pytest.raises(calls.NoDialError):
        calls.start_call(work, key="11111111-2222-4333-8444-555555555555")
    said = words(story_page(supervisor, callback))
    assert "Allowed" not in said
    assert verdict in said.split("Dial decisions 1")[1]
    assert known in said
    assert simulator.started() == []


# --- what a page costs does not grow with its rows


def costs(client, query_counter, path, **query):
    client.get(path, query)  # the rules are read once for the process
    with query_counter as counted:
        assert client.get(path, query, headers=HTMX).status_code == 200
    return len(counted)


@pytest.mark.parametrize("view", ["all", "attention"])
def test_fifty_rows_cost_no_more_queries_than_one(
    campaign, supervisor, agent, django_assert_max_num_queries, view
):
    def fill(count):
        for number in range(count):
            callback = make_callback(campaign, attention=SAME_NUMBER, retry_number=1, retry_max=3)
            if number % 2:
                Callback.objects.filter(pk=callback.pk).update(reserved_for=agent.pk)

    fill(1)
    one = costs(supervisor, django_assert_max_num_queries(15), reverse("queue"), view=view)
    fill(49)
    assert rows(supervisor, view).content.decode().count('class="row-check"') == 50
    assert costs(supervisor, django_assert_max_num_queries(one), reverse("queue"), view=view) == one


def test_a_long_story_costs_no_more_queries_than_a_short_one(
    campaign, supervisor, django_assert_max_num_queries
):
    callback = make_callback(campaign)
    path = reverse("queue-story", args=[callback.pk])
    act(supervisor, "bump-up", callback)
    short = costs(supervisor, django_assert_max_num_queries(18), path)
    for _ in range(20):
        act(supervisor, "bump-down", callback)
    costs(supervisor, django_assert_max_num_queries(short), path)


@pytest.mark.parametrize("verb", ["call-now", "reassign", "reschedule"])
def test_asking_about_fifty_costs_no_more_queries_than_about_one(
    campaign, supervisor, agent, django_assert_max_num_queries, verb
):
    ids = [make_callback(campaign).pk for _ in range(50)]
    path = reverse("queue-ask", args=[verb])
    one = costs(supervisor, django_assert_max_num_queries(10), path, ids=ids[:1])
    costs(supervisor, django_assert_max_num_queries(one), path, ids=ids)


def test_looking_changes_nothing(campaign, supervisor):
    callback = make_callback(campaign)
    before = snapshot()
    story_page(supervisor, callback)
    rows(supervisor)
    supervisor.get(reverse("queue-ask", args=["call-now"]), {"ids": [callback.pk]}, headers=HTMX)
    assert snapshot() == before
