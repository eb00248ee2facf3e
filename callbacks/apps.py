"""What happens to this request next?"""

from django.apps import AppConfig


class CallbacksConfig(AppConfig):
    """Promises to call, their attempts and their story."""

    name = "callbacks"
    default_auto_field = "django.db.models.BigAutoField"
