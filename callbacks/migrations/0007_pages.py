"""The tabs of the queue by campaign, priority and age; built while the desk works."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

PENDING = models.Q(("state__in", ["offered", "scheduled"]))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("callbacks", "0006_exchange")]

    operations = [
        # The tabs of one campaign; expire_stale: its oldest promises.
        AddIndexConcurrently(
            model_name="callback",
            index=models.Index(
                condition=PENDING,
                fields=["campaign", "due_at", "id"],
                name="callback_due_campaign",
            ),
        ),
        RemoveIndexConcurrently(model_name="callback", name="callback_stale"),
        # The tabs by priority, and by age.
        AddIndexConcurrently(
            model_name="callback",
            index=models.Index(
                models.OrderBy(models.F("priority"), descending=True),
                models.F("due_at"),
                models.F("id"),
                condition=PENDING,
                name="callback_by_priority",
            ),
        ),
        AddIndexConcurrently(
            model_name="callback",
            index=models.Index(condition=PENDING, fields=["id"], name="callback_by_age"),
        ),
    ]
