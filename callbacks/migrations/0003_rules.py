"""Personal time, calls asked for in a call, stored decisions, and the record of sweeps."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# What waited for one agent until 15 minutes past its time says so now.
RESERVED = """
UPDATE callback SET reserved_until = due_at + interval '15 minutes'
WHERE reserved_for_id IS NOT NULL AND state = 'scheduled';
"""
# RULES 4: what was decided, and from what, is a record.
APPEND_ONLY = """
CREATE TRIGGER dial_decision_append_only BEFORE UPDATE ON dial_decision
  FOR EACH ROW EXECUTE FUNCTION refuse_story_edit();
"""
EDITABLE = "DROP TRIGGER dial_decision_append_only ON dial_decision;"


class Migration(migrations.Migration):
    dependencies = [
        ("callbacks", "0002_law"),
        ("campaigns", "0002_rules"),
        ("contacts", "0002_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DialDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("allowed", models.BooleanField()),
                ("reason", models.CharField(blank=True, max_length=20)),
                ("until", models.DateTimeField(null=True)),
                ("inputs", models.JSONField()),
            ],
            options={
                "db_table": "dial_decision",
            },
        ),
        migrations.CreateModel(
            name="Sweep",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("ran_at", models.DateTimeField()),
                ("took_ms", models.PositiveIntegerField(default=0)),
                (
                    "handled",
                    models.PositiveIntegerField(default=0, help_text="Rows in the last run"),
                ),
                ("handled_ever", models.BigIntegerField(default=0)),
                ("cursor", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "sweep",
            },
        ),
        migrations.AddField(
            model_name="callback",
            name="asked_in",
            field=models.ForeignKey(
                db_index=False,
                help_text="Asked for in this very call: its answer does not cancel this one",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="callbacks.attempt",
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="reserved_until",
            field=models.DateTimeField(help_text="Then anybody may have it", null=True),
        ),
        # The gate: dials to a contact within the span of a frequency cap.
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("dialed_at__isnull", False)),
                fields=["contact", "dialed_at"],
                name="attempt_frequency",
            ),
        ),
        # roll_windows: whose window has closed.
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("callable_until__isnull", False), ("state", "scheduled")),
                fields=["callable_until"],
                name="callback_roll",
            ),
        ),
        # release_reserved: whose personal time is over.
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("reserved_until__isnull", False), ("state", "scheduled")),
                fields=["reserved_until"],
                name="callback_reserved",
            ),
        ),
        # expire_stale: the oldest promises of a campaign that gives them up.
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("state", "scheduled")),
                fields=["campaign", "due_at"],
                name="callback_stale",
            ),
        ),
        migrations.AddField(
            model_name="dialdecision",
            name="attempt",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="decisions",
                to="callbacks.attempt",
            ),
        ),
        migrations.AddField(
            model_name="dialdecision",
            name="callback",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="decisions",
                to="callbacks.callback",
            ),
        ),
        migrations.RunSQL(RESERVED, migrations.RunSQL.noop),
        migrations.RunSQL(APPEND_ONLY, EDITABLE),
    ]
