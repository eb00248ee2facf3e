"""Promises to call, their dials and their story. The constraints are the law (RULES 1, 5, 6)."""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from callbacks.rules.reference import reference
from callbacks.rules.states import ACTIVE, FINAL, HELD, PENDING, State
from campaigns.models import OUTCOME_CHOICES, Campaign
from contacts.models import Contact, PhoneNumber

STATE_CHOICES = [(state.value, state.value) for state in State]


def _named(states: Iterable[State]) -> list[str]:
    """Plain and sorted, so that a migration of it is the same on every day."""
    return sorted(state.value for state in states)


class Callback(models.Model):
    """One promise to call one contact about one campaign, from the request to its end.

    ``state`` is written by ``callbacks.queue`` alone.
    """

    class Kind(models.TextChoices):
        CUSTOMER = "customer", "Customer asked"
        AGENT = "agent", "Agent promised"
        FOLLOW_UP = "follow_up", "Follow-up"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="callbacks")
    number = models.ForeignKey(PhoneNumber, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, db_index=False)
    state = models.CharField(max_length=10, choices=STATE_CHOICES, default=State.SCHEDULED)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CUSTOMER)
    about = models.TextField(blank=True)
    case: "models.JSONField[Any]" = models.JSONField(default=dict, blank=True)
    priority = models.SmallIntegerField(default=0)

    due_at = models.DateTimeField(help_text="The promise: what people see and filter by")
    callable_from = models.DateTimeField(null=True, help_text="Empty: not dialled by the machine")
    callable_until = models.DateTimeField(null=True)
    promised_from = models.DateTimeField(null=True)
    promised_until = models.DateTimeField(null=True)
    said_wall = models.CharField(max_length=16, blank=True, help_text="Wall time that they named")
    said_zone = models.CharField(max_length=64, blank=True)
    own_time = models.BooleanField(default=False, help_text="The customer chose the time")

    trigger_outcome = models.CharField(max_length=20, choices=OUTCOME_CHOICES, blank=True)
    retry_number = models.PositiveSmallIntegerField(default=0)
    retry_max = models.PositiveSmallIntegerField(default=0)
    counts_from = models.DateTimeField(help_text="Attempts before this count against no limit")

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, db_index=False,
        related_name="held",
    )  # fmt: skip
    reserved_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL,
        db_index=False, related_name="reserved",
    )  # fmt: skip
    reserved_until = models.DateTimeField(null=True, help_text="Then anybody may have it")
    asked_in = models.ForeignKey(
        "Attempt", null=True, on_delete=models.SET_NULL, db_index=False, related_name="+",
        help_text="Asked for in this very call: its answer does not cancel this one",
    )  # fmt: skip
    offered_at = models.DateTimeField(null=True)
    offer_expires_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    claim_version = models.PositiveIntegerField(default=0)
    reject_count = models.PositiveSmallIntegerField(default=0)
    attention = models.CharField(max_length=80, blank=True, help_text="Why a person must look")
    cancel_asked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "callback"
        constraints: ClassVar = [
            # RULES 5: at most one active callback per contact and campaign.
            models.UniqueConstraint(
                fields=["contact", "campaign"],
                condition=Q(state__in=_named(ACTIVE)),
                name="callback_one_active",
            ),
            # RULES 6: an agent has at most one offer or interaction.
            models.UniqueConstraint(
                fields=["agent"], condition=Q(state__in=_named(HELD)), name="callback_one_per_agent"
            ),
            models.CheckConstraint(condition=Q(state__in=_named(State)), name="callback_state"),
            # Held by an agent exactly while offered or in work.
            models.CheckConstraint(
                condition=Q(state__in=_named(HELD), agent__isnull=False)
                | Q(state__in=_named(set(State) - HELD), agent__isnull=True),
                name="callback_holder",
            ),
            # An offer has a deadline, and only an offer.
            models.CheckConstraint(
                condition=Q(state=State.OFFERED.value, offer_expires_at__isnull=False)
                | ~Q(state=State.OFFERED.value) & Q(offer_expires_at__isnull=True),
                name="callback_offer_expires",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_named(FINAL), ended_at__isnull=False)
                | Q(state__in=_named(ACTIVE), ended_at__isnull=True),
                name="callback_ended",
            ),
            models.CheckConstraint(
                condition=Q(callable_until__isnull=True)
                | Q(callable_from__lte=F("callable_until")),
                name="callback_window",
            ),
        ]
        indexes: ClassVar = [
            # claim_next, an agent of all campaigns: first in line of the pool.
            models.Index(
                F("priority").desc(), "callable_from", "id",
                condition=Q(state=State.SCHEDULED.value, reserved_for__isnull=True),
                name="callback_claim",
            ),
            # claim_next, an agent of some campaigns: first in line of each.
            models.Index(
                "campaign", F("priority").desc(), "callable_from", "id",
                condition=Q(state=State.SCHEDULED.value, reserved_for__isnull=True),
                name="callback_claim_campaign",
            ),
            # claim_next, first arm: what waits for this agent personally.
            models.Index(
                "reserved_for", F("priority").desc(), "callable_from", "id",
                condition=Q(state=State.SCHEDULED.value, reserved_for__isnull=False),
                name="callback_claim_personal",
            ),
            # release_expired: offers by deadline.
            models.Index(
                fields=["offer_expires_at"],
                condition=Q(state=State.OFFERED.value),
                name="callback_offer_expiry",
            ),
            # The supervisors' tabs: Overdue, Due Today, This Week, All Pending.
            models.Index(
                fields=["due_at", "id"], condition=Q(state__in=_named(PENDING)), name="callback_due"
            ),
            # roll_windows: whose window has closed.
            models.Index(
                fields=["callable_until"],
                condition=Q(state=State.SCHEDULED.value, callable_until__isnull=False),
                name="callback_roll",
            ),
            # release_reserved: whose personal time is over.
            models.Index(
                fields=["reserved_until"],
                condition=Q(state=State.SCHEDULED.value, reserved_until__isnull=False),
                name="callback_reserved",
            ),
            # The tabs of one campaign; expire_stale: its oldest promises.
            models.Index(
                fields=["campaign", "due_at", "id"],
                condition=Q(state__in=_named(PENDING)),
                name="callback_due_campaign",
            ),
            # The tabs by priority, and by age.
            models.Index(
                F("priority").desc(), "due_at", "id",
                condition=Q(state__in=_named(PENDING)),
                name="callback_by_priority",
            ),
            models.Index(
                fields=["id"], condition=Q(state__in=_named(PENDING)), name="callback_by_age"
            ),
            # The Attention tab.
            models.Index(
                fields=["due_at"],
                condition=~Q(attention="") & Q(state__in=_named(ACTIVE)),
                name="callback_attention",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The number on the customer's slip, such as RB-7Q4K-2M."""
        return reference(self.pk)

    @property
    def subject(self) -> str:
        """What it is about in one line."""
        return self.about.split("\n", 1)[0]


class Attempt(models.Model):
    """One dial. Committed with its own key before the dialer is asked; the row never moves back."""

    class State(models.TextChoices):
        INTENDED = "intended"
        DIALING = "dialing"
        RINGING = "ringing"
        CONNECTED = "connected"
        ON_HOLD = "on_hold"
        ENDED = "ended"
        UNKNOWN = "unknown"

    LIVE = (State.INTENDED, State.DIALING, State.RINGING, State.CONNECTED, State.ON_HOLD)

    key = models.UUIDField(unique=True)
    callback = models.ForeignKey(Callback, on_delete=models.PROTECT, related_name="attempts")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, db_index=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, db_index=False)
    number = models.ForeignKey(PhoneNumber, on_delete=models.PROTECT, db_index=False)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.INTENDED)
    outcome = models.CharField(max_length=20, choices=OUTCOME_CHOICES, blank=True)
    cause = models.CharField(max_length=120, blank=True)
    sequence = models.IntegerField(default=-1, help_text="Highest carrier event applied")
    early = models.BooleanField(default=False, help_text="The agent dialled before the promise")
    intended_at = models.DateTimeField(db_default=Now())
    dialed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "attempt"
        constraints: ClassVar = [
            # One live call with a contact, whichever campaign or agent asks; unknown may be live.
            models.UniqueConstraint(
                fields=["contact"],
                condition=Q(
                    state__in=["intended", "dialing", "ringing", "connected", "on_hold", "unknown"]
                ),
                name="attempt_one_live",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False)
                | ~Q(state="ended") & Q(ended_at__isnull=True),
                name="attempt_ended",
            ),
        ]
        indexes: ClassVar = [
            # Retry counting: per contact, campaign and outcome since a moment.
            models.Index(
                fields=["contact", "campaign", "outcome", "intended_at"], name="attempt_counting"
            ),
            # The gate: dials to a contact within the span of a frequency cap.
            models.Index(
                fields=["contact", "dialed_at"],
                condition=Q(dialed_at__isnull=False),
                name="attempt_frequency",
            ),
            # run_dialer: what has to be reconciled after a reconnect.
            models.Index(
                fields=["intended_at"],
                condition=~Q(state="ended"),
                name="attempt_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"

    @property
    def is_live(self) -> bool:
        """Whether a call may be going on."""
        return self.state in self.LIVE


class CallbackEvent(models.Model):
    """One thing that happened to a callback: who, when, from, to, why. Append-only."""

    callback = models.ForeignKey(Callback, on_delete=models.CASCADE, related_name="events")
    name = models.CharField(max_length=20)
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10)
    actor_kind = models.CharField(max_length=10)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, db_index=False,
        db_constraint=False, related_name="+",
    )  # fmt: skip
    reason = models.CharField(max_length=300, blank=True)
    data: "models.JSONField[Any]" = models.JSONField(default=dict)
    claim_version = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "callback_event"
        indexes: ClassVar = [
            # claim_next: what this agent rejected within the last minutes.
            models.Index(
                fields=["actor", "at"], condition=Q(name="reject"), name="callback_event_rejects"
            ),
            # cases: skips that count, and times named during work, of one callback.
            models.Index(
                fields=["callback"],
                condition=Q(name__in=["merge", "skip"]),
                name="callback_event_counting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.from_state} → {self.to_state}"


class DialDecision(models.Model):
    """What the gate said when a call was asked for, with all that it looked at. Append-only."""

    attempt = models.ForeignKey(
        Attempt, null=True, on_delete=models.CASCADE, related_name="decisions"
    )
    callback = models.ForeignKey(Callback, on_delete=models.CASCADE, related_name="decisions")
    at = models.DateTimeField(db_default=Now())
    allowed = models.BooleanField()
    reason = models.CharField(max_length=20, blank=True)
    until = models.DateTimeField(null=True)
    inputs: "models.JSONField[Any]" = models.JSONField()

    class Meta:
        db_table = "dial_decision"

    def __str__(self) -> str:
        return "allowed" if self.allowed else self.reason


class Sweep(models.Model):
    """The last run of a sweep of the beat, and where it goes on."""

    name = models.CharField(max_length=40, primary_key=True)
    ran_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(default=0)
    handled = models.PositiveIntegerField(default=0, help_text="Rows in the last run")
    handled_ever = models.BigIntegerField(default=0)
    cursor: "models.JSONField[Any]" = models.JSONField(default=dict)

    class Meta:
        db_table = "sweep"

    def __str__(self) -> str:
        return self.name


class IntakeRequest(models.Model):
    """A form or API request by its key: the same one sent twice is answered twice, done once."""

    key = models.UUIDField(unique=True)
    fingerprint = models.CharField(max_length=64)
    callback = models.ForeignKey(Callback, null=True, on_delete=models.CASCADE)
    merged = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "intake_request"

    def __str__(self) -> str:
        return str(self.key)


class InboundCall(models.Model):
    """A call that reached us, by its id: reported twice it is answered twice, done once."""

    call_id = models.CharField(max_length=128, unique=True)
    fingerprint = models.CharField(max_length=64)
    callback_ids = ArrayField(models.BigIntegerField(), default=list, help_text="What it closed")
    undo_until = models.DateTimeField(null=True)
    reopened: "models.JSONField[Any]" = models.JSONField(null=True, help_text="What undo answered")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "inbound_call"

    def __str__(self) -> str:
        return self.call_id


# Tables of the same app, in a file of their own.
from callbacks.exchange.models import ExchangeJob, ExchangeLine, ExchangePiece  # noqa: E402, F401
