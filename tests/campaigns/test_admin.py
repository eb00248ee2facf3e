"""What administrators set: policies in words, a look ahead, messages at the field, switches."""

import re
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from agentdesk.models import User
from campaigns.models import CallingHours, Campaign, QuietRule, RetryRule
from tests.factories import make_campaign, make_user, snapshot


@pytest.fixture
def admin(db):
    client = Client()
    client.user = User.objects.create_superuser("root@example.com", first_name="Ada")
    client.force_login(client.user)
    return client


def words(response):
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(text).split())


def page_of(campaign):
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])


def blank(response):
    """What the browser would send back: every field of the page's forms as it stands."""
    form = response.context["adminform"].form
    data = {form.add_prefix(name): form[name].value() for name in form.fields}
    for inline in response.context.get("inline_admin_formsets", []):
        data |= _management(inline.formset)
        for one in inline.formset.forms:
            data |= {one.add_prefix(name): one[name].value() for name in one.fields}
    return {
        name: _sent(value)
        for name, value in data.items()
        if value is not None and value is not False
    }


def _management(formset):
    form = formset.management_form
    return {form.add_prefix(name): form[name].value() for name in form.fields}


def _sent(value):
    return ",".join(str(one) for one in value) if isinstance(value, list) else value


def save(admin, address, **changes):
    data = blank(admin.get(address)) | changes
    return admin.post(address, {name: value for name, value in data.items() if value is not None})


def errors_at(response, name):
    """The messages beside one field."""
    forms = [response.context["adminform"].form]
    for inline in response.context.get("inline_admin_formsets", []):
        forms += inline.formset.forms
    for form in forms:
        prefix, _, field = name.rpartition("-")
        if (form.prefix or "") == prefix and field in form.fields:
            return " ".join(form.errors.get(field, []))
    raise AssertionError(f"There is no field {name}")


# --- in words


def test_the_page_of_a_campaign_says_its_policy(campaign, admin):
    campaign.retry_rules.filter(outcome="busy").update(delay_minutes=[60, 240], max_retries=3)
    text = words(admin.get(page_of(campaign)))
    assert "After a busy line, call again up to 3 times, after 1 hour and 4 hours" in text
    assert "After no answer, call again up to 3 times, 24 hours later each time" in text


def test_the_list_of_rules_says_each_as_a_sentence(campaign, admin):
    text = words(admin.get(reverse("admin:campaigns_retryrule_changelist")))
    assert "After voicemail, call again up to 3 times, 24 hours later each time" in text


def test_hours_are_listed_as_people_say_them(campaign, admin):
    CallingHours.objects.create(campaign=campaign, weekday=4, opens=545, closes=1440)
    text = words(admin.get(reverse("admin:campaigns_callinghours_changelist")))
    assert "Friday 09:05–24:00" in text


def test_the_look_ahead_is_for_the_campaigns_own_zone_first(campaign, admin):
    text = words(admin.get(page_of(campaign)))
    assert "Quiet hours as for numbers of GB, in Europe/London." in text
    assert "No answer Retry 1 of 3:" in text
    assert "Retry 5 of 5:" in text  # a busy line


def test_the_look_ahead_is_for_any_zone(campaign, admin):
    response = admin.get(page_of(campaign), {"zone": "Asia/Tokyo"})
    assert "Quiet hours as for numbers of GB, in Asia/Tokyo." in words(response)
    assert "in Tokyo" in words(response)
    assert "<option selected>Asia/Tokyo</option>" in response.content.decode()


def test_the_look_ahead_is_for_a_number(campaign, admin):
    response = admin.get(page_of(campaign), {"number": "+33 6 12 34 56 78", "zone": ""})
    assert "Quiet hours as for the number +33612345678, in Europe/Paris." in words(response)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"zone": "Europe/Atlantis"}, "There is no zone “Europe/Atlantis”"),
        ({"number": "12"}, "Enter a phone number we can call"),
        ({"zone": "<script>"}, "There is no zone “<script>”"),
    ],
)
def test_a_look_ahead_that_cannot_be_read_says_why(campaign, admin, asked, message):
    response = admin.get(page_of(campaign), asked)
    assert response.status_code == 200
    assert message in words(response).replace("&lt;", "<").replace("&gt;", ">")
    assert b"<script>\xe2\x80\x9d" not in response.content


def test_looking_changes_nothing(campaign, admin):
    before = snapshot()
    admin.get(page_of(campaign), {"zone": "Asia/Tokyo"})
    assert snapshot() == before


def test_a_new_campaign_has_nothing_to_look_ahead_to(admin):
    response = admin.get(reverse("admin:campaigns_campaign_add"))
    assert response.status_code == 200
    assert "The next five times" not in words(response)


def test_the_page_has_no_inline_script_or_style(campaign, admin):
    page = admin.get(page_of(campaign)).content.decode()
    ours = page[page.index('id="policy"') :]
    assert "<script" not in ours
    assert "style=" not in ours
    assert not re.search(r"\son\w+=", ours)


# --- messages at the field


def test_a_page_sent_back_as_it_was_changes_nothing(campaign, admin):
    CallingHours.objects.create(campaign=campaign, weekday=0, opens=540, closes=1440)
    before, rows = snapshot(), list(CallingHours.objects.values_list())
    assert save(admin, page_of(campaign)).status_code == 302
    assert (snapshot(), list(CallingHours.objects.values_list())) == (before, rows)


# What is typed into which field, and what is said beside it; a list goes to the server at once.
WRONG = [
    [
        ("zone", "Europe/Atlantis", "“Europe/Atlantis” is no time zone"),
        ("shown_zone", "London", "“London” is no time zone"),
        ("country", "XX", "“XX” is no country code"),
        ("allowed_countries", "GB,Q9", "“Q9” is no country code"),
        ("retry_rules-0-delay_minutes", "", "This field is required"),
        ("retry_rules-1-delay_minutes", "0", "less than a minute"),
        ("retry_rules-2-delay_minutes", "60,0", "less than a minute"),
        ("retry_rules-3-delay_minutes", "999999", "at most a year"),
    ],
    [
        ("zone", "UTC+1", "is no time zone"),
        ("retry_rules-0-delay_minutes", "soon", "Enter a whole number"),
        ("retry_rules-1-outcome", "dnc_request", "never retried"),
        ("retry_rules-2-outcome", "answered", "never retried"),
        ("retry_rules-3-outcome", "unknown", "decides nothing"),
    ],
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_with_a_campaign_is_said_at_its_field(campaign, admin, wrong):
    before = snapshot()
    response = save(admin, page_of(campaign), **{field: typed for field, typed, _ in wrong})
    assert response.status_code == 200
    for field, _, message in wrong:
        assert message in errors_at(response, field), field
    assert snapshot() == before


ROWS = [
    ({"opens": "25:00"}, "opens", "Enter a time such as 09:00"),
    ({"opens": "24:01"}, "opens", "Enter a time such as 09:00"),
    ({"opens": "9"}, "opens", "Enter a time such as 09:00"),
    ({"opens": "09:60"}, "opens", "Enter a time such as 09:00"),
    ({"opens": "²³:00"}, "opens", "Enter a time such as 09:00"),
    ({"opens": ""}, "opens", "This field is required"),
    ({"closes": "09:00"}, "closes", "Choose a time after it opens at 09:00"),
    ({"closes": "02:00"}, "closes", "hours over midnight are two rows"),
    ({"weekday": "7"}, "weekday", "Select a valid choice"),
    ({"weekday": "-1"}, "weekday", "Select a valid choice"),
]


@pytest.mark.parametrize("kind", ["hours", "quiet"])
def test_what_is_wrong_with_hours_is_said_at_its_field(campaign, admin, kind):
    if kind == "hours":
        address = page_of(campaign)
    else:
        address = reverse("admin:campaigns_quietrule_change", args=[QuietRule.objects.get().pk])
    data = blank(admin.get(address))
    first = int(data["hours-TOTAL_FORMS"])
    for number, (typed, _, _) in enumerate(ROWS, first):
        row = {"weekday": "0", "opens": "09:00", "closes": "17:00"} | typed
        data |= {f"hours-{number}-{name}": value for name, value in row.items()}
    before, hours = snapshot(), CallingHours.objects.count()
    response = admin.post(address, {**data, "hours-TOTAL_FORMS": str(first + len(ROWS))})
    assert response.status_code == 200
    for number, (typed, field, message) in enumerate(ROWS, first):
        assert message in errors_at(response, f"hours-{number}-{field}"), typed
    assert (snapshot(), CallingHours.objects.count()) == (before, hours)


def test_hours_are_typed_as_people_say_them(campaign, admin):
    row = {"hours-0-weekday": "5", "hours-0-opens": "9:05", "hours-0-closes": "24:00"}
    response = save(admin, page_of(campaign), **row, **{"hours-TOTAL_FORMS": "1"})
    assert response.status_code == 302
    saved = CallingHours.objects.get(campaign=campaign)
    assert (saved.weekday, saved.opens, saved.closes) == (5, 545, 1440)
    page = admin.get(page_of(campaign)).content.decode()
    assert 'value="09:05"' in page
    assert 'value="24:00"' in page


WRONG_RULES = [
    [
        ("prefixes", "1305", "“1305” is no beginning"),
        ("place", "US-FL", "A part of GB begins with GB-"),
        ("caps-0-dials", "0", "greater than or equal to 1"),
        ("caps-0-span_hours", "0", "greater than or equal to 1"),
    ],
    [("prefixes", "+44 20", "“+44 20” is no beginning"), ("region", "XX", "no country code")],
    [("prefixes", "+", "“+” is no beginning"), ("region", "Britain", "at most 3 characters")],
]


@pytest.mark.parametrize("wrong", WRONG_RULES)
def test_what_is_wrong_with_a_quiet_rule_is_said_at_its_field(campaign, admin, wrong):
    before = list(QuietRule.objects.values_list())
    address = reverse("admin:campaigns_quietrule_change", args=[QuietRule.objects.get().pk])
    typed = {field: text for field, text, _ in wrong}
    response = save(admin, address, **typed, **{"caps-TOTAL_FORMS": "1"})
    assert response.status_code == 200
    for field, _, message in wrong:
        assert message in errors_at(response, field), field
    assert list(QuietRule.objects.values_list()) == before


def test_fields_of_a_quiet_rule_have_to_agree(campaign, admin):
    before = list(QuietRule.objects.values_list())
    address = reverse("admin:campaigns_quietrule_change", args=[QuietRule.objects.get().pk])
    days = {"first_day": "2026-12-02", "last_day": "2026-12-01"}
    response = save(admin, address, prefixes="+4420", **days)
    assert "Name the place of these prefixes" in errors_at(response, "place")
    assert "02.12.2026" in errors_at(response, "last_day")
    assert list(QuietRule.objects.values_list()) == before


def test_a_rule_in_order_is_saved(campaign, admin):
    rule = QuietRule.objects.get()
    typed = {
        "region": "us", "place": "US-FL", "prefixes": "+1305, +1786",
        "first_day": "2026-12-01", "last_day": "2026-12-01",
    }  # fmt: skip
    address = reverse("admin:campaigns_quietrule_change", args=[rule.pk])
    assert save(admin, address, **typed).status_code == 302
    rule.refresh_from_db()
    assert (rule.region, rule.prefixes) == ("US", ["+1305", "+1786"])
    assert rule.first_day == rule.last_day


def test_two_rules_for_one_outcome_are_refused(campaign, admin):
    before = snapshot()
    rule = RetryRule.objects.get(campaign=campaign, outcome="busy")
    other = RetryRule.objects.get(campaign=campaign, outcome="voicemail")
    address = reverse("admin:campaigns_retryrule_change", args=[other.pk])
    response = save(admin, address, outcome=rule.outcome)
    assert response.status_code == 200
    assert snapshot() == before
    other.refresh_from_db()
    assert other.outcome == "voicemail"


# --- switches


def press(admin, action, *chosen):
    return admin.post(
        reverse("admin:campaigns_campaign_changelist"),
        {"action": action, "_selected_action": [one.pk for one in chosen]},
        follow=True,
    )


@pytest.mark.parametrize(
    ("action", "before", "after", "done"),
    [
        ("pause_offers", {}, {"dials": False, "paused_by": "Ada"}, "Paused offers"),
        ("resume_offers", {"dials": False, "paused_by": "Ruth"},
         {"dials": True, "paused_by": ""}, "Resumed offers"),
        ("close_intake", {}, {"takes_requests": False}, "Closed intake"),
        ("open_intake", {"takes_requests": False}, {"takes_requests": True}, "Opened intake"),
    ],
)  # fmt: skip
def test_switches_are_pressed_for_a_selection(campaign, admin, action, before, after, done):
    other, left = make_campaign(), make_campaign()
    Campaign.objects.filter(pk__in=[campaign.pk, other.pk]).update(**before)
    text = words(press(admin, action, campaign, other))
    assert f"{done}: {campaign}" in text
    assert f"{done}: {other}" in text
    for one in (campaign, other):
        assert Campaign.objects.filter(pk=one.pk, **after).exists()
    assert Campaign.objects.filter(pk=left.pk, dials=True, takes_requests=True).exists()
    assert LogEntry.objects.filter(object_id=str(campaign.pk)).count() == 1


def test_a_switch_that_stands_already_says_so_and_is_not_logged(campaign, admin):
    Campaign.objects.filter(pk=campaign.pk).update(dials=False, paused_by="Ruth")
    before = snapshot()
    assert f"{campaign} was so already" in words(press(admin, "pause_offers", campaign))
    assert snapshot() == before
    assert not LogEntry.objects.exists()


def test_a_page_opened_before_a_pause_does_not_resume_the_campaign(campaign, admin):
    data = blank(admin.get(page_of(campaign)))
    Campaign.objects.filter(pk=campaign.pk).update(dials=False, paused_by="Ruth")
    data["name"] = "Renamed"
    assert admin.post(page_of(campaign), data | {"dials": "on"}).status_code == 302
    campaign.refresh_from_db()
    assert (campaign.name, campaign.dials, campaign.paused_by) == ("Renamed", False, "Ruth")


@pytest.mark.parametrize("roles", [["supervisor"], ["administrator"], ["agent"], []])
def test_without_the_rights_of_staff_nothing_is_switched(campaign, roles):
    client = Client()
    client.force_login(make_user(*roles))
    before = snapshot()
    response = client.post(
        reverse("admin:campaigns_campaign_changelist"),
        {"action": "pause_offers", "_selected_action": [campaign.pk]},
    )
    assert response.status_code == 302
    assert "login" in response["Location"]
    assert snapshot() == before
