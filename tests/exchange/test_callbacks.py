"""Callbacks from a file: what one asks of the form, a file asks line by line, and nothing else."""

from datetime import date, datetime, time, timedelta

import pytest

from callbacks.actions.intake import request_callback
from callbacks.exchange import jobs
from callbacks.models import Callback, IntakeRequest
from contacts import clock
from contacts.actions import list_do_not_call, lock_number
from contacts.models import Contact
from contacts.rules.phone import read_number
from contacts.rules.timezones import instant_of
from tests.exchange.files import CALLBACKS, checked, csv_file, figures, imported, outcomes
from tests.factories import (
    in_work,
    make_callback,
    make_campaign,
    make_contact,
    make_number,
    make_request,
    offered,
    snapshot,
    story,
)

HEAD = ["Phone", "Name", "Campaign", "When", "Zone", "About"]
ONE, TWO, THREE = "+447400100001", "+447400100002", "+447400100003"


def wall(days=2, hour=10):
    """A wall time some days ahead; no zone jumps over ten o'clock."""
    day = (clock.now() + timedelta(days=days)).date()
    return datetime.combine(day, time(hour))


def british(e164):
    return read_number(e164, "GB", frozenset())


def text(moment):
    return f"{moment:%Y-%m-%d %H:%M}"


@pytest.fixture
def campaign(db):
    """A campaign that calls round the clock, whose numbers are British."""
    return make_campaign(name="Late meters", slug="late-meters")


EXPECTED = [
    (2, "new", "", ""),
    (3, "merge", "", ""),
    (4, "merge", "", ""),
    (5, "new", "", ""),
    (6, "refused", "When", "past"),
    (7, "refused", "When", "too_far"),
    (8, "refused", "When", "time"),
    (9, "refused", "When", "required"),
    (10, "refused", "Campaign", "unknown"),
    (11, "refused", "Campaign", "intake_closed"),
    (12, "refused", "Phone", "do_not_call"),
    (13, "refused", "Phone", "country"),
    (14, "refused", "Campaign", "required"),
    (15, "refused", "About", "long"),
]


def test_every_line_gets_its_outcome(campaign):
    shut = make_campaign(takes_requests=False)
    live = make_callback(campaign, contact=make_contact("Ines"))
    forbidden = make_number()
    list_do_not_call(lock_number(forbidden), reason="Asked")
    when, slug = text(wall()), campaign.slug
    before = snapshot()
    rows = [
        [ONE, "Sarah", slug, when, "", "A bill"],
        [str(live.number.e164), "INES", "LATE METERS", when, "", "More"],
        [ONE, "sarah", slug, when, "", "Again"],
        [ONE, "Owen", slug, when, "", "Another person"],
        [TWO, "P", slug, text(wall(-2)), "", ""],
        [TWO, "F", slug, text(wall(20)), "", ""],
        [TWO, "W", slug, "soon", "", ""],
        [TWO, "E", slug, "", "", ""],
        [TWO, "U", "no such", when, "", ""],
        [TWO, "S", shut.slug, when, "", ""],
        [forbidden.e164, "D", slug, when, "", ""],
        ["+351912345678", "C", slug, when, "", ""],
        [TWO, "", "", when, "", ""],
        [TWO, "", slug, when, "", "x" * 2001],
    ]
    job = checked(csv_file(HEAD, *rows), CALLBACKS)
    assert outcomes(job) == EXPECTED
    assert snapshot() == before  # a dry run
    assert jobs.start_import(job.pk)
    jobs.finish(job.pk)
    job.refresh_from_db()
    assert figures(job) == {"total": 14, "refused": 10, "added": 2, "merged": 2}
    assert Callback.objects.count() == 3
    sarah = Callback.objects.get(contact__name="Sarah")
    assert sarah.about == "A bill\n\nAgain"
    assert sarah.due_at == instant_of(wall(), "Europe/London")
    assert story(sarah) == ["request", "merge"]
    live.refresh_from_db()
    assert live.about == "The meter reading\n\nMore"
    assert live.due_at == sarah.due_at  # the time that they named replaces the machine's


@pytest.mark.parametrize(
    ("zone", "means"), [("Europe/Lisbon", "Europe/Lisbon"), ("", "America/New_York")]
)
def test_a_time_is_on_the_clock_of_its_line_or_of_the_job(campaign, zone, means):
    rows = csv_file(HEAD, [ONE, "", campaign.slug, text(wall()), zone, ""])
    imported(rows, CALLBACKS, zone="America/New_York")
    callback = Callback.objects.get()
    assert callback.due_at == instant_of(wall(), means)
    assert (callback.said_zone, callback.own_time) == (means, True)


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M",
                                  "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S"])  # fmt: skip
def test_times_are_read_as_people_write_them(campaign, form):
    rows = csv_file(HEAD, [ONE, "", campaign.slug, wall().strftime(form), "", ""])
    imported(rows, CALLBACKS)
    assert Callback.objects.get().due_at == instant_of(wall(), "Europe/London")


def test_a_time_that_the_clocks_jump_over_is_refused(campaign, monkeypatch):
    monkeypatch.setattr("callbacks.actions.intake.FURTHEST", timedelta(days=800))
    year = clock.now().year + 1
    last_sunday = max(day for day in range(25, 32) if date(year, 3, day).weekday() == 6)
    gap = f"{year}-03-{last_sunday} 01:30"
    job = checked(csv_file(HEAD, [ONE, "", campaign.slug, gap, "", ""]), CALLBACKS)
    assert outcomes(job) == [(2, "refused", "When", "nonexistent")]


def test_what_has_changed_since_the_check_is_seen_when_it_is_imported(campaign):
    when = text(wall())
    rows = [[number, "", campaign.slug, when, "", "Keep me"] for number in (ONE, TWO, THREE)]
    job = checked(csv_file(HEAD, *rows), CALLBACKS)
    assert job.to_add == 3
    list_do_not_call(lock_number(british(TWO)), reason="Asked")
    request_callback(make_request(campaign, number=british(THREE), wish=None))
    jobs.start_import(job.pk)
    jobs.finish(job.pk)
    job.refresh_from_db()
    assert outcomes(job) == [
        (2, "added", "", ""),
        (3, "refused", "Phone", "do_not_call"),
        (4, "merged", "", ""),
    ]
    text_ = "".join(jobs.as_csv(jobs.refused_lines(job)))
    assert f"'{TWO},,{campaign.slug},{when},,Keep me,3,Phone,We were asked" in text_


def test_asked_twice_it_is_made_once(campaign):
    job = checked(csv_file(HEAD, [ONE, "", campaign.slug, text(wall()), "", "A"]), CALLBACKS)
    line = job.lines.get()
    jobs.start_import(job.pk)
    jobs.finish(job.pk)
    before = snapshot()
    # As if the worker had died between the callback and its line, were they not one transaction.
    line.save()
    job.refresh_from_db()
    job.stage = "importing"
    job.save()
    jobs.finish(job.pk)
    assert snapshot() == before
    assert IntakeRequest.objects.count() == 1


def test_work_in_hand_keeps_its_time_and_gets_the_note(campaign, agent):
    agent.campaigns.set([campaign])
    callback = make_callback(campaign, contact=make_contact("Ines"))
    in_work(agent, callback)
    due = callback.due_at
    rows = csv_file(HEAD, [str(callback.number.e164), "Ines", "late-meters", text(wall()), "", "B"])
    imported(rows, CALLBACKS)
    callback.refresh_from_db()
    assert (callback.state, callback.due_at) == ("working", due)
    assert callback.about.endswith("B")


def test_an_offer_is_withdrawn_when_another_time_was_named(campaign, agent):
    callback = make_callback(campaign, contact=make_contact("Ines"))
    offered(agent, callback)
    rows = csv_file(HEAD, [str(callback.number.e164), "Ines", "late-meters", text(wall()), "", ""])
    imported(rows, CALLBACKS)
    callback.refresh_from_db()
    assert callback.state == "scheduled"
    assert story(callback)[-2:] == ["withdraw", "merge"]


def test_the_story_names_who_imported_it(campaign, django_user_model):
    ruth = django_user_model.objects.create_user("ruth@example.com")
    rows = csv_file(HEAD, [ONE, "", campaign.slug, text(wall()), "", ""])
    imported(rows, CALLBACKS, user_id=ruth.pk)
    event = Callback.objects.get().events.get()
    assert (event.actor_kind, event.actor_id) == ("supervisor", ruth.pk)


def test_a_campaign_for_all_lines_stands_where_a_line_names_none(campaign):
    other = make_campaign()
    head = ["Phone", "When", "Campaign"]
    when = text(wall())
    imported(
        csv_file(head, [ONE, when, ""], [TWO, when, other.name]),
        CALLBACKS,
        campaign_slug=campaign.slug,
    )
    found = Callback.objects.order_by("id").values_list("campaign__slug", flat=True)
    assert list(found) == [campaign.slug, other.slug]
    assert Contact.objects.count() == 2
