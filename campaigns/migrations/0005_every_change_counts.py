"""No change of hours is lost: not beside one that is being worked off, not of a row that moved."""

from django.db import migrations

# The row that asks for a new computation is locked until the change that asked for it commits.
# With DO NOTHING it could be worked off, with the old rules, before that.
TRIGGERS = """
CREATE OR REPLACE FUNCTION ask_for_windows(campaign bigint, country varchar, why varchar) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO hours_change (campaign_id, region, reason, last_id, checked, changed)
  VALUES (campaign, country, why, 0, 0, 0)
  ON CONFLICT (campaign_id, region) WHERE started_at IS NULL
    DO UPDATE SET reason = hours_change.reason
$$;

CREATE OR REPLACE FUNCTION hours_of_campaign_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM ask_for_windows(OLD.campaign_id, '', 'Calling hours changed');
  END IF;
  IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND OLD.campaign_id <> NEW.campaign_id THEN
    PERFORM ask_for_windows(NEW.campaign_id, '', 'Calling hours changed');
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION campaign_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ask_for_windows(NEW.id, '', 'The campaign''s settings changed');
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION quiet_rule_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM ask_for_windows(NULL, OLD.region, 'Quiet hours changed');
  END IF;
  IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND OLD.region <> NEW.region THEN
    PERFORM ask_for_windows(NULL, NEW.region, 'Quiet hours changed');
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION quiet_hours_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM ask_for_windows(NULL, region, 'Quiet hours changed')
    FROM quiet_rule WHERE id = OLD.rule_id;
  END IF;
  IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND OLD.rule_id <> NEW.rule_id THEN
    PERFORM ask_for_windows(NULL, region, 'Quiet hours changed')
    FROM quiet_rule WHERE id = NEW.rule_id;
  END IF;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0004_editions")]

    # Backwards nothing is taken away: the functions go with 0004.
    operations = [migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop)]
