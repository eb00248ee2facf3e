"""One case, or many: the same facts, of the moment and under the rules of that moment."""

from datetime import timedelta

import pytest

from callbacks import cases
from callbacks.rules.states import RefusedError
from campaigns.models import FrequencyCap, RetryRule
from campaigns.rules.retry import Outcome
from tests.factories import make_attempt, make_callback, make_campaign

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def campaign():
    FrequencyCap.objects.all().delete()
    return make_campaign()


def test_dials_are_looked_back_for_as_long_as_the_longest_cap_of_anybody(campaign):
    callback = make_callback(campaign)
    for days in (1, 8, 29):
        make_attempt(callback, "no_answer", ago=days * DAY)
    assert cases.case(callback.pk).dialled_at == []  # without a cap nobody asks
    for span, dials in ((2, 1), (10, 2), (30, 3)):
        FrequencyCap.objects.create(campaign=campaign, dials=9, span_hours=span * 24)
        assert len(cases.case(callback.pk).dialled_at) == dials


def test_a_case_alone_is_the_same_as_among_others(campaign):
    several = [make_callback(make_campaign()) for _ in range(3)]
    make_attempt(several[1], "busy", ago=DAY)
    found = cases.cases([one.pk for one in several])
    assert found == [cases.case(one.pk) for one in several]
    assert found == [cases.lock_one(one.pk) for one in several]
    assert [one.id for one in found] == sorted(one.pk for one in several)


def test_a_case_knows_the_rules_of_the_moment_in_which_it_is_read(campaign):
    callback = make_callback(campaign)
    rule = RetryRule.objects.get(campaign=campaign, outcome=Outcome.BUSY)
    for most in (4, 7):
        RetryRule.objects.filter(pk=rule.pk).update(max_retries=most)
        policies = cases.case(callback.pk).book.policies(campaign.pk)
        assert policies[Outcome.BUSY].max_retries == most


@pytest.mark.parametrize("read", [cases.case, cases.lock_one])
@pytest.mark.parametrize("nobodys", [0, 2**63 - 1, 10**30])
def test_a_callback_that_does_not_exist_is_refused(read, nobodys, campaign):
    make_callback(campaign)
    with pytest.raises(RefusedError) as refusal:
        read(nobodys)
    assert refusal.value.code == "missing"
    assert cases.cases([0]) == []
