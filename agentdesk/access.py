"""Who may touch what. The only way to fetch an object on behalf of a user."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from agentdesk.models import Agent, BulkJob, SavedView, User
from callbacks import queries
from callbacks.actions.calls import Work
from callbacks.exchange.models import ExchangeJob
from callbacks.models import Callback
from callbacks.rules.states import HELD, PENDING
from campaigns.models import Campaign
from contacts.models import DncImport

LARGEST_ID = 2**63 - 1  # a page can name a larger one; the table cannot hold it


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


def access_profile(user: Any) -> User:
    """The user's own settings. Raises PermissionDenied for anybody without a role."""
    if not roles(user):
        raise PermissionDenied("You have no role here")
    assert isinstance(user, User)  # noqa: S101 # nosec B101
    return user


def access_found(user: Any) -> QuerySet[Callback]:
    """The callbacks that a search finds for the user: an agent's are those that they hold, and
    pending ones that wait for them. Raises PermissionDenied for anybody without a role.
    """
    mine = access_profile(user).pk
    if roles(user) & {Role.SUPERVISOR, Role.ADMINISTRATOR}:
        return Callback.objects.all()
    held = Q(agent=mine, state__in=HELD)
    return Callback.objects.filter(held | Q(reserved_for=mine, agent=None, state__in=PENDING))


def access_saved_views(user: Any) -> QuerySet[SavedView]:
    """The user's own views of the queue. Raises PermissionDenied for anybody but a supervisor."""
    return SavedView.objects.filter(user=access_queue(user))


def access_health(user: Any) -> User:
    """How the machine is doing. Raises PermissionDenied for anybody but a supervisor."""
    if not roles(user) & {Role.SUPERVISOR, Role.ADMINISTRATOR}:
        raise PermissionDenied("This page is for supervisors")
    assert isinstance(user, User)  # noqa: S101 # nosec B101
    return user


def access_metrics(user: Any, authorization: str) -> None:
    """The figures for a monitoring system: for a bearer of METRICS_TOKEN, or a supervisor.

    Raises PermissionDenied for anybody else; without a token in the settings nobody is a bearer.
    """
    scheme, _, said = authorization.partition(" ")
    token = settings.METRICS_TOKEN
    if token and scheme.lower() == "bearer" and constant_time_compare(said.strip(), token):
        return
    access_health(user)


def access_campaign(user: Any, slug: str) -> Campaign:
    """A campaign for a supervisor to switch. Raises PermissionDenied; Campaign.DoesNotExist."""
    access_health(user)
    return Campaign.objects.get(slug=slug)


def access_dnc(user: Any) -> User:
    """The do-not-call list. Raises PermissionDenied for anybody but a supervisor."""
    return access_health(user)


def access_dnc_import(user: Any, job_id: int) -> DncImport:
    """An imported file for a supervisor. Raises PermissionDenied; DncImport.DoesNotExist."""
    access_dnc(user)
    return DncImport.objects.defer("content").get(pk=min(job_id, LARGEST_ID))


def access_saved_view(user: Any, view_id: str) -> QuerySet[SavedView]:
    """The user's own saved view of that id; nothing when it is not theirs, or there is none."""
    mine = SavedView.objects.filter(user=access_queue(user))
    return (
        mine.filter(pk=int(view_id)) if view_id.isdecimal() and len(view_id) < 19 else mine.none()
    )


def access_exchanges(user: Any) -> QuerySet[ExchangeJob]:
    """Files of contacts and callbacks. Raises PermissionDenied for anybody but a supervisor."""
    access_queue(user)
    return ExchangeJob.objects.all()


def access_exchange(user: Any, job_id: int) -> ExchangeJob:
    """One such file for a supervisor. Raises PermissionDenied; ExchangeJob.DoesNotExist."""
    return access_exchanges(user).get(pk=min(job_id, LARGEST_ID))


def access_supervised(user: Any, callback_id: int) -> Callback:
    """A callback for a supervisor. Raises PermissionDenied; Callback.DoesNotExist."""
    access_queue(user)
    return queries.with_names().get(pk=min(callback_id, LARGEST_ID))


def access_selection(user: Any, callback_ids: Iterable[int]) -> dict[int, Callback]:
    """Those of the callbacks that there are, by id, for a supervisor. Raises PermissionDenied."""
    access_queue(user)
    return queries.with_names().in_bulk([one for one in callback_ids if one <= LARGEST_ID])


def access_bulk_job(user: Any, job_id: int) -> BulkJob:
    """An action on all that matched: one's own, or any for an administrator.

    Raises PermissionDenied; BulkJob.DoesNotExist, also for another supervisor's.
    """
    access_queue(user)
    jobs = BulkJob.objects.select_related("user")
    if Role.ADMINISTRATOR not in roles(user):
        jobs = jobs.filter(user=user)
    return jobs.get(pk=min(job_id, LARGEST_ID))


def access_held(agent: Agent) -> Callback | None:
    """What the agent has been offered or has in work, or None."""
    return queries.with_names().filter(agent_id=agent.pk, state__in=HELD).first()


def access_work(agent: Agent, callback_id: int, version: int) -> Work:
    """The agent's own work under the claim that their page names.

    Only a name for it: every action checks it again under its lock.
    """
    return Work(callback_id, agent.pk, version)
