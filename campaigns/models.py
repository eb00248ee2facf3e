"""When and how often we call: campaigns and their rows."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from campaigns.rules.caps import Cap
from campaigns.rules.hours import DAY, HourRange, QuietProfile
from campaigns.rules.retry import Outcome, RetryPolicy

OUTCOME_CHOICES = [(outcome.value, outcome.value.replace("_", " ")) for outcome in Outcome]


class Campaign(models.Model):
    """Why we call. Every number here is a default stored as data."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=64, unique=True)
    department = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, default="GB", help_text="How numbers are read")
    allowed_countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    zone = models.CharField(
        max_length=64, blank=True, help_text="Hours run on this zone, or on the contact's"
    )
    shown_zone = models.CharField(max_length=64, default="Europe/London")
    dials = models.BooleanField(default=True)
    paused_by = models.CharField(max_length=120, blank=True)
    takes_requests = models.BooleanField(default=True)
    on_the_web = models.BooleanField(default=False, help_text="The form at / asks for this one")
    honours_own_time = models.BooleanField(
        default=False, help_text="A time the customer chose may be called outside the window"
    )
    lead_minutes = models.PositiveSmallIntegerField(default=5)
    offer_seconds = models.PositiveSmallIntegerField(default=20)
    review_seconds = models.PositiveSmallIntegerField(default=5)
    wrap_up_seconds = models.PositiveSmallIntegerField(default=45)
    handle_seconds = models.PositiveSmallIntegerField(default=240)
    window_minutes = models.PositiveSmallIntegerField(default=30)
    dial_cap = models.PositiveSmallIntegerField(null=True, blank=True)
    keeps_holidays = models.BooleanField(
        default=True, help_text="Nobody is called on a public holiday of their country"
    )
    stale_days = models.PositiveSmallIntegerField(
        default=3, help_text="Overdue for longer than this is stale"
    )
    expires_stale = models.BooleanField(
        default=False, help_text="Stale callbacks are given up by themselves"
    )
    answer_closes_all = models.BooleanField(
        default=False, help_text="An answer closes what waits for the contact in every campaign"
    )
    needs_disposition = models.BooleanField(default=True)
    script = models.TextField(blank=True)

    class Meta:
        db_table = "campaign"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(offer_seconds__gte=5, offer_seconds__lte=300),
                name="campaign_offer_seconds",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def lead(self) -> timedelta:
        """How long before the promise its preview may open."""
        return timedelta(minutes=self.lead_minutes)


class RetryRule(models.Model):
    """What to do after one outcome. Delays are steps in minutes; the last one repeats."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="retry_rules")
    outcome = models.CharField(max_length=20, choices=OUTCOME_CHOICES)
    delay_minutes = ArrayField(models.PositiveIntegerField())
    max_retries = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "retry_rule"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "outcome"], name="retry_rule_once"),
            models.CheckConstraint(
                condition=Q(delay_minutes__len__gte=1), name="retry_rule_has_delay"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: up to {self.max_retries}"

    def policy(self) -> RetryPolicy:
        """The row as the rule that decides."""
        delays = tuple(timedelta(minutes=minutes) for minutes in self.delay_minutes)
        return RetryPolicy(delays, self.max_retries)


class _HoursRow(models.Model):
    weekday = models.PositiveSmallIntegerField(help_text="0 is Monday")
    opens = models.PositiveSmallIntegerField(help_text="Minutes after midnight")
    closes = models.PositiveSmallIntegerField(help_text="Minutes after midnight, up to 1440")

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6) & Q(opens__lt=F("closes")) & Q(closes__lte=DAY),
                name="%(class)s_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens // 60:02d}:{self.opens % 60:02d}"

    def as_range(self) -> HourRange:
        """The row as the rules read it."""
        return HourRange(self.weekday, self.opens, self.closes)


class CallingHours(_HoursRow):
    """When a campaign calls. A campaign without rows calls at any hour that quiet hours allow."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="hours")

    class Meta(_HoursRow.Meta):
        db_table = "calling_hours"
        verbose_name_plural = "calling hours"


class QuietRule(models.Model):
    """What the law of a place says: quiet hours and frequency caps, while it is in force.

    It holds for numbers of ``region``; with a ``place`` only for contacts who live there, or whose
    number has one of the ``prefixes``.
    """

    name = models.CharField(max_length=80, unique=True)
    region = models.CharField(max_length=3, db_index=True, help_text="ISO code, such as US")
    place = models.CharField(max_length=8, blank=True, help_text="A part of it, such as US-FL")
    prefixes = ArrayField(
        models.CharField(max_length=12), default=list, blank=True,
        help_text="Numbers of that part begin with one of these, such as +1305",
    )  # fmt: skip
    first_day = models.DateField(null=True, blank=True, help_text="In force from, by local date")
    last_day = models.DateField(null=True, blank=True, help_text="In force until, by local date")
    in_use = models.BooleanField(default=True)
    note = models.CharField(max_length=200, blank=True, default="Verify with counsel")

    class Meta:
        db_table = "quiet_rule"
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__isnull=True)
                | Q(last_day__isnull=True)
                | Q(first_day__lte=F("last_day")),
                name="quiet_rule_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def holds_for(self, e164: str, place: str) -> bool:
        """Whether the rule concerns a number of its region and somebody who lives at ``place``."""
        return not self.place or place == self.place or e164.startswith(tuple(self.prefixes))

    def profile(self) -> QuietProfile:
        """The row with its hours and caps as the rules read them."""
        return QuietProfile(
            self.name,
            tuple(sorted(row.as_range() for row in self.hours.all())),
            tuple(sorted(row.as_cap() for row in self.caps.all())),
            self.first_day,
            self.last_day,
        )


class QuietHours(_HoursRow):
    """When people may be called by one quiet rule. A rule without rows says nothing about hours."""

    rule = models.ForeignKey(QuietRule, on_delete=models.CASCADE, related_name="hours")

    class Meta(_HoursRow.Meta):
        db_table = "quiet_hours"
        verbose_name_plural = "quiet hours"


class FrequencyCap(models.Model):
    """At most so many dials to one contact within so many hours: by law, or by campaign."""

    rule = models.ForeignKey(
        QuietRule, null=True, blank=True, on_delete=models.CASCADE, related_name="caps"
    )
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.CASCADE, related_name="caps"
    )
    dials = models.PositiveSmallIntegerField()
    span_hours = models.PositiveIntegerField()

    class Meta:
        db_table = "frequency_cap"
        constraints = [
            models.CheckConstraint(
                condition=Q(rule__isnull=False, campaign__isnull=True)
                | Q(rule__isnull=True, campaign__isnull=False),
                name="frequency_cap_of_one",
            ),
            models.CheckConstraint(
                condition=Q(dials__gte=1, span_hours__gte=1), name="frequency_cap_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dials} in {self.span_hours} h"

    def as_cap(self) -> Cap:
        """The row as the rules read it."""
        return Cap(self.dials, timedelta(hours=self.span_hours))


class RuleBook(models.Model):
    """One row that says which edition of all rule rows is valid. Triggers raise it.

    A process keeps the rules it has read under their edition; ``tzdata`` is the newest release
    that windows were computed with.
    """

    edition = models.BigIntegerField()
    tzdata = models.CharField(max_length=16, blank=True)

    class Meta:
        db_table = "rule_book"

    def __str__(self) -> str:
        return f"Edition {self.edition}"


class HoursChange(models.Model):
    """Hours, quiet rules, zones or tzdata changed: windows have to be computed again.

    Written by triggers; worked off in batches by the beat. ``last_id`` is the last callback that
    was looked at.
    """

    # A campaign that goes takes its changes along; the triggers write these while it goes.
    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.CASCADE, db_constraint=False)
    region = models.CharField(max_length=3, blank=True)
    reason = models.CharField(max_length=60)
    asked_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    last_id = models.BigIntegerField(default=0)
    checked = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "hours_change"
        constraints = [
            # Many rows saved at once are one change, as long as nobody has begun with it.
            models.UniqueConstraint(
                fields=["campaign", "region"],
                condition=Q(started_at__isnull=True),
                nulls_distinct=False,
                name="hours_change_once",
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class Disposition(models.Model):
    """How an agent says that a call ended, and which outcome that means."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="dispositions")
    code = models.SlugField(max_length=40)
    label = models.CharField(max_length=60)
    outcome = models.CharField(max_length=20, choices=OUTCOME_CHOICES)
    needs_note = models.BooleanField(default=False)
    needs_time = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "disposition"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "code"], name="disposition_once"),
        ]

    def __str__(self) -> str:
        return self.label
