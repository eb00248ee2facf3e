"""The demo data is believable, lawful, and never loaded where it does not belong."""

from collections import Counter
from io import StringIO
from itertools import pairwise
from random import Random

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from agentdesk.demo import load as loading
from agentdesk.demo.names import name_in
from agentdesk.demo.staff import EVERYBODY, PASSWORD
from agentdesk.models import Agent, User
from agentdesk.rows import row_of
from callbacks import cases, queries
from callbacks.models import Attempt, Callback, CallbackEvent
from callbacks.rules.states import TRANSITIONS, Event, State
from campaigns.models import Campaign
from contacts import clock
from contacts.models import Contact, DoNotCall, Intent, Interaction, PhoneNumber

OURS = ("contacts", "campaigns", "callbacks", "agentdesk")


def demo(*words):
    out = StringIO()
    call_command("demo", *words, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The demo, loaded once for all tests that only look at it."""
    said = []
    with django_db_blocker.unblock(), transaction.atomic():
        loading.load(7, said.append)
        yield said
        transaction.set_rollback(True)


@pytest.fixture
def look(loaded, db):
    """Loaded, and whatever a test writes is undone."""
    return loaded


def test_accounts_are_listed_with_password_and_role(settings):
    settings.DEMO = True
    lines = demo("--accounts").splitlines()
    assert [line.split()[1:] for line in lines[:2]] == [
        [PASSWORD, "administrator"],
        [PASSWORD, "supervisor"],
    ]
    assert {line.split()[0] for line in lines} == {member.email for member in EVERYBODY}
    assert len({line.index(PASSWORD) for line in lines}) == 1


def test_progress_is_told_in_words(look):
    assert look[0].startswith("3 campaigns, 8 agents")
    assert any("callbacks" in words for words in look)


def test_the_form_asks_for_web_requests_and_still_offers_a_call_soon(look):
    web = Campaign.objects.filter(on_the_web=True).order_by("pk").first()
    assert web == Campaign.objects.order_by("pk").first()
    assert web.slug == "web-requests"
    assert 0 < queries.ahead_in_line(web.pk, clock.now()) <= 8


def test_every_state_of_a_callback_without_an_agent_is_there(look):
    states = Counter(Callback.objects.values_list("state", flat=True))
    assert set(states) == set(State) - {State.OFFERED, State.WORKING}
    assert sum(states.values()) >= 250
    assert min(states.values()) >= 10


def test_retries_overdue_personal_and_attention_are_there(look):
    pending = Callback.objects.filter(state=State.SCHEDULED)
    now = clock.now()
    kinds = set(pending.exclude(trigger_outcome="").values_list("trigger_outcome", flat=True))
    assert {"voicemail", "no_answer"} <= kinds <= {
        "voicemail", "no_answer", "busy", "network_error", "answered",
    }  # fmt: skip
    assert pending.filter(retry_number=2, retry_max=3).exists()
    assert pending.filter(due_at__lt=now).count() >= 10
    assert pending.filter(due_at__gte=now).count() >= 60
    assert pending.filter(reserved_for__isnull=False).count() >= 5
    assert pending.exclude(attention="").count() >= 5
    assert pending.filter(callable_from__isnull=True, contact__zones=[]).exists()


def test_every_story_leads_to_the_state_of_its_callback(look):
    now = clock.now()
    for callback in Callback.objects.prefetch_related("events"):
        events = sorted(callback.events.all(), key=lambda event: event.pk)
        assert events[0].name == Event.REQUEST
        assert events[-1].to_state == callback.state
        assert events[-1].at <= now
        assert [event.at for event in events] == sorted(event.at for event in events)
        state = State.SCHEDULED
        for event in events[1:]:
            assert event.from_state == state
            state = TRANSITIONS[state, Event(event.name)]
            assert event.to_state == state
        if callback.state != State.SCHEDULED:
            assert callback.ended_at == events[-1].at


def test_dials_lie_within_work_and_explain_the_retries(look):
    for callback in Callback.objects.filter(retry_number__gt=0).prefetch_related("attempts"):
        same = [one for one in callback.attempts.all() if one.outcome == callback.trigger_outcome]
        assert len([one for one in same if one.intended_at >= callback.counts_from]) >= (
            callback.retry_number
        )
    accepts = Counter(
        CallbackEvent.objects.filter(name=Event.ACCEPT).values_list("callback_id", flat=True)
    )
    assert Counter(Attempt.objects.values_list("callback_id", flat=True)) == accepts


def test_nobody_had_two_callbacks_in_hand(look):
    spans = {}
    for event in CallbackEvent.objects.filter(name=Event.OFFER).order_by("pk"):
        after = (
            CallbackEvent.objects.filter(
                callback=event.callback_id, pk__gt=event.pk, to_state__in=set(State) - {"working"}
            )
            .order_by("pk")
            .first()
        )
        spans.setdefault(event.actor_id, []).append((event.at, after.at))
    for busy in spans.values():
        busy.sort()
        assert all(end <= start for (_, end), (start, _) in pairwise(busy))


def test_people_come_from_many_regions_with_some_zones_in_doubt(look):
    assert Contact.objects.count() >= 300
    assert PhoneNumber.objects.values("region").distinct().count() >= 15
    doubtful = Contact.objects.filter(zones__len__gt=1, numbers__e164__startswith="+1")
    assert doubtful.exists()
    sources = Counter(Contact.objects.values_list("zone_source", flat=True))
    assert sources.most_common(1)[0][0] == "number"
    assert set(sources) == {"number", "said", "address", "browser", "unknown"}
    endings = {str(number)[-2:] for number in PhoneNumber.objects.values_list("e164", flat=True)}
    assert {"00", "01", "02", "03"} <= endings
    assert DoNotCall.objects.exists()


def test_texts_are_filled_in(look):
    texts = [
        *Callback.objects.values_list("about", flat=True),
        *Interaction.objects.values_list("summary", flat=True),
        *Intent.objects.values_list("detail", flat=True),
    ]
    assert not [text for text in texts if "{" in text or "None" in text]


def test_every_pending_callback_makes_a_row_of_the_queue(look):
    now = clock.now()
    waiting = list(queries.with_names().filter(state=State.SCHEDULED))
    verdicts = cases.verdicts(one.pk for one in waiting)
    for callback in waiting:
        assert row_of(callback, verdicts[callback.pk], "Europe/London", now).gate.text


def test_demo_people_sign_in_and_agents_are_not_ready(look):
    assert Client().login(email="nadia.haddad@larkspur.example", password=PASSWORD)
    assert set(Agent.objects.values_list("presence", flat=True)) == {"not_ready"}
    assert Agent.objects.filter(campaigns=None).count() == 0


def test_names_and_requests_vary(look):
    names = set(Contact.objects.values_list("name", flat=True))
    abouts = set(Callback.objects.values_list("about", flat=True))
    assert len(names) > 280
    assert len(abouts) > 60


def test_another_seed_tells_other_stories_and_the_same_one_the_same(look):
    def cast(seed):
        return [name_in("GB", luck, set()) for luck in [Random(seed)] for _ in range(20)]

    assert cast(1) == cast(1) != cast(2)


@pytest.mark.parametrize(
    "model",
    [model for app in OURS for model in apps.get_app_config(app).get_models()
     if model in admin.site._registry],
    ids=lambda model: model.__name__,
)  # fmt: skip
def test_administration_shows_lists_and_pages(look, model):
    client = Client()
    client.force_login(User.objects.get(email="admin@larkspur.example"))
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert client.get(reverse(f"{name}_changelist")).status_code == 200
    assert client.get(reverse(f"{name}_changelist"), {"q": "abc"}).status_code == 200
    row = model.objects.order_by("-pk").first()
    if row is not None:
        assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200


def test_administration_cannot_write_what_the_queue_writes(look):
    client = Client()
    client.force_login(User.objects.get(email="admin@larkspur.example"))
    callback = Callback.objects.filter(state=State.SCHEDULED).first()
    page = reverse("admin:callbacks_callback_change", args=[callback.pk])
    client.post(
        page,
        {"state": "completed", "due_at_0": "2001-01-01", "about": "Changed", "case": "{}",
         "attention": "", "events-TOTAL_FORMS": "0", "events-INITIAL_FORMS": "0",
         "attempts-TOTAL_FORMS": "0", "attempts-INITIAL_FORMS": "0", "_save": "1"},
    )  # fmt: skip
    after = Callback.objects.get(pk=callback.pk)
    assert after.about == "Changed"
    assert (after.state, after.due_at) == (callback.state, callback.due_at)
    for model in (Attempt, CallbackEvent):
        name = f"admin:callbacks_{model._meta.model_name}"
        row = model.objects.first()
        assert client.get(reverse(f"{name}_add")).status_code == 403
        assert client.post(reverse(f"{name}_delete", args=[row.pk])).status_code == 403
        assert client.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
        assert model.objects.filter(pk=row.pk).exists()
    delete = client.post(reverse("admin:callbacks_callback_delete", args=[callback.pk]))
    assert delete.status_code == 403
    assert Callback.objects.filter(pk=callback.pk).exists()


def test_administration_keeps_addresses_in_small_letters(look):
    client = Client()
    client.force_login(User.objects.get(email="admin@larkspur.example"))
    word = "quite-uncommon-7"
    form = {"first_name": "New", "last_name": "Person", "zone": "Europe/London",
            "usable_password": "true", "password1": word, "password2": word}  # fmt: skip
    page = reverse("admin:agentdesk_user_add")
    assert client.post(page, {**form, "email": "New.Person@Larkspur.example"}).status_code == 302
    assert User.objects.filter(email="new.person@larkspur.example").exists()
    assert client.post(page, {**form, "email": "RUTH.adeyemi@larkspur.example"}).status_code == 200
    assert User.objects.filter(email__iexact="ruth.adeyemi@larkspur.example").count() == 1
