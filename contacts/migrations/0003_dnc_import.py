"""Do-not-call lists from files: the job and what became of each line."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0002_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DncImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "region",
                    models.CharField(help_text="How national numbers are read", max_length=2),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "Being checked"),
                            ("ready", "Checked, not imported"),
                            ("importing", "Being imported"),
                            ("done", "Imported"),
                        ],
                        default="checking",
                        max_length=10,
                    ),
                ),
                ("content", models.TextField(blank=True)),
                ("size", models.PositiveIntegerField(help_text="Characters")),
                ("delimiter", models.CharField(max_length=1)),
                ("columns", models.JSONField(help_text="Place of each column that is read")),
                ("ignored", models.JSONField(default=list, help_text="Headings that are not read")),
                (
                    "offset",
                    models.PositiveIntegerField(default=0, help_text="Where checking goes on"),
                ),
                (
                    "line",
                    models.PositiveIntegerField(
                        default=0, help_text="The last line that was checked"
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("listed", models.PositiveIntegerField(default=0)),
                ("known", models.PositiveIntegerField(default=0)),
                ("cancelled", models.PositiveIntegerField(default=0, help_text="Callbacks")),
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
                "db_table": "dnc_import",
            },
        ),
        migrations.CreateModel(
            name="DncImportLine",
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
                            ("ready", "will be listed"),
                            ("listed", "listed"),
                            ("known", "was listed already"),
                            ("refused", "refused"),
                        ],
                        max_length=10,
                    ),
                ),
                ("column", models.CharField(blank=True, max_length=20)),
                ("code", models.CharField(blank=True, max_length=20)),
                ("message", models.CharField(blank=True, max_length=200)),
                ("number_hash", models.CharField(blank=True, max_length=64)),
                ("scope", models.SlugField(blank=True, db_index=False, max_length=64)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("cancelled", models.PositiveIntegerField(default=0)),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="contacts.dncimport",
                    ),
                ),
            ],
            options={
                "db_table": "dnc_import_line",
            },
        ),
        migrations.AddIndex(
            model_name="dncimport",
            index=models.Index(
                condition=models.Q(("state__in", ["checking", "importing"])),
                fields=["id"],
                name="dnc_import_open",
            ),
        ),
        migrations.AddIndex(
            model_name="dncimportline",
            index=models.Index(
                condition=models.Q(("outcome", "ready")),
                fields=["job", "line"],
                name="dnc_import_line_ready",
            ),
        ),
        migrations.AddConstraint(
            model_name="dncimportline",
            constraint=models.UniqueConstraint(fields=("job", "line"), name="dnc_import_line_once"),
        ),
    ]
