"""The quiet rules that an installation starts with, figure for figure as RULES 4 has them."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from campaigns import queries
from campaigns.actions import create_campaign
from campaigns.models import CallingHours, FrequencyCap, QuietHours, QuietRule
from campaigns.places import PLACES, add_default_rules
from campaigns.queries import OfCampaign, Whom, rule_book
from campaigns.rules.caps import Cap

DAY = timedelta(days=1)
MIAMI = Whom("+13055550123", "US", ("America/New_York",))
NEW_YORK = Whom("+12125550123", "US", ("America/New_York",))
MOVED_TO_FLORIDA = Whom("+12125550123", "US", ("America/New_York",), "US-FL")
EXPATRIATE = Whom("+442079460123", "GB", ("America/New_York",), "US-FL")
LONDON = Whom("+442079460123", "GB", ("Europe/London",))
PARIS = Whom("+33123456789", "FR", ("Europe/Paris",))
TORONTO = Whom("+14165550123", "CA", ("America/Toronto",))
VANCOUVER = Whom("+16045550123", "CA", ("America/Vancouver",))
SYDNEY = Whom("+61255501234", "AU", ("Australia/Sydney",))
LISBON = Whom("+351211234567", "PT", ("Europe/Lisbon",))
# RULES 4, written down a second time: name → region, place, hours by weekday, caps, in use.
TABLE = {
    "US federal": ("US", "", dict.fromkeys(range(7), "8-21"), {}, True),
    "Florida": ("US", "US-FL", dict.fromkeys(range(7), "8-20"), {24: 3}, True),
    "Reg F (debt collection)": ("US", "", {}, {7 * 24: 7}, False),
    "United Kingdom": ("GB", "", dict.fromkeys(range(7), "8-21"), {}, True),
    "France": ("FR", "", dict.fromkeys(range(5), "10-13 14-20"), {30 * 24: 4}, True),
    "Canada": (
        "CA", "", {**dict.fromkeys(range(5), "9-21:30"), 5: "10-18", 6: "10-18"}, {}, True
    ),
    "Australia": ("AU", "", {**dict.fromkeys(range(5), "9-20"), 5: "9-17"}, {}, True),
}  # fmt: skip


@pytest.fixture
def places(db):
    add_default_rules(QuietRule, QuietHours, FrequencyCap)


@pytest.fixture
def calls(db):
    """A campaign that calls at any hour, on holidays too."""
    return create_campaign(name="Places", slug="places", keeps_holidays=False)


def window(campaign, whom):
    return rule_book().window(OfCampaign.row(campaign), whom)


def is_open(campaign, whom, wall):
    """Whether it is open when the contact's clock reads this."""
    here = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(whom.zones[0]))
    return window(campaign, whom).span_at(here) is not None


def caps(campaign, whom):
    noon = datetime(2026, 11, 20, 12, tzinfo=ZoneInfo(whom.zones[0]))
    return window(campaign, whom).caps_at(noon)


def clock(minutes):
    return f"{minutes // 60}:{minutes % 60:02d}" if minutes % 60 else f"{minutes // 60}"


def test_the_rows_are_the_table_of_the_rules(places):
    found = {}
    for rule in QuietRule.objects.all():
        hours = {}
        for row in rule.hours.order_by("weekday", "opens"):
            pair = f"{clock(row.opens)}-{clock(row.closes)}"
            hours[row.weekday] = f"{hours[row.weekday]} {pair}" if row.weekday in hours else pair
        limits = {cap.span_hours: cap.dials for cap in rule.caps.all()}
        found[rule.name] = (rule.region, rule.place, hours, limits, rule.in_use)
    assert found == TABLE


def test_each_rule_says_that_it_must_be_verified(places):
    notes = QuietRule.objects.values_list("note", flat=True)
    assert len(notes) == 7
    assert all("verify with counsel" in note for note in notes)


@pytest.mark.parametrize(
    ("whom", "wall", "opened"),
    [
        # 20 November 2026 is a Friday. Florida: 8–20, five minutes early
        (MIAMI, "2026-11-20 07:59:59", False),
        (MIAMI, "2026-11-20 08:00:00", True),
        (MIAMI, "2026-11-20 19:54:59", True),
        (MIAMI, "2026-11-20 19:55:00", False),
        (MIAMI, "2026-11-22 19:54:59", True),  # on Sunday too
        # the federal rule alone: 8–21
        (NEW_YORK, "2026-11-20 19:55:00", True),
        (NEW_YORK, "2026-11-20 20:54:59", True),
        (NEW_YORK, "2026-11-20 20:55:00", False),
        # where somebody lives counts, whatever their number
        (MOVED_TO_FLORIDA, "2026-11-20 19:54:59", True),
        (MOVED_TO_FLORIDA, "2026-11-20 19:55:00", False),
        (EXPATRIATE, "2026-11-20 19:54:59", True),
        (EXPATRIATE, "2026-11-20 19:55:00", False),  # a British number, and the law of Florida
        (LONDON, "2026-11-20 07:59:59", False),
        (LONDON, "2026-11-21 08:00:00", True),
        (LONDON, "2026-11-22 20:54:59", True),
        (LONDON, "2026-11-22 20:55:00", False),
        # France: 10–13 and 14–20, Monday to Friday
        (PARIS, "2026-11-20 09:59:59", False),
        (PARIS, "2026-11-20 10:00:00", True),
        (PARIS, "2026-11-20 12:54:59", True),
        (PARIS, "2026-11-20 12:55:00", False),
        (PARIS, "2026-11-20 13:59:59", False),
        (PARIS, "2026-11-20 14:00:00", True),
        (PARIS, "2026-11-20 19:54:59", True),
        (PARIS, "2026-11-20 19:55:00", False),
        (PARIS, "2026-11-21 11:00:00", False),  # Saturday
        (PARIS, "2026-11-22 11:00:00", False),
        (PARIS, "2026-11-23 11:00:00", True),
        # Canada: 9–21:30, weekends 10–18
        (TORONTO, "2026-11-20 08:59:59", False),
        (TORONTO, "2026-11-20 09:00:00", True),
        (TORONTO, "2026-11-20 21:24:59", True),
        (TORONTO, "2026-11-20 21:25:00", False),
        (TORONTO, "2026-11-21 09:59:59", False),
        (TORONTO, "2026-11-21 10:00:00", True),
        (TORONTO, "2026-11-22 17:54:59", True),
        (TORONTO, "2026-11-22 17:55:00", False),
        (VANCOUVER, "2026-11-20 21:24:59", True),  # each on their own clock
        (VANCOUVER, "2026-11-20 21:25:00", False),
        # Australia: 9–20, Saturday 9–17, no Sunday
        (SYDNEY, "2026-11-20 08:59:59", False),
        (SYDNEY, "2026-11-20 19:54:59", True),
        (SYDNEY, "2026-11-20 19:55:00", False),
        (SYDNEY, "2026-11-21 16:54:59", True),
        (SYDNEY, "2026-11-21 16:55:00", False),
        (SYDNEY, "2026-11-22 12:00:00", False),
        # no rule for the country: 8–21
        (LISBON, "2026-11-20 07:59:59", False),
        (LISBON, "2026-11-22 20:54:59", True),
        (LISBON, "2026-11-22 20:55:00", False),
    ],
)
def test_people_are_called_in_the_hours_of_their_place(places, calls, whom, wall, opened):
    assert is_open(calls, whom, wall) is opened


@pytest.mark.parametrize(
    ("whom", "found"),
    [
        (MIAMI, [Cap(3, DAY)]),
        (MOVED_TO_FLORIDA, [Cap(3, DAY)]),
        (EXPATRIATE, [Cap(3, DAY)]),
        (NEW_YORK, []),  # Reg F is off
        (PARIS, [Cap(4, 30 * DAY)]),
        (LONDON, []),
        (TORONTO, []),
        (SYDNEY, []),
        (LISBON, []),
    ],
)
def test_people_are_called_as_often_as_their_place_allows(places, calls, whom, found):
    assert list(caps(calls, whom)) == found


def test_the_collectors_rule_counts_once_somebody_switches_it_on(places, calls):
    assert caps(calls, NEW_YORK) == ()
    QuietRule.objects.filter(name__startswith="Reg F").update(in_use=True)
    assert caps(calls, NEW_YORK) == (Cap(7, 7 * DAY),)
    assert caps(calls, MIAMI) == (Cap(3, DAY), Cap(7, 7 * DAY))
    assert is_open(calls, NEW_YORK, "2026-11-20 20:54:59")  # it says nothing about hours


def test_florida_is_all_of_its_area_codes_and_no_other(places, calls):
    florida = next(place for place in PLACES if place.name == "Florida")
    assert len(set(florida.prefixes)) == len(florida.prefixes) == 23
    late = "2026-11-20 20:00"
    for prefix in florida.prefixes:
        assert not is_open(calls, Whom(f"{prefix}5550123", "US", NEW_YORK.zones), late), prefix
    for code in (212, 404, 504, 787, 912):  # New York, Georgia, Louisiana, Puerto Rico, Georgia
        assert is_open(calls, Whom(f"+1{code}5550123", "US", NEW_YORK.zones), late), code


def test_a_second_start_adds_nothing_and_keeps_what_was_edited(places):
    QuietHours.objects.filter(rule__name="France").delete()
    QuietRule.objects.filter(name="Canada").update(in_use=False)
    before = [list(model.objects.order_by("pk").values()) for model in (QuietRule, QuietHours)]
    caps_before = FrequencyCap.objects.count()
    add_default_rules(QuietRule, QuietHours, FrequencyCap)
    after = [list(model.objects.order_by("pk").values()) for model in (QuietRule, QuietHours)]
    assert after == before
    assert FrequencyCap.objects.count() == caps_before == 3


# --- What is changed counts at once, in a process that has read the rules before. ---

LATE = "2026-11-20 20:30"


@pytest.mark.parametrize(
    ("change", "opened"),
    [
        (lambda: QuietHours.objects.filter(rule__name="Florida").update(closes=1260), True),
        (lambda: QuietRule.objects.filter(name="Florida").update(in_use=False), True),
        (lambda: QuietRule.objects.filter(name="Florida").delete(), True),
        (lambda: QuietRule.objects.filter(name="Florida").update(prefixes=[]), True),
        (lambda: QuietRule.objects.filter(name="Florida").update(region="CA"), True),
        (lambda: QuietRule.objects.filter(name="Florida").update(
            last_day=date(2026, 11, 19)), True),
        (lambda: QuietRule.objects.filter(name="Florida").update(
            last_day=date(2026, 11, 20)), False),
        (lambda: QuietRule.objects.filter(name="Florida").update(
            first_day=date(2026, 11, 21)), True),
        (lambda: QuietRule.objects.filter(name="US federal").update(in_use=False), False),
    ],
)  # fmt: skip
def test_a_changed_rule_counts_at_once_in_the_same_process(places, calls, change, opened):
    assert not is_open(calls, MIAMI, LATE)
    change()
    assert is_open(calls, MIAMI, LATE) is opened
    # the early evening was open before and is open still, so nothing was closed by accident
    assert is_open(calls, MIAMI, "2026-11-20 18:00")


def test_changed_hours_and_caps_of_a_campaign_count_at_once(places, calls):
    assert is_open(calls, NEW_YORK, "2026-11-20 18:00")
    CallingHours.objects.create(campaign=calls, weekday=4, opens=540, closes=1020)
    assert not is_open(calls, NEW_YORK, "2026-11-20 18:00")
    assert is_open(calls, NEW_YORK, "2026-11-20 16:59:59")
    FrequencyCap.objects.create(campaign=calls, dials=2, span_hours=48)
    assert caps(calls, NEW_YORK) == (Cap(2, 2 * DAY),)


def test_a_change_that_is_rolled_back_leaves_nothing_behind(places, calls):
    assert not is_open(calls, MIAMI, LATE)
    with transaction.atomic():
        QuietRule.objects.filter(name="Florida").delete()
        assert is_open(calls, MIAMI, LATE)  # inside, the change is seen
        transaction.set_rollback(True)
    assert not is_open(calls, MIAMI, LATE)


def test_the_next_edition_is_not_taken_for_one_that_was_rolled_back(places, calls):
    with transaction.atomic():
        QuietRule.objects.filter(name="Florida").delete()
        assert is_open(calls, MIAMI, LATE)
        transaction.set_rollback(True)
    QuietRule.objects.filter(name="Canada").update(note="Seen by counsel")  # the edition after it
    assert not is_open(calls, MIAMI, LATE)


def test_unchanged_rules_are_read_once(places, calls, django_assert_num_queries):
    window(calls, MIAMI)
    with django_assert_num_queries(1):  # the edition
        window(calls, MIAMI)


def test_rules_that_another_thread_has_read_in_between_are_not_taken_for_these(places, monkeypatch):
    """Another thread sees its own uncommitted rules; ours were compared and are still ours."""
    theirs = object()

    class Ours(SimpleNamespace):
        @property
        def edition(self):
            queries._current = theirs  # at the very moment in which we compare
            return known.edition

    known = rule_book()
    ours = Ours()
    monkeypatch.setattr(queries, "_current", ours)
    assert rule_book() is ours


def test_a_holiday_of_the_contacts_country_is_kept_unless_the_campaign_calls_then(places, calls):
    thanksgiving = "2026-11-26 12:00"
    assert is_open(calls, NEW_YORK, thanksgiving)
    calls.keeps_holidays = True
    assert not is_open(calls, NEW_YORK, thanksgiving)
    assert is_open(calls, LONDON, thanksgiving)  # nobody else's
    assert is_open(calls, NEW_YORK, "2026-11-27 12:00")


def test_a_contact_of_two_zones_is_called_when_the_hours_of_both_are_open(places, calls):
    either = Whom("+18005550123", "US", ("America/New_York", "America/Los_Angeles"))
    assert not is_open(calls, either, "2026-11-20 10:59:59")  # 07:59:59 in Los Angeles
    assert is_open(calls, either, "2026-11-20 11:00:00")
    assert not is_open(calls, either, "2026-11-20 20:55:00")
