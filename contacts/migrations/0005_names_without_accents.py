"""Names are found with or without their accents.

unaccent is a trusted extension, as pg_trgm is. Its function is only stable, since somebody could
edit the dictionary: ours names the dictionary that it means and is taken at its word by the index.
The indexes are exchanged while the desk works, as in 0004.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import (
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    UnaccentExtension,
)
from django.db import migrations

from contacts.models import PlainName

PLAIN_NAME = """
CREATE OR REPLACE FUNCTION plain_name(name text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN upper(unaccent('unaccent'::regdictionary, name))
"""
PATIENT = ["SET lock_timeout = 0", "DROP INDEX CONCURRENTLY IF EXISTS contact_name_plain"]
NOTHING = migrations.RunSQL.noop


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0004_search")]

    operations = [
        UnaccentExtension(),
        migrations.RunSQL(PLAIN_NAME, "DROP FUNCTION IF EXISTS plain_name(text)"),
        migrations.RunSQL(PATIENT, NOTHING),
        AddIndexConcurrently(
            model_name="contact",
            index=GinIndex(OpClass(PlainName("name"), "gin_trgm_ops"), name="contact_name_plain"),
        ),
        RemoveIndexConcurrently(model_name="contact", name="contact_name_part"),
        migrations.RunSQL(["RESET lock_timeout"], NOTHING),
    ]
