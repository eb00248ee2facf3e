"""Quiet hours by region become rules of a place."""

from django.db import migrations

RULES_OF_REGIONS = """
INSERT INTO quiet_rule (name, region, place, prefixes, in_use, note)
SELECT DISTINCT 'Quiet hours ' || region, region, '', '{}'::varchar[], true, '' FROM quiet_hours;
UPDATE quiet_hours SET rule_id = quiet_rule.id FROM quiet_rule
WHERE quiet_rule.region = quiet_hours.region;
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_rules")]

    operations = [migrations.RunSQL(RULES_OF_REGIONS, migrations.RunSQL.noop)]
