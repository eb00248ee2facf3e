"""What an address of the queue shows: filters against brute force, counts, places, news."""

from datetime import datetime, timedelta
from itertools import combinations, product
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agentdesk.listing import PAGE, FilterError, Listing, matching
from agentdesk.models import SavedView
from agentdesk.news import compare, shown_rows
from agentdesk.rows import mark_of
from callbacks import queries
from callbacks.models import Callback
from campaigns.actions import pause
from contacts import clock
from tests.factories import (
    make_agent,
    make_callback,
    make_campaign,
    make_contact,
    make_user,
    offered,
    snapshot,
)

H, D = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def supervisor(campaign):
    return make_user("supervisor")


def shown(query, user, now=None):
    return {one.pk for one in matching(query, user, now or clock.now())}


@pytest.fixture
def mixed(campaign, agent):
    """One callback for each way in which callbacks differ."""
    paused = make_campaign(name="Paused")
    pause(paused, by="Ruth")
    other = make_agent(campaign)
    lisbon = make_contact("Paulo Neves", zones=("Europe/Lisbon",))
    made = [
        make_callback(campaign),
        make_callback(paused, trigger_outcome="busy", retry_number=1, retry_max=5),
        make_callback(campaign, trigger_outcome="no_answer", retry_number=2, retry_max=3),
        make_callback(campaign, kind="agent", reserved_for=agent.user, due=H),
        make_callback(campaign, reserved_for=other.user, due=2 * H, callable_in=2 * H),
        make_callback(campaign, contact=lisbon, due=-5 * D),
        make_callback(paused, contact=lisbon, due=-9 * D, kind="follow_up"),
        make_callback(campaign, callable_in=None, due=3 * D),
        make_callback(paused, due=26 * H, trigger_outcome="voicemail", retry_number=1, retry_max=3),
    ]
    offered(agent, made[0])
    return Callback.objects.select_related("campaign", "contact")


def brute(now, agent, campaign):
    waits = lambda one: one.state == "scheduled"  # noqa: E731
    dials = lambda one: one.campaign.dials  # noqa: E731
    return {
        f"campaign={campaign.pk}": lambda one: one.campaign_id == campaign.pk,
        f"agent={agent.pk}": lambda one: agent.pk in (one.agent_id, one.reserved_for_id),
        "agent=anyone": lambda one: one.agent_id is None and one.reserved_for_id is None,
        "kind=agent&kind=follow_up": lambda one: one.kind != "customer",
        "outcome=none": lambda one: not one.trigger_outcome,
        "outcome=busy&outcome=no_answer": lambda one: one.trigger_outcome in ("busy", "no_answer"),
        "retry=1": lambda one: one.retry_number == 1,
        "zone=Europe/Lisbon": lambda one: "Europe/Lisbon" in one.contact.zones,
        "stale=on": lambda one: one.due_at < now - one.campaign.stale_days * D,
        "due_within=90": lambda one: now <= one.due_at < now + 1.5 * H,
        "gate=callable": lambda one: waits(one) and dials(one) and one.callable_from is not None
        and one.callable_from <= now,
        "gate=later": lambda one: waits(one) and dials(one) and one.callable_from is not None
        and one.callable_from > now,
        "gate=paused": lambda one: waits(one) and not dials(one),
        "gate=closed": lambda one: waits(one) and one.callable_from is None,
        "gate=offered": lambda one: one.state == "offered",
        "q=Neves": lambda one: "Neves" in one.contact.name,
    }  # fmt: skip


def test_each_filter_and_each_two_of_them_show_what_brute_force_finds(
    mixed, supervisor, agent, campaign
):
    now = clock.now()
    rules = brute(now, agent, campaign)
    found = {query: {one.pk for one in mixed if rule(one)} for query, rule in rules.items()}
    assert all(found.values()), "a filter that finds nothing tests nothing"
    assert all(len(one) < len(mixed) for one in found.values())
    for query, ids in found.items():
        assert shown(f"view=all&{query}", supervisor, now) == ids, query
    for one, other in combinations(found, 2):
        if one.partition("=")[0] != other.partition("=")[0]:
            both = shown(f"view=all&{one}&{other}", supervisor, now)
            assert both == found[one] & found[other], (one, other)


def test_the_counts_of_all_tabs_follow_the_filters(mixed, supervisor, agent, campaign):
    now = clock.now()
    for query, view in product(brute(now, agent, campaign), queries.VIEWS):
        counts = Listing(QueryDict(query), supervisor, now).counts
        assert counts[view] == len(shown(f"view={view}&{query}", supervisor, now)), (query, view)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("campaign=999999", "Campaign"),
        ("outcome=late", "Outcome"),
        ("retry=77", "Retry"),
        ("zone=Mars/Olympus", "Zone of the contact"),
        ("due_within=-4", "Due within minutes"),
        ("agent=0", "Agent"),
    ],
)
def test_a_filter_that_makes_no_sense_is_said_and_narrows_nothing(
    campaign, supervisor, query, named
):
    one = make_callback(campaign)
    assert [*Listing(QueryDict(f"view=all&{query}"), supervisor, clock.now()).rows] == [one]
    with pytest.raises(FilterError, match=named):  # what is sent or done is never widened
        matching(f"view=all&{query}", supervisor, clock.now())
    client = Client()
    client.force_login(supervisor)
    page = client.get(f"{reverse('queue')}?view=all&{query}").content.decode()
    assert f"{named}:" in page.partition('class="wrong filter-wrong"')[2][:400]


@pytest.mark.parametrize("query", ["view=none", "order=name", "view=all&after=x", "before=1~2~3"])
def test_an_address_that_leads_nowhere_is_not_found(campaign, supervisor, query):
    client = Client()
    client.force_login(supervisor)
    assert client.get(f"{reverse('queue')}?{query}").status_code == 404


MANY = """
WITH people AS (
  INSERT INTO contact (name, zones, zone_source, place, created_at)
  SELECT 'Person ' || n, '{Europe/London}', 'said', '', now() FROM generate_series(1, %s) n
  RETURNING id
)
INSERT INTO callback (public_id, contact_id, number_id, campaign_id, state, kind, about, "case",
  priority, due_at, said_wall, said_zone, own_time, trigger_outcome, retry_number, retry_max,
  counts_from, claim_version, reject_count, attention, ended_reason)
SELECT gen_random_uuid(), people.id, %s, %s, 'scheduled', 'customer', '', '{}', 0,
  now() - interval '1 hour', '', '', false, '', 0, 3, now(), 0, 0, '', '' FROM people
"""


@pytest.mark.parametrize(
    ("rows", "said"), [(999, "999"), (1000, "1,000"), (1001, "1,000+"), (1500, "1,000+")]
)
def test_counts_are_exact_up_to_the_cap_and_say_so_beyond(campaign, supervisor, rows, said):
    first = make_callback(campaign)
    with connection.cursor() as cursor:
        cursor.execute(MANY, [rows - 1, first.number_id, campaign.pk])
    listing = Listing(QueryDict("view=overdue"), supervisor, clock.now())
    assert listing.total == said
    assert {tab.name: tab.count for tab in listing.tabs()}["all"] == said


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-11-18", "2026-11-22"])
def test_counts_equal_brute_force_around_midnights_week_ends_and_dst_days(campaign, zone, day):
    there = ZoneInfo(zone)
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=there)
    midnights = [
        datetime.combine(noon.date() + n * D, datetime.min.time(), there) for n in range(-1, 9)
    ]
    dues = [at + timedelta(seconds=s) for at in midnights for s in (-1, 0, 1)]
    for n, due in enumerate(dues):
        make_callback(campaign, due_at=due, contact=make_contact(f"Person {n}", ending="10"))
    user = make_user("supervisor", zone=zone)
    week = noon.isocalendar()[:2]
    local = [due.astimezone(there) for due in dues]
    counts = Listing(QueryDict(""), user, noon).counts
    today = [one for one in local if one.date() == noon.date()]
    rest = [one for one in local if one.isocalendar()[:2] == week and one.date() >= noon.date()]
    assert counts["overdue"] == sum(due < noon for due in dues)
    assert counts["today"] == len(today)
    assert counts["week"] == len(rest)
    assert counts["all"] == len(dues)


def test_the_page_takes_as_many_statements_for_fifty_rows_as_for_two(campaign, supervisor):
    client = Client()
    client.force_login(supervisor)
    taken = []
    for rows in (2, 2, 51):  # the first page also reads what a process keeps
        while Callback.objects.count() < rows:
            make_callback(campaign, contact=make_contact(f"Person {Callback.objects.count()}"))
        with CaptureQueriesContext(connection) as statements:
            page = client.get(f"{reverse('queue')}?view=all").content.decode()
        assert page.count('class="row-check"') == min(rows, PAGE)
        taken.append([one["sql"].split(None, 4)[:4] for one in statements])
    assert taken[1] == taken[2]


# --- saved views


def post(user, **fields):
    client = Client()
    client.force_login(user)
    return client.post(reverse("queue-views"), fields)


def test_a_view_is_saved_once_per_name_and_deleted_only_by_its_owner(campaign, supervisor):
    other = make_user("supervisor")
    post(supervisor, name="Mine", query="view=all", save="yes")
    response = post(supervisor, name="Mine", query="view=today", save="yes")
    assert response["Location"] == f"{reverse('queue')}?view=today"
    saved = SavedView.objects.get()
    assert (saved.user, saved.query) == (supervisor, "view=today")
    for wrong in (saved.pk, "x", "9" * 30):
        post(other, delete=wrong, query="")
    assert SavedView.objects.get() == saved
    post(supervisor, delete=saved.pk, query="")
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_view_without_a_good_name_is_not_saved(campaign, supervisor, name):
    client = Client()
    client.force_login(supervisor)
    before = snapshot()
    fields = {"name": name, "query": "view=all&retry=1", "save": "yes"}
    response = client.post(reverse("queue-views"), fields)
    assert response.status_code == 422
    assert b'id="view-wrong"' in response.content
    assert snapshot() == before


# --- news


def told(query, user, seen):
    listing = Listing(QueryDict(query), user, clock.now())
    return compare(seen, listing.page().rows, listing)


def seen_of(query, user):
    page = Listing(QueryDict(query), user, clock.now()).page()
    return {one.pk: mark_of(one) for one in page.rows}


def test_nothing_is_news_while_nothing_happens(mixed, supervisor):
    assert told("view=all", supervisor, seen_of("view=all", supervisor)).words == ""


def test_new_and_changed_rows_are_counted(campaign, supervisor):
    changed, _ = (make_callback(campaign, due=-n * H) for n in (1, 2))
    seen = seen_of("view=all", supervisor)
    make_callback(campaign, due=-4 * H)
    Callback.objects.filter(pk=changed.pk).update(retry_number=1)
    assert told("view=all", supervisor, seen).words == "1 new, 1 changed"


def test_a_row_that_only_moved_up_is_no_news(campaign, supervisor):
    made = [make_callback(campaign, due=n * H, contact=make_contact(f"P {n}")) for n in range(52)]
    seen = seen_of("view=all", supervisor)
    assert len(seen) == PAGE
    Callback.objects.filter(pk=made[0].pk).update(due_at=clock.now() + 900 * H)
    # It is still in the list, further down; row 51 has moved up in its place.
    assert told("view=all", supervisor, seen).words == ""


def test_a_row_that_new_ones_pushed_off_the_page_is_no_news(campaign, supervisor):
    for n in range(PAGE):
        make_callback(campaign, due=n * H, contact=make_contact(f"P {n}"))
    seen = seen_of("view=all", supervisor)
    make_callback(campaign, due=-H)
    assert told("view=all", supervisor, seen).words == "1 new"


def test_a_row_that_has_left_the_list_is_a_change(campaign, supervisor, agent):
    taken = make_callback(campaign)
    make_callback(campaign, due=H)
    seen = seen_of("view=overdue", supervisor)
    Callback.objects.filter(pk=taken.pk).update(due_at=clock.now() + H)
    assert told("view=overdue", supervisor, seen).words == "1 changed"


def test_shown_rows_that_are_nonsense_are_left_out():
    assert shown_rows(["7:ab", "x:1", "", "9", f"{2**70}:a", "-1:b"]) == {7: "ab", 9: ""}
