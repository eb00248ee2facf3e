"""The supervisors' queue: tabs on the viewer's clock, rows in words, actions with an answer."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse

from callbacks import queries
from campaigns.actions import pause
from contacts import clock
from contacts.actions import list_do_not_call
from contacts.models import PhoneNumber
from tests.agentdesk.pages import words
from tests.factories import (
    at,
    in_work,
    make_callback,
    make_contact,
    offered,
    open_only_in,
)

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def row(client, callback, view="all"):
    """What the row of a callback says, or None where it is not shown."""
    page = client.get(reverse("queue"), {"view": view}).content.decode()
    found = re.search(rf'<tr[^>]*id="row-{callback.pk}".*?</tr>', page, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split()) if found else None


# --- which rows stand in which tab

NOW = "2026-11-18 17:00+00:00"  # Wednesday noon in New York; Thursday 02:00 in Tokyo
US, JP = "America/New_York", "Asia/Tokyo"


@pytest.mark.parametrize(
    ("due", "zone", "tabs"),
    [
        ("2026-11-18 16:59:59", US, {"overdue", "today", "week"}),  # due today, overdue: both
        ("2026-11-18 17:00:00", US, {"today", "week"}),  # due this second: not overdue
        ("2026-11-18 05:00:00", US, {"overdue", "today", "week"}),  # midnight: today
        ("2026-11-18 04:59:59", US, {"overdue"}),  # yesterday: the week begins today
        ("2026-11-19 04:59:59", US, {"today", "week"}),  # 23:59:59
        ("2026-11-19 05:00:00", US, {"week"}),  # tomorrow 00:00
        ("2026-11-23 04:59:59", US, {"week"}),  # Sunday 23:59:59
        ("2026-11-23 05:00:00", US, set()),  # Monday 00:00: next ISO week
        ("2026-11-18 16:59:59", JP, {"overdue", "today", "week"}),  # Thursday 01:59:59
        ("2026-11-18 14:59:59", JP, {"overdue"}),  # Wednesday 23:59:59
        ("2026-11-22 14:59:59", JP, {"week"}),  # Sunday 23:59:59
        ("2026-11-22 15:00:00", JP, set()),  # Monday 00:00
    ],
)
def test_tabs_follow_the_viewers_clock(campaign, due, zone, tabs):
    make_callback(campaign, due_at=at(f"{due}+00:00"))
    day = queries.day_of(at(NOW), zone)
    counts = queries.counts(day)
    assert {name for name, count in counts.items() if count} == tabs | {"all"}


@pytest.mark.parametrize(
    ("now", "zone", "hours"),
    [
        ("2026-03-29 12:00+00:00", "Europe/London", 23),  # the day the clock goes forward
        ("2026-10-25 12:00+00:00", "Europe/London", 25),  # and back
        ("2026-11-18 12:00+00:00", "Europe/London", 24),
    ],
)
def test_today_is_as_long_as_the_day_is(now, zone, hours):
    day = queries.day_of(datetime.fromisoformat(now), zone)
    assert day.end.timestamp() - day.start.timestamp() == hours * 3600


@pytest.mark.parametrize(
    ("state", "pending"), [("scheduled", True), ("offered", True), ("working", False)]
)
def test_only_what_is_not_accepted_is_pending(campaign, agent, state, pending):
    callback = make_callback(campaign)
    if state != "scheduled":
        (offered if state == "offered" else in_work)(agent, callback)
    day = queries.day_of(clock.now(), "UTC")
    assert queries.in_view("overdue", day).exists() is pending
    assert queries.in_view("all", day).exists() is pending


def test_attention_lists_work_in_hand_too(campaign, agent):
    callback = make_callback(campaign, attention="Rejected 3×: Not now")
    in_work(agent, callback)
    day = queries.day_of(clock.now(), "UTC")
    assert list(queries.in_view("attention", day)) == [callback]
    make_callback(campaign)
    assert queries.counts(day)["attention"] == 1


def test_rows_stand_in_the_order_of_their_promises(campaign):
    later, sooner = make_callback(campaign, due=-M), make_callback(campaign, due=-9 * M)
    day = queries.day_of(clock.now(), "UTC")
    assert [one.pk for one in queries.in_view("all", day)] == [sooner.pk, later.pk]


# --- what a row says


def test_the_tabs_show_their_counts(campaign, supervisor):
    make_callback(campaign, due=-26 * M)
    make_callback(campaign, due=9 * D)
    page = words(supervisor.get(reverse("queue")))
    assert "1 Overdue" in page
    assert "2 All Pending" in page
    assert "0 Attention" in page


def test_a_row_says_who_when_why_and_whether(campaign, supervisor):
    contact = make_contact("Leila Osei", zones=("Europe/Lisbon",))
    callback = make_callback(
        campaign, contact=contact, due=-26 * M, retry_number=2, retry_max=3, trigger_outcome="busy"
    )
    said = row(supervisor, callback)
    for part in ("Overdue 26 min", "Leila Osei", "Busy", "Retry 2 of 3", "in Lisbon", "Anyone",
                 campaign.name, "Callable now", "+44 7400"):  # fmt: skip
        assert part in said


@pytest.mark.parametrize(
    ("block", "verdict"),
    [
        (lambda one: pause(one.campaign, by="Priya Nair"), "Campaign paused by Priya Nair"),
        (lambda one: list_do_not_call(one.number, reason="Asked"), "Must not be called"),
        (lambda one: PhoneNumber.objects.update(invalid_since=clock.now()), "not in service"),
        (lambda one: type(one.contact).objects.update(zones=[]), "Zone not known"),
        (lambda one: open_only_in(one.campaign, 2), "Not before"),
    ],
)
def test_a_row_says_why_it_may_not_be_called(campaign, supervisor, block, verdict):
    callback = make_callback(campaign)
    assert verdict not in row(supervisor, callback)
    block(callback)
    assert verdict in row(supervisor, callback)


def test_an_offered_row_says_to_whom_and_for_how_long(campaign, supervisor, agent):
    callback = make_callback(campaign)
    offered(agent, callback)
    assert "Offered to Ada, 0:" in row(supervisor, callback)


def test_an_empty_tab_says_what_comes_next(campaign, supervisor):
    assert "Nothing is overdue" in words(supervisor.get(reverse("queue")))
    make_callback(campaign, contact=make_contact("Owen Marsh"), due=3 * H)
    assert "The next promise is Owen Marsh at" in words(supervisor.get(reverse("queue")))


def test_an_unknown_tab_is_not_found(supervisor):
    assert supervisor.get(reverse("queue"), {"view": "mine"}).status_code == 404


def test_a_name_is_text_and_never_markup(campaign, supervisor):
    make_callback(campaign, contact=make_contact("<script>alert(1)</script>"))
    page = supervisor.get(reverse("queue")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


# --- the story and what may be done


def test_the_story_tells_what_happened_and_who_did_it(campaign, supervisor, agent):
    callback = make_callback(campaign)
    in_work(agent, callback)
    page = words(supervisor.get(reverse("queue-story", args=[callback.pk])))
    for part in ("Callback asked for", "Offered Ada", "Accepted Ada", callback.reference):
        assert part in page
