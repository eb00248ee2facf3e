"""People are found by a part of their name, numbers by their last digits.

pg_trgm is a trusted extension: whoever owns the database may add it, without a superuser. The
indexes are built while the desk works, so this is not one transaction. Such a build waits for every
transaction that is open, longer than any statement of ours may wait; what an interrupted one left
behind is built anew.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, TrigramExtension
from django.db import migrations, models
from django.db.models.functions import Reverse, Upper

PATIENT = [
    "SET lock_timeout = 0",
    "DROP INDEX CONCURRENTLY IF EXISTS contact_name_part",
    "DROP INDEX CONCURRENTLY IF EXISTS phone_number_ending",
]
NOTHING = migrations.RunSQL.noop


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0003_dnc_import")]

    operations = [
        TrigramExtension(),
        migrations.RunSQL(PATIENT, NOTHING),
        AddIndexConcurrently(
            model_name="contact",
            index=GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="contact_name_part"),
        ),
        AddIndexConcurrently(
            model_name="phonenumber",
            index=models.Index(
                OpClass(Reverse("e164", output_field=models.TextField()), name="text_pattern_ops"),
                name="phone_number_ending",
            ),
        ),
        migrations.RunSQL(["RESET lock_timeout"], NOTHING),
    ]
