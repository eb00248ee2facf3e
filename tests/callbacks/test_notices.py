"""What desks and workers are told after a commit; a lost notice costs a second, never a fact."""

import json
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from callbacks import notices


@pytest.fixture
def heard():
    """All that is told on any channel while the test runs."""
    valkey = redis.Redis.from_url(settings.REDIS_URL)
    channel = valkey.pubsub()
    channel.psubscribe("*")
    assert channel.get_message(timeout=5)["type"] == "psubscribe"
    channel.ignore_subscribe_messages = True

    def messages(*users):
        channels = {f"desk:{user}".encode() for user in users}
        found = []
        while (message := channel.get_message(timeout=0.2)) is not None:
            if message["channel"] in channels:
                found.append(json.loads(message["data"]))
        return found

    yield messages
    channel.close()
    valkey.close()


@pytest.fixture
def somebody():
    """An id that no other run speaks to: Valkey is shared by all of them."""
    return uuid4().int >> 70


@pytest.mark.django_db(transaction=True)
def test_a_notice_is_told_after_the_commit_and_not_before(heard, somebody):
    with transaction.atomic():
        notices.tell_agent(somebody, "offer", callback=7)
        assert heard(somebody) == []
    assert heard(somebody) == [{"name": "offer", "callback": 7}]


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_never_told(heard, somebody):
    with transaction.atomic():
        notices.tell_agent(somebody, "offer")
        transaction.set_rollback(True)
    notices.tell_agent(somebody, "presence")
    assert heard(somebody) == [{"name": "presence"}]


@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_when_nobody_held_it(heard, somebody):
    notices.tell_agent(None, "withdrawn")
    notices.tell_agent(somebody, "withdrawn", why="Cancelled")
    assert heard("None", somebody) == [{"name": "withdrawn", "why": "Cancelled"}]


@pytest.mark.django_db(transaction=True)
def test_a_lost_knock_is_logged_and_raises_nothing(campaign, monkeypatch, caplog):
    def lost(*_, **__):
        raise OperationalError("gone")

    monkeypatch.setattr(notices.current_app, "send_task", lost)
    with transaction.atomic():
        notices.knock()
    assert "knock lost" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_lost_notice_breaks_no_transaction(campaign, monkeypatch):
    def lost(*_):
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(notices._valkey(), "publish", lost)
    with transaction.atomic():
        notices.tell_queue()
        campaign.name = "Saved"
        campaign.save()
    campaign.refresh_from_db()
    assert campaign.name == "Saved"
    assert connection.in_atomic_block is False
