"""Calls that reached us, each told once."""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("callbacks", "0003_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="InboundCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("call_id", models.CharField(max_length=128, unique=True)),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "callback_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        help_text="What it closed",
                    ),
                ),
                ("undo_until", models.DateTimeField(null=True)),
                ("reopened", models.JSONField(help_text="What undo answered", null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "db_table": "inbound_call",
            },
        ),
    ]
