"""Where a contact lives, who listed a number, whose matter it is; a supervisor's zone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="place",
            field=models.CharField(
                blank=True,
                help_text="Where they live, such as US-FL: decides quiet hours",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="donotcall",
            name="source",
            field=models.CharField(
                blank=True, help_text="desk, form, api, import or supervisor", max_length=10
            ),
        ),
        migrations.AddField(
            model_name="intent",
            name="campaign_slug",
            field=models.SlugField(blank=True, help_text="Who works on it", max_length=64),
        ),
        migrations.AlterField(
            model_name="contact",
            name="zone_source",
            field=models.CharField(
                choices=[
                    ("said", "said"),
                    ("address", "address"),
                    ("supervisor", "supervisor"),
                    ("browser", "browser"),
                    ("number", "number"),
                    ("unknown", "unknown"),
                ],
                default="unknown",
                max_length=10,
            ),
        ),
    ]
