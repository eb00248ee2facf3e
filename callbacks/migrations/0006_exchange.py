"""Contacts and callbacks from files: the job, the file, and what becomes of each line."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("callbacks", "0005_counting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExchangeJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, help_text="Of the requests it makes"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("contacts", "Contacts"), ("callbacks", "Callbacks")],
                        max_length=10,
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("reading", "Being read"),
                            ("mapping", "Columns to be confirmed"),
                            ("checking", "Being checked"),
                            ("ready", "Checked, not imported"),
                            ("importing", "Being imported"),
                            ("done", "Imported"),
                            ("broken", "Not readable"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "region",
                    models.CharField(help_text="How national numbers are read", max_length=2),
                ),
                (
                    "zone",
                    models.CharField(
                        help_text="Whose clock times without a zone are on", max_length=64
                    ),
                ),
                (
                    "campaign_slug",
                    models.SlugField(
                        blank=True,
                        db_index=False,
                        help_text="Of lines that name none",
                        max_length=64,
                    ),
                ),
                (
                    "problem",
                    models.CharField(blank=True, help_text="Why it cannot be read", max_length=200),
                ),
                ("delimiter", models.CharField(default=",", max_length=1)),
                ("headings", models.JSONField(default=list)),
                (
                    "columns",
                    models.JSONField(
                        default=dict, help_text="Place in the file of each column that is read"
                    ),
                ),
                ("size", models.PositiveIntegerField(default=0, help_text="Bytes of text")),
                (
                    "first_offset",
                    models.PositiveIntegerField(default=0, help_text="Bytes before the first row"),
                ),
                (
                    "first_line",
                    models.PositiveIntegerField(default=0, help_text="Lines before the first row"),
                ),
                (
                    "offset",
                    models.PositiveIntegerField(
                        default=0, help_text="Where checking goes on, in bytes"
                    ),
                ),
                (
                    "line",
                    models.PositiveIntegerField(
                        default=0, help_text="The last line that was looked at"
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("to_add", models.PositiveIntegerField(default=0)),
                ("to_merge", models.PositiveIntegerField(default=0)),
                ("added", models.PositiveIntegerField(default=0)),
                ("merged", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "exchange_job",
            },
        ),
        migrations.CreateModel(
            name="ExchangeLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("new", "will be added"),
                            ("merge", "will be merged"),
                            ("refused", "refused"),
                            ("added", "added"),
                            ("merged", "merged"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "column",
                    models.CharField(
                        blank=True, help_text="Its heading in the file", max_length=100
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=20)),
                ("message", models.CharField(blank=True, max_length=200)),
                ("e164", models.CharField(blank=True, max_length=16)),
                ("said", models.JSONField(default=dict, help_text="As it was understood")),
                ("cells", models.JSONField(default=list, help_text="As it stood there")),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="callbacks.exchangejob",
                    ),
                ),
            ],
            options={
                "db_table": "exchange_line",
            },
        ),
        migrations.CreateModel(
            name="ExchangePiece",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pieces",
                        to="callbacks.exchangejob",
                    ),
                ),
            ],
            options={
                "db_table": "exchange_piece",
            },
        ),
        migrations.AddIndex(
            model_name="exchangejob",
            index=models.Index(
                condition=models.Q(("stage__in", ["checking", "importing", "reading"])),
                fields=["id"],
                name="exchange_job_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="exchangeline",
            index=models.Index(
                condition=models.Q(("outcome__in", ["merge", "new"])),
                fields=["job", "line"],
                name="exchange_line_open",
            ),
        ),
        migrations.AddIndex(
            model_name="exchangeline",
            index=models.Index(fields=["job", "outcome", "line"], name="exchange_line_outcome"),
        ),
        migrations.AddIndex(
            model_name="exchangeline",
            index=models.Index(
                condition=models.Q(("e164", ""), _negated=True),
                fields=["job", "e164"],
                name="exchange_line_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="exchangeline",
            constraint=models.UniqueConstraint(fields=("job", "line"), name="exchange_line_once"),
        ),
        migrations.AddConstraint(
            model_name="exchangepiece",
            constraint=models.UniqueConstraint(
                fields=("job", "number"), name="exchange_piece_once"
            ),
        ),
    ]
