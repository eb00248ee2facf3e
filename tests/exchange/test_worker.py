"""The worker and several of them: a file is imported once, and its waiting stands on the page."""

from datetime import timedelta

import pytest
from django.db import connection

from agentdesk.health import readings
from callbacks.exchange import jobs, write
from callbacks.exchange.models import ExchangeJob
from callbacks.models import Callback, Sweep
from contacts import clock
from contacts.models import Contact, ContactNumber, PhoneNumber
from tests.callbacks.race import at_once, errors
from tests.exchange.files import CALLBACKS, checked, csv_file, figures, taken
from tests.factories import make_campaign

ROWS = [[f"+4474001{place:05d}", f"P{place}"] for place in range(40)]
FILE = csv_file(["number", "name"], *ROWS)


def lag():
    return {one.sweep.name: one.lag for one in readings()}["work_off_exchange"]


def test_a_file_lags_while_it_waits_for_the_worker(db):
    assert lag() == timedelta()
    job = taken(FILE)
    assert lag() == timedelta()  # somebody has to say which column is which
    jobs.choose_columns(job.pk, job.columns)
    ExchangeJob.objects.update(created_at=clock.now() - timedelta(minutes=1))
    assert lag() == timedelta(minutes=1)
    Sweep.objects.create(name="work_off_exchange", ran_at=clock.now() - timedelta(seconds=4))
    assert lag() == timedelta(seconds=4)
    jobs.work_off_exchange()
    assert lag() == timedelta()


def test_the_oldest_file_goes_first_and_all_of_them_go(db):
    made = [taken(FILE) for _ in range(2)]
    for job in made:
        jobs.choose_columns(job.pk, job.columns)
    assert jobs.work_off_exchange() == 2
    assert list(ExchangeJob.objects.values_list("stage", flat=True)) == ["ready", "ready"]


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_import_each_line_once(monkeypatch):
    monkeypatch.setitem(write.CHUNK, "contacts", 3)
    job = checked(FILE)
    jobs.start_import(job.pk)
    answers = at_once(*[jobs.work_off_exchange] * 3)
    assert errors(answers) == []
    jobs.finish(job.pk)
    job.refresh_from_db()
    assert figures(job) == {"total": 40, "refused": 0, "added": 40, "merged": 0}
    assert Contact.objects.count() == PhoneNumber.objects.count() == 40


@pytest.mark.django_db(transaction=True)
def test_two_files_with_the_same_people_add_them_once(monkeypatch):
    monkeypatch.setitem(write.CHUNK, "contacts", 7)
    one = checked(FILE)
    other = checked(csv_file(["number", "name"], *reversed(ROWS)))
    for job in (one, other):
        jobs.start_import(job.pk)
    answers = at_once(lambda: jobs.finish(one.pk), lambda: jobs.finish(other.pk))
    assert errors(answers) == []
    assert Contact.objects.count() == ContactNumber.objects.count() == 40
    done = [figures(job) for job in ExchangeJob.objects.order_by("pk")]
    assert sum(one["added"] for one in done) == 40
    assert sum(one["merged"] for one in done) == 40


class Killed(BaseException):
    """As sudden as a signal."""


@pytest.mark.parametrize("kind", ["contacts", CALLBACKS])
@pytest.mark.django_db(transaction=True)
def test_broken_off_in_a_chunk_nothing_of_it_is_there_and_nothing_comes_twice(monkeypatch, kind):
    monkeypatch.setitem(write.CHUNK, "contacts", 4)
    campaign = make_campaign()
    when = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%d 10:00")
    rows = [[number, name, campaign.slug, when] for number, name in ROWS[:12]]
    job = checked(csv_file(["number", "name", "campaign", "when"], *rows), kind)
    jobs.start_import(job.pk)
    whole, done = ExchangeJob.save, []

    def dies(self, **kwargs):
        done.append(self.pk)
        if len(done) == 3:
            raise Killed  # all of the third chunk is written, and not yet committed
        whole(self, **kwargs)

    monkeypatch.setattr(ExchangeJob, "save", dies)
    with pytest.raises(Killed):
        jobs.finish(job.pk)
    monkeypatch.setattr(ExchangeJob, "save", whole)
    job.refresh_from_db()
    committed = 8 if kind == "contacts" else 2
    assert job.added == committed == Contact.objects.count()
    assert job.lines.filter(outcome="added").count() == committed
    jobs.work_off_exchange()
    job.refresh_from_db()
    assert (job.stage, figures(job)["added"]) == ("done", 12)
    assert Contact.objects.count() == 12
    assert Callback.objects.count() == (12 if kind == CALLBACKS else 0)


def test_the_next_chunk_is_found_by_an_index(db):
    job = checked(FILE)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        found = job.lines.filter(outcome__in=["new", "merge"]).order_by("line")[:3].explain()
    assert "exchange_line_open" in found
