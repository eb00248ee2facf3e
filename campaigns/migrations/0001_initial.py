"""The tables as the product starts; what each index and constraint serves stands above it."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                ("slug", models.SlugField(max_length=64, unique=True)),
                ("department", models.CharField(blank=True, max_length=80)),
                (
                    "country",
                    models.CharField(default="GB", help_text="How numbers are read", max_length=2),
                ),
                (
                    "allowed_countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), blank=True, default=list
                    ),
                ),
                (
                    "zone",
                    models.CharField(
                        blank=True,
                        help_text="Hours run on this zone, or on the contact's",
                        max_length=64,
                    ),
                ),
                ("shown_zone", models.CharField(default="Europe/London", max_length=64)),
                ("dials", models.BooleanField(default=True)),
                ("paused_by", models.CharField(blank=True, max_length=120)),
                ("takes_requests", models.BooleanField(default=True)),
                (
                    "on_the_web",
                    models.BooleanField(default=False, help_text="The form at / asks for this one"),
                ),
                (
                    "honours_own_time",
                    models.BooleanField(
                        default=False,
                        help_text="A time the customer chose may be called outside the window",
                    ),
                ),
                ("lead_minutes", models.PositiveSmallIntegerField(default=5)),
                ("offer_seconds", models.PositiveSmallIntegerField(default=20)),
                ("review_seconds", models.PositiveSmallIntegerField(default=5)),
                ("wrap_up_seconds", models.PositiveSmallIntegerField(default=45)),
                ("handle_seconds", models.PositiveSmallIntegerField(default=240)),
                ("window_minutes", models.PositiveSmallIntegerField(default=30)),
                ("dial_cap", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("needs_disposition", models.BooleanField(default=True)),
                ("script", models.TextField(blank=True)),
            ],
            options={
                "db_table": "campaign",
                "ordering": ["name"],
                "constraints": [
                    # RULES 6: an offer can be read, and does not hold the queue for long.
                    models.CheckConstraint(
                        condition=models.Q(("offer_seconds__gte", 5), ("offer_seconds__lte", 300)),
                        name="campaign_offer_seconds",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QuietHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weekday", models.PositiveSmallIntegerField(help_text="0 is Monday")),
                ("opens", models.PositiveSmallIntegerField(help_text="Minutes after midnight")),
                (
                    "closes",
                    models.PositiveSmallIntegerField(
                        help_text="Minutes after midnight, up to 1440"
                    ),
                ),
                ("region", models.CharField(db_index=True, max_length=3)),
            ],
            options={
                "db_table": "quiet_hours",
                "verbose_name_plural": "quiet hours",
                "abstract": False,
                "constraints": [
                    # RULES 4: a range of one weekday that is not empty.
                    models.CheckConstraint(
                        condition=models.Q(
                            ("weekday__lte", 6),
                            ("opens__lt", models.F("closes")),
                            ("closes__lte", 1440),
                        ),
                        name="quiethours_range",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CallingHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weekday", models.PositiveSmallIntegerField(help_text="0 is Monday")),
                ("opens", models.PositiveSmallIntegerField(help_text="Minutes after midnight")),
                (
                    "closes",
                    models.PositiveSmallIntegerField(
                        help_text="Minutes after midnight, up to 1440"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "db_table": "calling_hours",
                "verbose_name_plural": "calling hours",
                "abstract": False,
                "constraints": [
                    # RULES 4: a range of one weekday that is not empty.
                    models.CheckConstraint(
                        condition=models.Q(
                            ("weekday__lte", 6),
                            ("opens__lt", models.F("closes")),
                            ("closes__lte", 1440),
                        ),
                        name="callinghours_range",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Disposition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40)),
                ("label", models.CharField(max_length=60)),
                (
                    "outcome",
                    models.CharField(
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
                ("needs_note", models.BooleanField(default=False)),
                ("needs_time", models.BooleanField(default=False)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dispositions",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "db_table": "disposition",
                "ordering": ["position", "id"],
                "constraints": [
                    # RULES 9: a code means one thing in a campaign.
                    models.UniqueConstraint(fields=("campaign", "code"), name="disposition_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RetryRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
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
                (
                    "delay_minutes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField()
                    ),
                ),
                ("max_retries", models.PositiveSmallIntegerField()),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="retry_rules",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "db_table": "retry_rule",
                "constraints": [
                    # RULES 2: one policy per campaign and outcome.
                    models.UniqueConstraint(fields=("campaign", "outcome"), name="retry_rule_once"),
                    # RULES 2: a policy has at least one step of delay.
                    models.CheckConstraint(
                        condition=models.Q(("delay_minutes__len__gte", 1)),
                        name="retry_rule_has_delay",
                    ),
                ],
            },
        ),
    ]
