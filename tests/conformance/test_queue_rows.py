"""What the source says each line of the queue shows, read off the page."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from callbacks.actions.line import reassign
from callbacks.queue import SYSTEM
from tests.conformance.floor import (
    LONDON,
    RETRIED,
    ask,
    call,
    later,
    offer,
    row,
    supervisor,
    until_due,
    wish,
)
from tests.factories import make_agent

H = timedelta(hours=1)


def test_contact_name_and_phone_number(campaign):
    callback = ask(campaign, name="Leila Osei")
    line = row(supervisor(), callback)
    assert "Leila Osei" in line
    digits = str(callback.number.e164).removeprefix("+")
    assert digits in line.replace(" ", "")


def test_associated_campaign(campaign):
    assert campaign.name in row(supervisor(), ask(campaign))


def test_scheduled_time_in_the_viewers_zone_and_in_the_contacts(campaign):
    callback = ask(campaign, wish=wish(30 * H), said_zone="Asia/Tokyo")
    line = row(supervisor(), callback)
    assert f"{callback.due_at.astimezone(ZoneInfo(LONDON)):%H:%M}" in line
    assert f"{callback.due_at.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M} in Tokyo" in line


@pytest.mark.parametrize("trigger", RETRIED, ids=str)
def test_retry_attempt_number_and_original_outcome_of_every_retry(
    campaign, agent, simulator, trigger
):
    words = {"voicemail": "Voicemail", "no-answer": "No answer", "busy": "Busy",
             "network-error": "Network error"}  # fmt: skip
    callback = ask(campaign, trigger.ending)
    client = supervisor()
    assert "Retry" not in row(client, callback)
    for number in range(1, trigger.maximum + 1):
        call(simulator, agent, callback, trigger.code)
        line = row(client, callback)
        assert f"Retry {number} of {trigger.maximum}" in line
        assert words[trigger.code] in line
        until_due(callback)


def test_assigned_agent(campaign, agent):
    callback = ask(campaign, wish=wish(3 * H))
    client = supervisor()
    assert "Anyone" in row(client, callback)
    mine = make_agent(campaign)
    mine.user.first_name = "Kofi"
    mine.user.save()
    reassign(callback.pk, agent_id=mine.pk, actor=SYSTEM)
    assert "Kofi" in row(client, callback)
    assert "Anyone" not in row(client, callback)


def test_to_whom_it_is_offered_now(campaign, agent):
    callback = ask(campaign)
    assert offer(agent)
    assert "Offered to Ada" in row(supervisor(), callback)


def test_urgency_in_words(campaign):
    callback = ask(campaign, wish=wish(timedelta(hours=2, minutes=50)))
    assert "Due in 2 h" in row(supervisor(), callback)
    until_due(callback)
    later(2 * H)
    assert "Overdue 2 h" in row(supervisor(), callback, "overdue")
