"""Who may touch what. The only way to fetch an object on behalf of a user."""

from enum import StrEnum
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from agentdesk.models import Agent, User
from callbacks import queries
from callbacks.actions.calls import Work
from callbacks.models import Callback
from callbacks.rules.states import HELD


class Role(StrEnum):
    """Groups of users."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves."""
        return False


def roles(user: Any) -> frozenset[str]:
    """The roles of a user; empty for one who has not signed in."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    return frozenset(user.groups.values_list("name", flat=True))


def access_desk(user: Any) -> Agent:
    """The user's own desk. Raises PermissionDenied for anybody but an agent."""
    if Role.AGENT not in roles(user):
        raise PermissionDenied("You are not an agent")
    agent, _ = Agent.objects.select_related("user").get_or_create(user=user)
    return agent


def access_queue(user: Any) -> User:
    """The supervisors' queue. Raises PermissionDenied for anybody else."""
    if not roles(user) & {Role.SUPERVISOR, Role.ADMINISTRATOR}:
        raise PermissionDenied("The queue is for supervisors")
    assert isinstance(user, User)  # noqa: S101 # nosec B101
    return user


def access_supervised(user: Any, callback_id: int) -> Callback:
    """A callback for a supervisor. Raises PermissionDenied; Callback.DoesNotExist."""
    access_queue(user)
    return queries.with_names().get(pk=callback_id)


def access_held(agent: Agent) -> Callback | None:
    """What the agent has been offered or has in work, or None."""
    return queries.with_names().filter(agent_id=agent.pk, state__in=HELD).first()


def access_work(agent: Agent, callback_id: int, version: int) -> Work:
    """The agent's own work under the claim that their page names.

    Only a name for it: every action checks it again under its lock.
    """
    return Work(callback_id, agent.pk, version)
