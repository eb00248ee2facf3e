"""Whoever changes a rule, by whichever path: processes read it anew and windows are recomputed."""

import django.db.models.deletion
from django.db import migrations, models

from campaigns.places import add_default_rules

# The edition comes from a sequence, which no rollback gives back: an edition never names two sets
# of rules. The change of hours is told to the beat as a row.
TRIGGERS = """
CREATE SEQUENCE rule_book_edition;

CREATE FUNCTION new_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rule_book (id, edition, tzdata) VALUES (1, nextval('rule_book_edition'), '')
  ON CONFLICT (id) DO UPDATE SET edition = EXCLUDED.edition;
  RETURN NULL;
END $$;

CREATE FUNCTION hours_of_campaign_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO hours_change (campaign_id, region, reason, last_id, checked, changed)
  VALUES (CASE WHEN TG_OP = 'DELETE' THEN OLD.campaign_id ELSE NEW.campaign_id END, '',
    'Calling hours changed', 0, 0, 0)
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE FUNCTION campaign_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO hours_change (campaign_id, region, reason, last_id, checked, changed)
  VALUES (NEW.id, '', 'The campaign''s settings changed', 0, 0, 0)
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE FUNCTION quiet_rule_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO hours_change (region, reason, last_id, checked, changed)
  VALUES (CASE WHEN TG_OP = 'DELETE' THEN OLD.region ELSE NEW.region END,
    'Quiet hours changed', 0, 0, 0)
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE FUNCTION quiet_hours_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO hours_change (region, reason, last_id, checked, changed)
  SELECT region, 'Quiet hours changed', 0, 0, 0 FROM quiet_rule
  WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.rule_id ELSE NEW.rule_id END
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE TRIGGER retry_rule_edition AFTER INSERT OR UPDATE OR DELETE ON retry_rule
  FOR EACH STATEMENT EXECUTE FUNCTION new_edition();
CREATE TRIGGER calling_hours_edition AFTER INSERT OR UPDATE OR DELETE ON calling_hours
  FOR EACH STATEMENT EXECUTE FUNCTION new_edition();
CREATE TRIGGER quiet_rule_edition AFTER INSERT OR UPDATE OR DELETE ON quiet_rule
  FOR EACH STATEMENT EXECUTE FUNCTION new_edition();
CREATE TRIGGER quiet_hours_edition AFTER INSERT OR UPDATE OR DELETE ON quiet_hours
  FOR EACH STATEMENT EXECUTE FUNCTION new_edition();
CREATE TRIGGER frequency_cap_edition AFTER INSERT OR UPDATE OR DELETE ON frequency_cap
  FOR EACH STATEMENT EXECUTE FUNCTION new_edition();

CREATE TRIGGER calling_hours_changed AFTER INSERT OR UPDATE OR DELETE ON calling_hours
  FOR EACH ROW EXECUTE FUNCTION hours_of_campaign_changed();
CREATE TRIGGER campaign_hours_changed AFTER UPDATE OF zone, lead_minutes, honours_own_time, keeps_holidays
  ON campaign FOR EACH ROW
  WHEN ((OLD.zone, OLD.lead_minutes, OLD.honours_own_time, OLD.keeps_holidays)
    IS DISTINCT FROM (NEW.zone, NEW.lead_minutes, NEW.honours_own_time, NEW.keeps_holidays))
  EXECUTE FUNCTION campaign_changed();
CREATE TRIGGER quiet_rule_changed AFTER INSERT OR UPDATE OR DELETE ON quiet_rule
  FOR EACH ROW EXECUTE FUNCTION quiet_rule_changed();
CREATE TRIGGER quiet_hours_changed AFTER INSERT OR UPDATE OR DELETE ON quiet_hours
  FOR EACH ROW EXECUTE FUNCTION quiet_hours_changed();
"""
NO_TRIGGERS = """
DROP FUNCTION new_edition() CASCADE;
DROP FUNCTION hours_of_campaign_changed() CASCADE;
DROP FUNCTION campaign_changed() CASCADE;
DROP FUNCTION quiet_rule_changed() CASCADE;
DROP FUNCTION quiet_hours_changed() CASCADE;
DROP SEQUENCE rule_book_edition;
"""


def add_rules(apps, schema_editor):
    add_default_rules(
        apps.get_model("campaigns", "QuietRule"),
        apps.get_model("campaigns", "QuietHours"),
        apps.get_model("campaigns", "FrequencyCap"),
    )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_places")]

    operations = [
        migrations.RemoveField(model_name="quiethours", name="region"),
        migrations.AlterField(
            model_name="quiethours",
            name="rule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="hours",
                to="campaigns.quietrule",
            ),
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        migrations.RunPython(add_rules, migrations.RunPython.noop),
    ]
