"""Whom may we call, and what do we know of them?"""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """People, their numbers, what they asked and what they do not want."""

    name = "contacts"
    default_auto_field = "django.db.models.BigAutoField"
