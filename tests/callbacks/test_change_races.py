"""A rule is saved while the beat works: no change of hours is lost (RULES 4)."""

import threading
from datetime import timedelta
from functools import partial

from django.db import transaction

from callbacks.actions.windows import work_off_hours_changes
from callbacks.models import Callback
from campaigns.actions import note_tzdata
from campaigns.models import CallingHours, HoursChange, QuietHours
from contacts import clock
from tests.callbacks.race import RACES, at_once, errors
from tests.factories import make_callback, make_contact, open_only_in, story

pytestmark = RACES
D = timedelta(days=1)


def midnight(later):
    return clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + later * D


def work_off():
    while HoursChange.objects.filter(finished_at=None).exists():
        work_off_hours_changes()


def test_a_change_beside_one_that_is_being_worked_off_is_not_lost(campaign):
    callback = make_callback(campaign, contact=make_contact(zones=("UTC",)))
    note_tzdata()
    work_off()
    open_only_in(campaign, 2)  # asks for it, and nobody has begun
    saved, swept = threading.Event(), threading.Event()

    def edit():
        with transaction.atomic():
            campaign.hours.all().delete()
            day = (clock.now() + 4 * D).weekday()
            CallingHours.objects.create(campaign=campaign, weekday=day, opens=0, closes=1440)
            saved.set()
            swept.wait(5)

    def sweep():
        saved.wait(5)
        try:
            return work_off_hours_changes()
        finally:
            swept.set()

    assert errors(at_once(edit, sweep)) == []
    work_off()
    assert Callback.objects.get(pk=callback.pk).callable_from == midnight(4)


def test_ten_supervisors_and_four_beats_at_once_end_with_the_last_hours(campaign):
    callbacks = [make_callback(campaign) for _ in range(20)]
    days = list(QuietHours.objects.filter(rule__region="GB").order_by("pk"))

    def edit(number):
        for step in range(3):
            day = days[(number + step) % 7]
            QuietHours.objects.filter(pk=day.pk).update(closes=1400 - number)

    def beat():
        for _ in range(6):
            work_off_hours_changes()

    acts = [partial(edit, number) for number in range(10)] + [beat] * 4
    assert errors(at_once(*acts)) == []
    work_off()
    before = [story(one) for one in callbacks]
    HoursChange.objects.create(reason="Once more")
    work_off()
    assert [story(one) for one in callbacks] == before  # nothing was left to put right
