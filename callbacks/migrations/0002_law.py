"""What Django's models cannot say: how the tables are kept clean, and that stories are not edited."""

from django.db import migrations

# claim_next at a steady rate: every claim leaves dead rows at the front of the claim index. With
# the default thresholds half of the rate is lost within a minute; with these, none.
AUTOVACUUM = """
ALTER TABLE callback SET (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE attempt SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
"""
DEFAULT = """
ALTER TABLE callback RESET (
  autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
  autovacuum_vacuum_cost_delay, autovacuum_analyze_scale_factor);
ALTER TABLE attempt RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay);
"""
# RULES 1: the event log is append-only, enough to answer why we called at 10:02.
APPEND_ONLY = """
CREATE FUNCTION refuse_story_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'callback_event is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER callback_event_append_only BEFORE UPDATE ON callback_event
  FOR EACH ROW EXECUTE FUNCTION refuse_story_edit();
"""
EDITABLE = """
DROP TRIGGER callback_event_append_only ON callback_event;
DROP FUNCTION refuse_story_edit();
"""


class Migration(migrations.Migration):
    dependencies = [("callbacks", "0001_initial")]

    operations = [
        migrations.RunSQL(AUTOVACUUM, DEFAULT),
        migrations.RunSQL(APPEND_ONLY, EDITABLE),
    ]
