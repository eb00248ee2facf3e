"""What the customer's own choice of time opens, and what it does not (RULES 4)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from callbacks import cases
from callbacks.models import Callback
from callbacks.rules.gate import Allowed, Blocked
from contacts import clock
from tests.factories import make_campaign, open_all_day, open_only_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("since", "verdict"),
    [
        (timedelta(minutes=10), Allowed),  # promised for half an hour, 20 minutes left
        (timedelta(minutes=31), Blocked),  # over: ordinary hours again
        (timedelta(hours=7), Blocked),
    ],
)
def test_a_chosen_time_opens_the_window_for_its_own_promise_alone(make_callback, since, verdict):
    campaign = make_campaign(honours_own_time=True)
    open_only_in(campaign, 3)  # closed today
    now = clock.now()
    callback = make_callback(
        campaign,
        due=-since,
        own_time=True,
        promised_from=now - since,
        promised_until=now - since + timedelta(minutes=30),
    )
    found = cases.gate(cases.case(callback.pk))
    assert isinstance(found, verdict)


def test_the_campaigns_zone_is_not_taken_for_the_browsers(client):
    open_all_day("US")
    make_campaign(country="US", allowed_countries=["US"], shown_zone="Europe/London")
    answers = {
        "about": "", "name": "", "phone": "+1 212 555 0123", "when": "soon", "slot": "",
        "zone": "Europe/London", "browser_zone": "", "key": str(uuid4()),
    }  # fmt: skip
    assert client.post("/", answers).status_code == 302
    contact = Callback.objects.get().contact
    assert (contact.zones, contact.zone_source) == (["America/New_York"], "number")
