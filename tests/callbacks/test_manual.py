"""Without telephony: the agent dials by hand and says what happened."""

from uuid import uuid4

import pytest

from callbacks.actions.calls import NoDialError, hang_up, hold, start_call
from callbacks.actions.outcomes import WrapUp, record_outcome
from callbacks.dialers import get_dialer
from callbacks.dialers.base import NotSupportedError
from callbacks.dialers.manual import ManualDialer
from callbacks.models import Attempt
from campaigns.models import Disposition
from tests.factories import in_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_hand(settings):
    settings.DIALER = "manual"
    get_dialer.cache_clear()
    yield get_dialer()
    get_dialer.cache_clear()


@pytest.fixture
def work(by_hand, agent, campaign, make_callback):
    assert isinstance(by_hand, ManualDialer)
    return in_work(agent, make_callback(campaign))


def _say(campaign, code):
    return WrapUp(disposition=Disposition.objects.get(campaign=campaign, code=code))


def test_a_dial_by_hand_is_an_attempt_like_any_other(work):
    attempt = start_call(work, key=uuid4())
    assert attempt.state == Attempt.State.DIALING
    with pytest.raises(NoDialError, match="Another call with this contact is live"):
        start_call(work, key=uuid4())
    assert Attempt.objects.count() == 1


def test_the_disposition_says_what_the_carrier_would_have(work, campaign):
    attempt = start_call(work, key=uuid4())
    hang_up(work)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.outcome) == ("ended", "unknown")
    assert record_outcome(work, _say(campaign, "voicemail")) == "scheduled"
    attempt.refresh_from_db()
    assert attempt.outcome == "voicemail"
    assert (attempt.callback.retry_number, attempt.callback.retry_max) == (1, 3)


def test_holding_is_done_on_the_agents_own_telephone(work):
    attempt = start_call(work, key=uuid4())
    Attempt.objects.filter(pk=attempt.pk).update(answered_at=attempt.dialed_at, state="connected")
    with pytest.raises(NotSupportedError):
        hold(work, on=True)
    attempt.refresh_from_db()
    assert attempt.state == "connected"


def test_the_desk_shows_the_number_as_a_link(work, agent, client):
    client.force_login(agent.user)
    page = client.post(f"/desk/dial/{work.callback_id}/{work.version}/", {"key": str(uuid4())})
    assert b'href="tel:+447400' in page.content
    assert b"Hold" not in page.content
