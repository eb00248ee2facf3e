"""When and how often we call: campaigns and their rows."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from campaigns.rules.retry import Outcome, RetryPolicy
from campaigns.rules.windows import DAY, HourRange

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


class QuietHours(_HoursRow):
    """When people of a region may be called. Without rows for a region the default 08:00–21:00."""

    region = models.CharField(max_length=3, db_index=True)

    class Meta(_HoursRow.Meta):
        db_table = "quiet_hours"
        verbose_name_plural = "quiet hours"


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
