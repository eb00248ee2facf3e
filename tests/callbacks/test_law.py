"""The law stands in the database: each constraint is met by somebody who tries to break it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import Error, IntegrityError, connection, transaction

from callbacks.models import Attempt, Callback
from callbacks.rules.states import FINAL, State
from tests.factories import (
    in_work,
    make_agent,
    make_attempt,
    make_callback,
    make_campaign,
    make_contact,
    offered,
    snapshot,
)


def run(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def refused(constraint, statement, *values):
    """The database refuses, names the constraint, and nothing has changed."""
    before = snapshot()
    with pytest.raises(IntegrityError, match=constraint):
        run(statement, *values)
    assert snapshot() == before


MINUTE = timedelta(minutes=1)
SET = "UPDATE callback SET {} WHERE id = %s"
COPY = """
INSERT INTO callback (public_id, contact_id, number_id, campaign_id, state, kind, about, "case",
  priority, due_at, said_wall, said_zone, own_time, trigger_outcome, retry_number, retry_max,
  counts_from, claim_version, reject_count, attention, ended_reason, ended_at)
SELECT gen_random_uuid(), contact_id, number_id, campaign_id, %s, kind, about, "case",
  priority, due_at, '', '', false, '', 0, 0, counts_from, 0, 0, '', '',
  CASE WHEN %s THEN now() END
FROM callback WHERE id = %s
"""


def test_a_contact_has_one_active_callback_per_campaign(campaign):
    callback = make_callback(campaign)
    refused("callback_one_active", COPY, "scheduled", False, callback.pk)


@pytest.mark.parametrize("state", ["offered", "working"])
def test_one_in_an_agents_hands_counts_as_active(campaign, agent, state):
    callback = make_callback(campaign)
    (offered if state == "offered" else in_work)(agent, callback)
    refused("callback_one_active", COPY, "scheduled", False, callback.pk)


@pytest.mark.parametrize("state", sorted(FINAL))
def test_any_number_of_ended_ones_may_stand_beside_it(campaign, state):
    callback = make_callback(campaign)
    assert run(COPY, state, True, callback.pk) == 1
    assert run(COPY, state, True, callback.pk) == 1


def test_the_same_contact_may_be_active_in_another_campaign(campaign):
    callback = make_callback(campaign)
    assert make_callback(make_campaign(), contact=callback.contact).state == "scheduled"


def test_an_agent_has_one_offer_or_interaction(campaign, agent):
    in_work(agent, make_callback(campaign))
    second = make_callback(campaign)
    offer = "state = 'offered', agent_id = %s, offer_expires_at = now()"
    refused("callback_one_per_agent", SET.format(offer), agent.pk, second.pk)
    assert run(SET.format(offer), make_agent(campaign).pk, second.pk) == 1


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ("state = 'paused'", "callback_(state|ended)"),
        ("state = ''", "callback_(state|ended)"),
        # held by an agent exactly while offered or in work
        ("state = 'working'", "callback_holder"),
        ("state = 'offered', offer_expires_at = now()", "callback_holder"),
        ("state = 'scheduled', agent_id = {agent}", "callback_holder"),
        ("state = 'completed', ended_at = now(), agent_id = {agent}", "callback_holder"),
        # an offer has a deadline, and only an offer
        ("state = 'offered', agent_id = {agent}", "callback_offer_expires"),
        ("state = 'working', agent_id = {agent}, offer_expires_at = now()", "callback_offer_exp"),
        ("offer_expires_at = now()", "callback_offer_expires"),
        # an end has a moment, and only an end
        ("state = 'completed'", "callback_ended"),
        ("state = 'cancelled'", "callback_ended"),
        ("ended_at = now()", "callback_ended"),
        # a window does not end before it begins
        ("callable_from = now(), callable_until = now() - interval '1 s'", "callback_window"),
    ],
)
def test_a_callback_that_makes_no_sense_cannot_be_written(campaign, agent, changes, constraint):
    callback = make_callback(campaign)
    refused(constraint, SET.format(changes.format(agent=agent.pk)), callback.pk)


@pytest.mark.parametrize(
    "changes",
    [
        "state = 'offered', agent_id = {agent}, offer_expires_at = now()",
        "state = 'working', agent_id = {agent}",
        "state = 'expired', ended_at = now()",
        "callable_from = now(), callable_until = now()",
        "callable_from = NULL, callable_until = NULL",
    ],
)
def test_a_callback_that_makes_sense_can_be_written(campaign, agent, changes):
    callback = make_callback(campaign)
    assert run(SET.format(changes.format(agent=agent.pk)), callback.pk) == 1


def test_every_state_of_the_rules_is_one_of_the_tables(campaign):
    choices = {value for value, _ in Callback._meta.get_field("state").choices}
    assert choices == set(State)


LIVE = ("intended", "dialing", "ringing", "connected", "on_hold")
LIVE_AGAIN = "UPDATE attempt SET state = %s, ended_at = NULL WHERE id = %s"


@pytest.mark.parametrize("second", LIVE)
def test_a_contact_has_one_live_call_whoever_makes_it(campaign, second):
    callback = make_callback(campaign)
    ended = make_attempt(callback, "busy", ago=MINUTE)
    live = make_attempt(callback, "", ago=MINUTE, state="connected", ended_at=None)
    refused("attempt_one_live", LIVE_AGAIN, second, ended.pk)
    run("UPDATE attempt SET state = 'ended', ended_at = now() WHERE id = %s", live.pk)
    assert run(LIVE_AGAIN, second, ended.pk) == 1


def test_an_unknown_call_may_be_live_so_there_is_no_other(campaign):
    callback = make_callback(campaign)
    unknown = make_attempt(callback, "", ago=MINUTE, state="unknown", ended_at=None)
    with pytest.raises(IntegrityError, match="attempt_one_live"), transaction.atomic():
        make_attempt(callback, "", ago=MINUTE, state="dialing", ended_at=None)
    assert Attempt.objects.get() == unknown
    assert not unknown.is_live  # but nobody has to end it before Done


def test_a_key_dials_once(campaign):
    callback = make_callback(campaign)
    first = make_attempt(callback, "busy", ago=MINUTE)
    before = snapshot()
    with pytest.raises(IntegrityError, match="attempt_key"), transaction.atomic():
        make_attempt(callback, "busy", ago=MINUTE, key=first.key)
    assert snapshot() == before
    assert make_attempt(callback, "busy", ago=MINUTE, key=uuid4()).pk


@pytest.mark.parametrize("changes", ["ended_at = NULL", "state = 'connected'"])
def test_an_ended_call_has_a_moment_and_only_an_ended_one(campaign, changes):
    ended = make_attempt(make_callback(campaign), "busy", ago=MINUTE)
    refused("attempt_ended", f"UPDATE attempt SET {changes} WHERE id = %s", ended.pk)


def test_the_live_states_are_the_same_in_python_and_in_the_index():
    assert {state.value for state in Attempt.LIVE} == set(LIVE)


@pytest.mark.parametrize(
    "changes", ["reason = 'It was somebody else'", "at = now()", "actor_id = NULL", "data = '{}'"]
)
def test_a_story_cannot_be_edited(campaign, changes):
    callback = make_callback(campaign)
    before = snapshot()
    with pytest.raises(Error, match="append-only"):
        run(f"UPDATE callback_event SET {changes} WHERE callback_id = %s", callback.pk)
    assert snapshot() == before


def test_a_number_is_one_row_and_a_contact_has_it_once(campaign):
    contact = make_contact()
    number = contact.numbers.get()
    insert = "INSERT INTO contact_number (contact_id, number_id) VALUES (%s, %s)"
    refused("contact_number_once", insert, contact.pk, number.pk)
    assert run(insert, make_contact().pk, number.pk) == 1
    copy = (
        "INSERT INTO phone_number (e164, region, line_type, zones, dnc_hash) "
        "SELECT e164, region, line_type, zones, dnc_hash FROM phone_number WHERE id = %s"
    )
    refused("e164", copy, number.pk)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE campaign SET offer_seconds = 4", "campaign_offer_seconds"),
        ("UPDATE campaign SET offer_seconds = 301", "campaign_offer_seconds"),
        ("UPDATE retry_rule SET delay_minutes = '{}'", "retry_rule_has_delay"),
        ("UPDATE retry_rule SET outcome = 'busy'", "retry_rule_once"),
        ("UPDATE quiet_hours SET weekday = 7", "quiethours_range"),
        ("UPDATE quiet_hours SET closes = 1441", "quiethours_range"),
        ("UPDATE quiet_hours SET closes = opens", "quiethours_range"),
        ("UPDATE agent SET presence = 'wrap_up'", "agent_wrap_up_until"),
        ("UPDATE agent SET wrap_up_until = now()", "agent_wrap_up_until"),
    ],
)
def test_settings_that_make_no_sense_cannot_be_written(campaign, agent, statement, constraint):
    refused(constraint, statement)
