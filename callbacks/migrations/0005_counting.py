"""What counts of a callback's own story is found without reading all of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("callbacks", "0004_inbound_call")]

    operations = [
        # cases: skips that count, and times named during work, of one callback.
        migrations.AddIndex(
            model_name="callbackevent",
            index=models.Index(
                condition=models.Q(("name__in", ["merge", "skip"])),
                fields=["callback"],
                name="callback_event_counting",
            ),
        ),
    ]
