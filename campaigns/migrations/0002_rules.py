"""Quiet rules by place with effective dates, frequency caps, and what became of changed hours."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleBook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("edition", models.BigIntegerField()),
                ("tzdata", models.CharField(blank=True, max_length=16)),
            ],
            options={
                "db_table": "rule_book",
            },
        ),
        migrations.AddField(
            model_name="campaign",
            name="answer_closes_all",
            field=models.BooleanField(
                default=False,
                help_text="An answer closes what waits for the contact in every campaign",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="expires_stale",
            field=models.BooleanField(
                default=False, help_text="Stale callbacks are given up by themselves"
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="keeps_holidays",
            field=models.BooleanField(
                default=True, help_text="Nobody is called on a public holiday of their country"
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="stale_days",
            field=models.PositiveSmallIntegerField(
                default=3, help_text="Overdue for longer than this is stale"
            ),
        ),
        migrations.CreateModel(
            name="QuietRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                (
                    "region",
                    models.CharField(db_index=True, help_text="ISO code, such as US", max_length=3),
                ),
                (
                    "place",
                    models.CharField(
                        blank=True, help_text="A part of it, such as US-FL", max_length=8
                    ),
                ),
                (
                    "prefixes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        blank=True,
                        default=list,
                        help_text="Numbers of that part begin with one of these, such as +1305",
                    ),
                ),
                (
                    "first_day",
                    models.DateField(
                        blank=True, help_text="In force from, by local date", null=True
                    ),
                ),
                (
                    "last_day",
                    models.DateField(
                        blank=True, help_text="In force until, by local date", null=True
                    ),
                ),
                ("in_use", models.BooleanField(default=True)),
                (
                    "note",
                    models.CharField(blank=True, default="Verify with counsel", max_length=200),
                ),
            ],
            options={
                "db_table": "quiet_rule",
                # RULES 4: effective dates, both included, are in order.
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_day__isnull", True),
                            ("last_day__isnull", True),
                            ("first_day__lte", models.F("last_day")),
                            _connector="OR",
                        ),
                        name="quiet_rule_days",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="quiethours",
            name="rule",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="hours",
                to="campaigns.quietrule",
            ),
        ),
        migrations.CreateModel(
            name="HoursChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region", models.CharField(blank=True, max_length=3)),
                ("reason", models.CharField(max_length=60)),
                (
                    "asked_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("last_id", models.BigIntegerField(default=0)),
                ("checked", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(null=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "db_table": "hours_change",
                # Many rows saved at once are one change, as long as nobody has begun with it.
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("started_at__isnull", True)),
                        fields=("campaign", "region"),
                        name="hours_change_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FrequencyCap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("dials", models.PositiveSmallIntegerField()),
                ("span_hours", models.PositiveIntegerField()),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="caps",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="caps",
                        to="campaigns.quietrule",
                    ),
                ),
            ],
            options={
                "db_table": "frequency_cap",
                # RULES 4: a cap belongs to a place's law or to a campaign, and allows something.
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("campaign__isnull", True), ("rule__isnull", False)),
                            models.Q(("campaign__isnull", False), ("rule__isnull", True)),
                            _connector="OR",
                        ),
                        name="frequency_cap_of_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("dials__gte", 1), ("span_hours__gte", 1)),
                        name="frequency_cap_positive",
                    ),
                ],
            },
        ),
    ]
