"""What does the agent and the supervisor see and press?"""

from django.apps import AppConfig


class AgentDeskConfig(AppConfig):
    """Users, agents and their presence."""

    name = "agentdesk"
    default_auto_field = "django.db.models.BigAutoField"
