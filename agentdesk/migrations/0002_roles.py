"""The three roles exist from the first day."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ROLES = ("agent", "supervisor", "administrator")


def create_roles(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.using(editor.connection.alias).get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("agentdesk", "0001_initial"), ("auth", "__latest__")]

    operations = [migrations.RunPython(create_roles, migrations.RunPython.noop)]
