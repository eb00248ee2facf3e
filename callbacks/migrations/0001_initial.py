"""The tables as the product starts; what each index and constraint serves stands above it."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import callbacks.rules.states


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("campaigns", "0001_initial"),
        ("contacts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Callback",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("scheduled", "scheduled"),
                            ("offered", "offered"),
                            ("working", "working"),
                            ("completed", "completed"),
                            ("cancelled", "cancelled"),
                            ("exhausted", "exhausted"),
                            ("expired", "expired"),
                        ],
                        default=callbacks.rules.states.State["SCHEDULED"],
                        max_length=10,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("customer", "Customer asked"),
                            ("agent", "Agent promised"),
                            ("follow_up", "Follow-up"),
                        ],
                        default="customer",
                        max_length=10,
                    ),
                ),
                ("about", models.TextField(blank=True)),
                ("case", models.JSONField(blank=True, default=dict)),
                ("priority", models.SmallIntegerField(default=0)),
                (
                    "due_at",
                    models.DateTimeField(help_text="The promise: what people see and filter by"),
                ),
                (
                    "callable_from",
                    models.DateTimeField(help_text="Empty: not dialled by the machine", null=True),
                ),
                ("callable_until", models.DateTimeField(null=True)),
                ("promised_from", models.DateTimeField(null=True)),
                ("promised_until", models.DateTimeField(null=True)),
                (
                    "said_wall",
                    models.CharField(
                        blank=True, help_text="Wall time that they named", max_length=16
                    ),
                ),
                ("said_zone", models.CharField(blank=True, max_length=64)),
                (
                    "own_time",
                    models.BooleanField(default=False, help_text="The customer chose the time"),
                ),
                (
                    "trigger_outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("answered", "answered"),
                            ("voicemail", "voicemail"),
                            ("no_answer", "no answer"),
                            ("busy", "busy"),
                            ("network_error", "network error"),
                            ("invalid_number", "invalid number"),
                            ("dnc_request", "dnc request"),
                            ("cancelled_by_agent", "cancelled by agent"),
                            ("unknown", "unknown"),
                        ],
                        max_length=20,
                    ),
                ),
                ("retry_number", models.PositiveSmallIntegerField(default=0)),
                ("retry_max", models.PositiveSmallIntegerField(default=0)),
                (
                    "counts_from",
                    models.DateTimeField(help_text="Attempts before this count against no limit"),
                ),
                ("offered_at", models.DateTimeField(null=True)),
                ("offer_expires_at", models.DateTimeField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("claim_version", models.PositiveIntegerField(default=0)),
                ("reject_count", models.PositiveSmallIntegerField(default=0)),
                (
                    "attention",
                    models.CharField(blank=True, help_text="Why a person must look", max_length=80),
                ),
                ("cancel_asked_at", models.DateTimeField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_reason", models.CharField(blank=True, max_length=120)),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="held",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="callbacks",
                        to="contacts.contact",
                    ),
                ),
                (
                    "number",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contacts.phonenumber",
                    ),
                ),
                (
                    "reserved_for",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reserved",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "callback",
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("intended", "Intended"),
                            ("dialing", "Dialing"),
                            ("ringing", "Ringing"),
                            ("connected", "Connected"),
                            ("on_hold", "On Hold"),
                            ("ended", "Ended"),
                            ("unknown", "Unknown"),
                        ],
                        default="intended",
                        max_length=10,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("answered", "answered"),
                            ("voicemail", "voicemail"),
                            ("no_answer", "no answer"),
                            ("busy", "busy"),
                            ("network_error", "network error"),
                            ("invalid_number", "invalid number"),
                            ("dnc_request", "dnc request"),
                            ("cancelled_by_agent", "cancelled by agent"),
                            ("unknown", "unknown"),
                        ],
                        max_length=20,
                    ),
                ),
                ("cause", models.CharField(blank=True, max_length=120)),
                (
                    "sequence",
                    models.IntegerField(default=-1, help_text="Highest carrier event applied"),
                ),
                (
                    "early",
                    models.BooleanField(
                        default=False, help_text="The agent dialled before the promise"
                    ),
                ),
                (
                    "intended_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("dialed_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contacts.contact",
                    ),
                ),
                (
                    "number",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contacts.phonenumber",
                    ),
                ),
                (
                    "callback",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attempts",
                        to="callbacks.callback",
                    ),
                ),
            ],
            options={
                "db_table": "attempt",
            },
        ),
        migrations.CreateModel(
            name="CallbackEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=20)),
                ("from_state", models.CharField(blank=True, max_length=10)),
                ("to_state", models.CharField(max_length=10)),
                ("actor_kind", models.CharField(max_length=10)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("data", models.JSONField(default=dict)),
                ("claim_version", models.PositiveIntegerField(default=0)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "callback",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="callbacks.callback",
                    ),
                ),
            ],
            options={
                "db_table": "callback_event",
            },
        ),
        migrations.CreateModel(
            name="IntakeRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(unique=True)),
                ("fingerprint", models.CharField(max_length=64)),
                ("merged", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "callback",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="callbacks.callback",
                    ),
                ),
            ],
            options={
                "db_table": "intake_request",
            },
        ),
        # queue.claim_next, an agent of all campaigns: first in line of the pool.
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                models.OrderBy(models.F("priority"), descending=True),
                models.F("callable_from"),
                models.F("id"),
                condition=models.Q(("reserved_for__isnull", True), ("state", "scheduled")),
                name="callback_claim",
            ),
        ),
        # queue.claim_next, an agent of some campaigns: first in line of each.
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                models.F("campaign"),
                models.OrderBy(models.F("priority"), descending=True),
                models.F("callable_from"),
                models.F("id"),
                condition=models.Q(("reserved_for__isnull", True), ("state", "scheduled")),
                name="callback_claim_campaign",
            ),
        ),
        # queue.claim_next, first arm: what waits for this agent personally.
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                models.F("reserved_for"),
                models.OrderBy(models.F("priority"), descending=True),
                models.F("callable_from"),
                models.F("id"),
                condition=models.Q(("reserved_for__isnull", False), ("state", "scheduled")),
                name="callback_claim_personal",
            ),
        ),
        # queue.release_expired: offers by deadline.
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("state", "offered")),
                fields=["offer_expires_at"],
                name="callback_offer_expiry",
            ),
        ),
        # queries.in_view: Overdue, Due Today, This Week, All Pending, by promise.
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("state__in", ["offered", "scheduled"])),
                fields=["due_at", "id"],
                name="callback_due",
            ),
        ),
        # queries.in_view: the Attention tab.
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(
                    models.Q(("attention", ""), _negated=True),
                    ("state__in", ["offered", "scheduled", "working"]),
                ),
                fields=["due_at"],
                name="callback_attention",
            ),
        ),
        # RULES 5: at most one active callback per contact and campaign.
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["offered", "scheduled", "working"])),
                fields=("contact", "campaign"),
                name="callback_one_active",
            ),
        ),
        # RULES 6: an agent has at most one offer or interaction.
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["offered", "working"])),
                fields=("agent",),
                name="callback_one_per_agent",
            ),
        ),
        # RULES 1: these states and no others.
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "cancelled",
                            "completed",
                            "exhausted",
                            "expired",
                            "offered",
                            "scheduled",
                            "working",
                        ],
                    )
                ),
                name="callback_state",
            ),
        ),
        # RULES 1: held by an agent exactly while offered or in work.
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agent__isnull", False), ("state__in", ["offered", "working"])),
                    models.Q(
                        ("agent__isnull", True),
                        (
                            "state__in",
                            ["cancelled", "completed", "exhausted", "expired", "scheduled"],
                        ),
                    ),
                    _connector="OR",
                ),
                name="callback_holder",
            ),
        ),
        # RULES 6: an offer has a deadline, and only an offer.
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("offer_expires_at__isnull", False), ("state", "offered")),
                    models.Q(
                        models.Q(("state", "offered"), _negated=True),
                        ("offer_expires_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="callback_offer_expires",
            ),
        ),
        # RULES 1: the four final states have an end, the active ones have none.
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", False),
                        ("state__in", ["cancelled", "completed", "exhausted", "expired"]),
                    ),
                    models.Q(
                        ("ended_at__isnull", True),
                        ("state__in", ["offered", "scheduled", "working"]),
                    ),
                    _connector="OR",
                ),
                name="callback_ended",
            ),
        ),
        # RULES 3: the part of the promise that the machine may dial in is a span.
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("callable_until__isnull", True),
                    ("callable_from__lte", models.F("callable_until")),
                    _connector="OR",
                ),
                name="callback_window",
            ),
        ),
        # queries.dials_so_far: per contact, campaign and outcome since a moment.
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                fields=["contact", "campaign", "outcome", "intended_at"], name="attempt_counting"
            ),
        ),
        # run_dialer: what has to be reconciled with the carrier.
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("state", "ended"), _negated=True),
                fields=["intended_at"],
                name="attempt_open",
            ),
        ),
        # RULES 4: one live call with a contact, whichever campaign or agent asks.
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["intended", "dialing", "ringing", "connected", "on_hold", "unknown"],
                    )
                ),
                fields=("contact",),
                name="attempt_one_live",
            ),
        ),
        # RULES 1: an attempt has an end exactly when it has ended.
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("state", "ended")),
                    models.Q(
                        models.Q(("state", "ended"), _negated=True), ("ended_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="attempt_ended",
            ),
        ),
        # queue.claim_next: what this agent rejected within the last minutes.
        migrations.AddIndex(
            model_name="callbackevent",
            index=models.Index(
                condition=models.Q(("name", "reject")),
                fields=["actor", "at"],
                name="callback_event_rejects",
            ),
        ),
    ]
