"""The tables as the product starts; what each index and constraint serves stands above it."""

import django.contrib.postgres.fields
import django.db.models.deletion
import phonenumber_field.modelfields
from django.db import migrations, models

import contacts.rules.phone
import contacts.rules.timezones


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=120)),
                (
                    "zones",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), blank=True, default=list
                    ),
                ),
                (
                    "zone_source",
                    models.CharField(
                        choices=[
                            ("said", "said"),
                            ("address", "address"),
                            ("browser", "browser"),
                            ("number", "number"),
                            ("unknown", "unknown"),
                        ],
                        default=contacts.rules.timezones.ZoneSource["UNKNOWN"],
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "contact",
            },
        ),
        migrations.CreateModel(
            name="PhoneNumber",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "e164",
                    phonenumber_field.modelfields.PhoneNumberField(
                        max_length=128, region=None, unique=True
                    ),
                ),
                (
                    "region",
                    models.CharField(blank=True, help_text="ISO code, or 001", max_length=3),
                ),
                (
                    "line_type",
                    models.CharField(
                        choices=[
                            ("mobile", "mobile"),
                            ("fixed", "fixed"),
                            ("fixed_or_mobile", "fixed or mobile"),
                            ("voip", "voip"),
                            ("other", "other"),
                        ],
                        default=contacts.rules.phone.LineType["OTHER"],
                        max_length=16,
                    ),
                ),
                (
                    "zones",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), blank=True, default=list
                    ),
                ),
                ("dnc_hash", models.CharField(db_index=True, editable=False, max_length=64)),
                ("invalid_since", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "phone_number",
            },
        ),
        migrations.CreateModel(
            name="DoNotCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number_hash", models.CharField(max_length=64)),
                ("scope", models.SlugField(blank=True, max_length=64)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "do_not_call",
                "constraints": [
                    # The gate: is this number's hash on the list? One row per number and scope.
                    models.UniqueConstraint(
                        fields=("number_hash", "scope"), name="do_not_call_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Intent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("detail", models.CharField(blank=True, max_length=300)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("resolved", "Resolved"),
                            ("abandoned", "Given up"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("attempt_count", models.PositiveIntegerField(default=0)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="intents",
                        to="contacts.contact",
                    ),
                ),
            ],
            options={
                "db_table": "intent",
            },
        ),
        migrations.CreateModel(
            name="ContactNumber",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="contacts.contact"
                    ),
                ),
                (
                    "number",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="contacts.phonenumber"
                    ),
                ),
            ],
            options={
                "db_table": "contact_number",
            },
        ),
        migrations.AddField(
            model_name="contact",
            name="numbers",
            field=models.ManyToManyField(
                related_name="contacts", through="contacts.ContactNumber", to="contacts.phonenumber"
            ),
        ),
        migrations.CreateModel(
            name="Interaction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("call_in", "Call in"),
                            ("callback", "Callback"),
                            ("chat", "Chat"),
                            ("email", "E-mail"),
                            ("web", "Web form"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("summary", models.TextField(blank=True)),
                ("with_whom", models.CharField(blank=True, max_length=120)),
                ("seconds", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="interactions",
                        to="contacts.contact",
                    ),
                ),
            ],
            options={
                "db_table": "interaction",
                # The contact pane: newest first.
                "indexes": [models.Index(fields=["contact", "-at"], name="interaction_newest")],
            },
        ),
        # A contact has a number once.
        migrations.AddConstraint(
            model_name="contactnumber",
            constraint=models.UniqueConstraint(
                fields=("number", "contact"), name="contact_number_once"
            ),
        ),
    ]
