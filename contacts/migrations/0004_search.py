"""People are found by a part of their name, numbers by their last digits.

pg_trgm is a trusted extension: whoever owns the database may add it, without a superuser. The
indexes are built while the desk works, so this is not one transaction.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, TrigramExtension
from django.db import migrations, models
from django.db.models import TextField
from django.db.models.functions import Reverse, Upper


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0003_dnc_import")]

    operations = [
        TrigramExtension(),
        AddIndexConcurrently(
            model_name="contact",
            index=GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="contact_name_part"),
        ),
        AddIndexConcurrently(
            model_name="phonenumber",
            index=models.Index(
                OpClass(Reverse("e164", output_field=TextField()), name="text_pattern_ops"),
                name="phone_number_ending",
            ),
        ),
    ]
