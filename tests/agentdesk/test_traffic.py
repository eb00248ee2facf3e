"""The demo's commands: refused where they do not belong; agents leave the desk as they found it."""

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from agentdesk.demo import load as loading
from agentdesk.demo.traffic import Traffic, free_agents
from agentdesk.matching import match_idle_agents
from agentdesk.models import Agent, User
from callbacks.management.commands.run_dialer import reconcile
from callbacks.models import Attempt, Callback
from callbacks.rules.states import FINAL, HELD
from campaigns.models import Campaign
from contacts import clock
from contacts.models import Contact


def say(*words):
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def rows():
    return {
        model._meta.label: model.objects.count() for model in (Campaign, Callback, Contact, User)
    }


@pytest.mark.django_db
def test_outside_demo_mode_nothing_is_loaded_or_listed(settings):
    settings.DEMO = False
    for words in ((), ("--accounts",), ("--if-empty",)):
        with pytest.raises(CommandError, match="no demo"):
            say("demo", *words)
    assert not Campaign.objects.exists()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_database_in_use_is_left_as_it_is(settings, campaign):
    settings.DEMO = True
    before = rows()
    assert "left as it is" in say("demo", "--if-empty")
    with pytest.raises(CommandError, match="empty database"):
        say("demo")
    assert rows() == before


@pytest.mark.django_db
def test_loading_twice_is_safe(settings):
    settings.DEMO = True
    assert "Loading" in say("demo", "--seed", "3")
    before = rows()
    assert "left as it is" in say("demo", "--if-empty")
    assert rows() == before


@pytest.fixture
def demo(transactional_db):
    loading.load(7, lambda words: None)


def test_a_callback_reaches_its_end(demo, simulator):
    lines = []
    ended = Callback.objects.filter(state__in=FINAL).count()
    asked = Callback.objects.count()
    traffic = Traffic(
        lambda who, what: lines.append(f"{who} {what}"), agents=3, per_minute=120, pace=0.02
    )
    deadline = time.monotonic() + 60  # at most, on a machine that stalls

    def go(step):
        simulator.beat()
        step()
        match_idle_agents()
        simulator.later(0.02)
        reconcile(simulator)
        time.sleep(0.02)

    while time.monotonic() < deadline and not (
        Callback.objects.filter(state__in=FINAL).count() > ended
        and Callback.objects.count() > asked
    ):
        go(traffic.tick)
    assert Callback.objects.filter(state__in=FINAL).count() > ended
    assert Callback.objects.count() > asked
    assert Agent.objects.filter(seen_at__isnull=False).count() == 3
    while time.monotonic() < deadline + 5 and not traffic.leave():
        simulator.beat()
        simulator.later(0.02)
        reconcile(simulator)
        time.sleep(0.02)
    assert not Callback.objects.filter(state__in=HELD).exists()
    assert not Attempt.objects.filter(state__in=Attempt.LIVE).exists()
    assert set(Agent.objects.values_list("presence", flat=True)) == {"not_ready"}
    assert not Agent.objects.filter(seen_at__isnull=False).exists()
    assert any(" calls " in line for line in lines)
    assert not [
        line
        for line in lines
        if any(len(word) > 9 and word[1:].isdigit() for word in line.replace("(", "").split())
    ]


@pytest.mark.django_db
def test_agents_whom_a_person_uses_are_left_alone(settings):
    loading.load(7, lambda words: None)
    last, ready, used, stale = Agent.objects.order_by("-pk")[:4]
    Agent.objects.filter(pk=ready.pk).update(presence="ready")
    Agent.objects.filter(pk=used.pk).update(seen_at=clock.now() - timedelta(seconds=60))
    Agent.objects.filter(pk=stale.pk).update(seen_at=clock.now() - timedelta(minutes=3))
    assert [agent.pk for agent in free_agents(2)] == [last.pk, stale.pk]


@pytest.mark.django_db
def test_outside_demo_mode_nobody_is_called(settings, campaign):
    settings.DEMO = False
    with pytest.raises(CommandError, match="no demo"):
        call_command("traffic", "--seconds", "1", stdout=StringIO())
    assert not Callback.objects.exists()


@pytest.mark.django_db
def test_it_stops_after_its_time_and_leaves_nobody_ready(settings, simulator):
    settings.DEMO = True
    loading.load(7, lambda words: None)
    out = StringIO()
    call_command("traffic", "--seconds", "0.5", "--per-minute", "60", "--agents", "2", stdout=out)
    became = ("asked", "was told by", "added to the request")  # of whoever asked first
    assert any(words in out.getvalue() for words in became)
    assert set(Agent.objects.values_list("presence", flat=True)) == {"not_ready"}
