"""What a supervisor does to a pending callback, and what the sweep merges."""

from datetime import timedelta

import pytest

from callbacks.actions.intake import IntakeRefusedError, Wish
from callbacks.actions.manage import cancel, complete, reschedule
from callbacks.actions.sweeps import deduplicate
from callbacks.models import Callback
from callbacks.queue import SYSTEM, Actor
from callbacks.rules.attention import SAME_NUMBER
from callbacks.rules.states import RefusedError
from contacts import clock
from contacts.rules.timezones import NonexistentTimeError
from tests.factories import (
    in_work,
    make_callback,
    make_campaign,
    make_contact,
    offered,
    open_only_in,
    snapshot,
    story,
)

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def wish(later):
    wall = (clock.now() + later).replace(tzinfo=None, second=0, microsecond=0)
    return Wish(wall, "UTC")


def test_another_time_is_promised(campaign, agent):
    callback = make_callback(campaign, attention="Look", own_time=True, promised_from=clock.now())
    to = wish(2 * D)
    reschedule(callback.pk, to=to, actor=Actor("supervisor", agent.pk))
    after = Callback.objects.get(pk=callback.pk)
    assert f"{after.due_at:%Y-%m-%dT%H:%M}" == f"{to.wall:%Y-%m-%dT%H:%M}" == after.said_wall
    assert after.callable_from == after.due_at - 5 * M
    assert (after.attention, after.own_time, after.promised_from) == ("", False, None)
    told = after.events.order_by("id").last()
    assert (told.name, told.actor_id) == ("reschedule", agent.pk)


@pytest.mark.parametrize(
    ("later", "error", "code"),
    [(-H, IntakeRefusedError, "past"), (D, IntakeRefusedError, "closed")],
)
def test_a_time_that_is_past_or_closed_is_refused(campaign, later, error, code):
    open_only_in(campaign, 0, 2, 6)
    callback = make_callback(campaign)
    before = snapshot()
    with pytest.raises(error) as refused:
        reschedule(callback.pk, to=wish(later), actor=SYSTEM)
    assert snapshot() == before
    assert refused.value.code == code


def test_a_time_that_the_clock_jumps_over_is_refused(campaign):
    callback = make_callback(campaign)
    gap = Wish(wish(D).wall.replace(year=2027, month=3, day=28, hour=1, minute=30), "Europe/London")
    before = snapshot()
    with pytest.raises(NonexistentTimeError):
        reschedule(callback.pk, to=gap, actor=SYSTEM)
    assert snapshot() == before


def brought_to(state, campaign, agent):
    callback = make_callback(campaign)
    if state in ("offered", "working"):
        (offered if state == "offered" else in_work)(agent, callback)
    if state == "cancelled":
        cancel(callback.pk, reason="Not needed", actor=SYSTEM)
    if state == "completed":
        complete(callback.pk, reason="By e-mail", actor=SYSTEM)
    return callback


ACTS = {
    "reschedule": lambda pk: reschedule(pk, to=wish(D), actor=SYSTEM),
    "cancel": lambda pk: cancel(pk, reason="Not needed", actor=SYSTEM),
    "complete": lambda pk: complete(pk, reason="By e-mail", actor=SYSTEM),
}


@pytest.mark.parametrize(
    ("act", "state"),
    [(act, state) for act in ACTS for state in ("working", "cancelled", "completed")],
)
def test_what_the_table_does_not_allow_is_refused_with_the_state(campaign, agent, act, state):
    callback = brought_to(state, campaign, agent)
    before = snapshot()
    with pytest.raises(RefusedError, match=state):
        ACTS[act](callback.pk)
    assert snapshot() == before


@pytest.mark.parametrize(
    ("act", "state", "ended"),
    [("cancel", "scheduled", "cancelled"), ("cancel", "offered", "cancelled"),
     ("complete", "scheduled", "completed"), ("complete", "offered", "completed")],
)  # fmt: skip
def test_what_is_pending_can_be_ended(campaign, agent, act, state, ended):
    callback = brought_to(state, campaign, agent)
    ACTS[act](callback.pk)
    after = Callback.objects.get(pk=callback.pk)
    assert (after.state, after.agent_id) == (ended, None)
    assert after.ended_reason in ("Not needed", "By e-mail")
    assert story(callback)[-1] == act


@pytest.mark.parametrize("act", list(ACTS))
def test_what_does_not_exist_is_refused(campaign, act):
    with pytest.raises(RefusedError, match="no such callback"):
        ACTS[act](987_654)


# --- the sweep: two contact rows with one number in one campaign


def doubles(campaign, *names, campaigns=None):
    """Callbacks of contacts with these names who share a number, oldest first."""
    first = make_contact(names[0])
    contacts = [first] + [make_contact(name, number=first.numbers.get()) for name in names[1:]]
    return [
        make_callback(
            (campaigns or [campaign] * 9)[number], contact=contact, about=f"Matter {number}",
            callable_in=(number - 9) * M,
        )
        for number, contact in enumerate(contacts)
    ]  # fmt: skip


def left():
    return list(Callback.objects.filter(state="scheduled").order_by("id"))


@pytest.mark.parametrize(
    "names",
    [("Ines Carvalho", "INÊS CARVALHO"), ("Ines Carvalho", ""), ("", ""), ("", "Rui")],
)
def test_the_same_name_or_no_name_is_merged_into_the_first_in_line(campaign, names):
    first, later = doubles(campaign, *names)
    assert deduplicate() == 1
    (kept,) = left()
    assert (kept.pk, kept.about) == (first.pk, "Matter 0\n\nMatter 1")
    assert (kept.due_at, kept.callable_from) == (first.due_at, first.callable_from)
    ended = Callback.objects.get(pk=later.pk)
    assert ended.ended_reason == f"Merged into {first.reference}"
    assert story(first) == ["request", "merge"]
    assert story(later) == ["request", "cancel"]


def test_different_names_stay_and_are_flagged(campaign):
    doubles(campaign, "Ines Carvalho", "Rui Carvalho")
    assert deduplicate() == 0
    assert [one.attention for one in left()] == [SAME_NUMBER, SAME_NUMBER]


def test_of_three_the_two_alike_are_merged_and_the_third_is_flagged(campaign):
    first, other, _ = doubles(campaign, "Ines", "Rui", "ines")
    assert deduplicate() == 1
    assert [(one.pk, one.attention) for one in left()] == [
        (first.pk, SAME_NUMBER), (other.pk, SAME_NUMBER),
    ]  # fmt: skip


def test_another_flag_is_not_overwritten(campaign):
    first, _ = doubles(campaign, "Ines", "Rui")
    Callback.objects.filter(pk=first.pk).update(attention="Rejected 3×: Not now")
    deduplicate()
    assert Callback.objects.get(pk=first.pk).attention == "Rejected 3×: Not now"


def test_in_two_campaigns_they_are_two_matters(campaign):
    doubles(campaign, "Ines", "Ines", campaigns=[campaign, make_campaign()])
    before = snapshot()
    assert deduplicate() == 0
    assert snapshot() == before


@pytest.mark.parametrize("hands", [offered, in_work])
def test_one_in_an_agents_hands_is_left_alone(campaign, agent, hands):
    first, _ = doubles(campaign, "Ines", "Ines")
    hands(agent, first)
    before = snapshot()
    assert deduplicate() == 0
    assert snapshot() == before


def test_sweeping_twice_is_harmless(campaign):
    doubles(campaign, "Ines", "Ines", "Rui")
    deduplicate()
    before = snapshot()
    assert deduplicate() == 0
    assert snapshot() == before
