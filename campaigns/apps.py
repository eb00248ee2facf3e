"""When, and how often?"""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Campaigns with their hours, retries, dispositions and scripts."""

    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"
