"""``manage.py policy``: sentences, the next five times on the contact's clock, errors in words."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from campaigns import previews
from campaigns.models import (
    CallingHours,
    Campaign,
    FrequencyCap,
    QuietHours,
    QuietRule,
    RetryRule,
)
from campaigns.rules.hours import HourRange
from tests.factories import at, make_campaign, snapshot

FROM = "2026-11-20T14:00"  # a Friday


@pytest.fixture
def refunds(db):
    """Calls from 08:00 to 18:00 on weekdays, on the contact's clock."""
    campaign = make_campaign(name="Refunds", slug="refunds", shown_zone="Europe/London")
    CallingHours.objects.bulk_create(
        CallingHours(campaign=campaign, weekday=day, opens=480, closes=1080) for day in range(5)
    )
    return campaign


def said(*words, **options):
    out = StringIO()
    before = snapshot()
    call_command("policy", *words, stdout=out, **options)
    assert snapshot() == before
    return out.getvalue()


def lines(text, heading):
    """What stands indented below a heading of the preview."""
    found = []
    for line in text.split(f"  {heading}\n", 1)[1].splitlines():
        if not line.startswith("    "):
            break
        found.append(line.strip())
    return found


# --- sentences


def test_a_policy_is_read_as_sentences(refunds):
    text = said("refunds")
    assert text.startswith("Refunds (refunds)\n")
    assert "After no answer, call again up to 3 times, 24 hours later each time; then give" in text
    assert "After a busy line, call again up to 5 times, 1 hour later each time; then" in text
    assert "After an invalid number, do not call again." in text
    assert "Call Monday to Friday 08:00–18:00 on the contact's own clock" in text
    assert "public holiday" not in text


def test_caps_holidays_and_the_campaigns_zone_are_said_too(refunds):
    refunds.caps.create(dials=3, span_hours=24)
    keeps = {"dial_cap": 7, "keeps_holidays": True, "zone": "Europe/Lisbon"}
    Campaign.objects.filter(pk=refunds.pk).update(**keeps)
    text = said("refunds")
    assert "In all, dial a contact at most 7 times." in text
    assert "Dial a contact at most 3 times in 24 h, whichever campaign calls." in text
    assert "Call Monday to Friday 08:00–18:00 in Lisbon" in text
    assert "Call nobody on a public holiday of their country." in text
    assert FrequencyCap.objects.count() == 1


def test_a_campaign_without_hours_calls_whenever_quiet_hours_allow(campaign):
    text = said(campaign.slug)
    assert "Call at any hour that the quiet hours of the contact's place allow." in text


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ([(0, 540, 1020), (1, 540, 1020)], "Monday to Tuesday 09:00–17:00"),
        ([(0, 540, 1020), (2, 540, 1020)], "Monday 09:00–17:00, Wednesday 09:00–17:00"),
        ([(5, 600, 780), (5, 840, 1200)], "Saturday 10:00–13:00 and 14:00–20:00"),
        ([(4, 0, 1440), (5, 0, 60), (6, 0, 60)],
         "Friday 00:00–24:00, Saturday to Sunday 00:00–01:00"),
    ],
)  # fmt: skip
def test_hours_read_as_people_say_them(hours, words):
    assert previews.spoken_hours(tuple(HourRange(*one) for one in hours)) == words


def test_without_a_slug_every_campaign_is_said(refunds):
    make_campaign(name="Outages", slug="outages")
    text = said()
    assert "Refunds (refunds)" in text
    assert "Outages (outages)" in text


# --- the next five times


def test_a_retry_is_moved_to_the_next_window_of_the_contact(refunds):
    found = lines(said("refunds", zone="Europe/Lisbon", ended_at=FROM), "No answer")
    first, _, why = found[0].partition("; ")
    assert why == (
        "the policy says Sat 21 Nov 2026, 14:00 in Lisbon (Sat 14:00 UTC), "
        "which is outside the window"
    )
    assert [first, *found[1:]] == [
        "Retry 1 of 3: Mon 23 Nov 2026, 08:00 in Lisbon (Mon 08:00 UTC)",
        "Retry 2 of 3: Tue 24 Nov 2026, 08:00 in Lisbon (Tue 08:00 UTC)",
        "Retry 3 of 3: Wed 25 Nov 2026, 08:00 in Lisbon (Wed 08:00 UTC)",
    ]


def test_at_most_five_times_are_shown(refunds):
    refunds.retry_rules.filter(outcome="busy").update(max_retries=40)
    found = lines(said("refunds", ended_at="2026-11-20T09:00"), "Busy")
    assert [line.split(":")[0] for line in found] == [f"Retry {n} of 40" for n in range(1, 6)]


def test_the_same_wall_clock_in_another_zone_is_another_instant(refunds):
    here = said("refunds", zone="Asia/Tokyo", ended_at="2026-11-20T09:00", outcome="busy")
    assert "A call ends Fri 20 Nov 2026, 09:00 in Tokyo (Fri 00:00 UTC)" in here
    assert "Retry 1 of 5: Fri 20 Nov 2026, 10:00 in Tokyo (Fri 01:00 UTC)" in here


def test_twenty_four_hours_are_real_ones_when_the_clocks_change(campaign):
    zone = {"zone": "America/New_York", "ended_at": "2026-10-31T14:00"}
    found = lines(said(campaign.slug, outcome="voicemail", **zone), "Voicemail")
    assert found[0] == "Retry 1 of 3: Sun 1 Nov 2026, 13:00 in New York (Sun 18:00 UTC)"


def test_a_time_with_an_offset_is_that_instant(refunds):
    text = said("refunds", zone="Asia/Tokyo", ended_at="2026-11-20T01:00+00:00")
    assert "A call ends Fri 20 Nov 2026, 10:00 in Tokyo (Fri 01:00 UTC)" in text


def test_one_outcome_alone_can_be_asked_for(refunds):
    text = said("refunds", outcome="busy")
    assert "\n  Busy\n" in text
    assert "\n  Voicemail\n" not in text


@pytest.mark.parametrize("outcome", ["answered", "invalid_number", "dnc_request"])
def test_an_outcome_that_is_never_retried_says_so(refunds, outcome):
    name = outcome.replace("_", " ").capitalize()
    assert lines(said("refunds", outcome=outcome), name) == ["not called again"]


def test_an_outcome_without_a_row_is_not_called_again(refunds):
    RetryRule.objects.filter(campaign=refunds, outcome="busy").delete()
    text = said("refunds")
    assert lines(text, "Busy") == ["not called again"]
    assert len(lines(text, "No answer")) == 3


def test_the_overall_cap_ends_the_preview(refunds):
    Campaign.objects.filter(pk=refunds.pk).update(dial_cap=2)
    assert len(lines(said("refunds", ended_at=FROM), "Busy")) == 1


def test_a_campaign_that_is_never_open_says_so(refunds):
    rule = QuietRule.objects.get(region="GB")
    QuietHours.objects.filter(rule=rule).delete()
    QuietHours.objects.create(rule=rule, weekday=6, opens=600, closes=700)  # Sundays alone
    found = lines(said("refunds", ended_at=FROM), "No answer")
    assert "no calling hours in the two weeks after it" in found[0]


# --- for a number


def test_a_number_brings_its_zones_and_its_quiet_hours(campaign):
    text = said(campaign.slug, number="+33 6 12 34 56 78", ended_at="2026-11-20T20:30")
    assert "Quiet hours as for the number +33612345678, in Europe/Paris." in text
    # No rule is in force for France here: 08:00–21:00.
    assert lines(text, "Network error")[0].startswith("Retry 1 of 3: Sat 21 Nov 2026, 08:00 in ")


def test_a_zone_that_is_said_stands_above_the_numbers(campaign):
    text = said(campaign.slug, number="+351912345678", zone="Atlantic/Azores", ended_at=FROM)
    assert "in Azores (Fri 15:00 UTC)" in text


def test_all_zones_of_a_number_have_to_be_open(campaign):
    text = said(campaign.slug, number="+351912345678", ended_at="2026-11-20T20:30")
    assert "all of these zones have to be open" in text
    # At 08:00 in Lisbon it is 07:00 on the Azores.
    assert "Retry 1 of 3: Sat 21 Nov 2026, 09:00 in Lisbon" in lines(text, "Network error")[0]


# --- errors in words


@pytest.mark.parametrize(
    ("words", "options", "message"),
    [
        (["none-such"], {}, "There is no campaign “none-such”. There are: refunds"),
        (["refunds"], {"zone": "Europe/Atlantis"}, "There is no zone “Europe/Atlantis”"),
        (["refunds"], {"zone": ""}, "There is no zone “”"),
        (["refunds"], {"number": "0134"}, "Enter a phone number we can call, such as"),
        (["refunds"], {"outcome": "asleep"}, "There is no outcome “asleep”. Choose one of"),
        (["refunds"], {"outcome": "unknown"}, "An unknown outcome decides nothing"),
        (["refunds"], {"ended_at": "tomorrow"}, "“tomorrow” is no time. Write it as"),
        (["refunds"], {"ended_at": "2026-03-29T01:30"}, "does not exist in London"),
        (["refunds"], {"ended_at": "9999-12-31T23:00"}, "is no year to be called in"),
        (["refunds"], {"ended_at": "9999-12-31T23:00+00:00"}, "is no year to be called in"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(refunds, words, options, message):
    before = snapshot()
    with pytest.raises(CommandError) as refused:
        call_command("policy", *words, stdout=StringIO(), **options)
    assert message in str(refused.value)
    assert snapshot() == before


def test_without_campaigns_it_says_so(db):
    Campaign.objects.all().delete()
    with pytest.raises(CommandError, match="There is no campaign yet"):
        call_command("policy")


def test_the_words_of_a_time_name_the_zone_and_utc():
    words = previews.spoken(at("2026-11-20 23:30+00:00"), "Asia/Kolkata")
    assert words == "Sat 21 Nov 2026, 05:00 in Kolkata (Fri 23:30 UTC)"
