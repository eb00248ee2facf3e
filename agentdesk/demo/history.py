"""Callbacks as they were lived: every state follows from the events that led to it.

The only place outside ``callbacks.queue`` that writes ``Callback.state``: it invents a past that
nobody lived through, in the words and by the transition table of the queue.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from agentdesk.demo.promises import Promise
from agentdesk.models import User
from callbacks.actions.offers import REJECT_REASONS, REJECTS_TO_ATTENTION
from callbacks.models import Attempt, Callback, CallbackEvent
from callbacks.rules.states import FINAL, Event, State, target
from campaigns.rules.retry import Outcome

_CAUSES = {
    Outcome.ANSWERED: "Ended by the customer",
    Outcome.VOICEMAIL: "Voicemail picked up",
    Outcome.NO_ANSWER: "Nobody answered",
    Outcome.BUSY: "The line is busy",
    Outcome.NETWORK_ERROR: "The network could not connect",
    Outcome.INVALID_NUMBER: "The number is not in service",
    Outcome.DNC_REQUEST: "Ended by the customer",
}
_TALKED = frozenset({Outcome.ANSWERED, Outcome.DNC_REQUEST})


class Life:
    """One callback and all that happens to it; each method is one thing, at a time."""

    def __init__(self, callback: Callback, promise: Promise, by: User | None = None) -> None:
        self.callback = callback
        self.now_in: State = State.SCHEDULED
        self.attempts: list[Attempt] = []
        self.events: list[CallbackEvent] = []
        promise.write(callback)
        if by is None:
            first = self._event(callback.created_at, Event.REQUEST, "customer")
        else:
            first = self._event(callback.created_at, Event.REQUEST, "agent", by)
        first.from_state, first.data = "", {"about": callback.about}

    def _event(
        self,
        at: datetime,
        name: Event,
        actor_kind: str = "system",
        actor: User | None = None,
        reason: str = "",
        **data: Any,
    ) -> CallbackEvent:
        before = self.now_in
        if name is not Event.REQUEST:
            self.now_in = target(before, name)
        event = CallbackEvent(
            callback=self.callback, name=name, from_state=before, to_state=self.now_in,
            actor_kind=actor_kind, actor=actor, reason=reason, data=data,
            claim_version=self.callback.claim_version, at=at,
        )  # fmt: skip
        self.events.append(event)
        if self.now_in in FINAL:
            self.callback.ended_at, self.callback.ended_reason = at, reason[:120]
        return event

    @property
    def last_at(self) -> datetime:
        """When something happened last."""
        return self.events[-1].at

    @property
    def ended(self) -> bool:
        """Whether nothing further can happen."""
        return self.now_in in FINAL

    def offer(self, agent: User, at: datetime) -> None:
        """The machine leases it to the agent."""
        self.callback.claim_version += 1
        self.callback.offered_at = at
        self._event(at, Event.OFFER, "system", agent)

    def accept(self, agent: User, at: datetime) -> None:
        """The agent takes it."""
        self._event(at, Event.ACCEPT, "agent", agent)

    def reject(self, agent: User, at: datetime, why: str) -> None:
        """The agent gives it back for one of the three reasons, by code."""
        self.callback.reject_count += 1
        rejects = self.callback.reject_count
        if rejects >= REJECTS_TO_ATTENTION:
            self.callback.attention = f"Rejected {rejects}×: {REJECT_REASONS[why]}"
        self._event(at, Event.REJECT, "agent", agent, REJECT_REASONS[why])

    def miss(self, agent: User, at: datetime) -> None:
        """The agent does not answer in time."""
        self._event(at, Event.TIME_OUT, "system", agent, "No answer from the agent")

    def dial(
        self, key: UUID, agent: User, at: datetime, outcome: Outcome, rings: int, talks: int
    ) -> Attempt:
        """One call with its outcome, after so many seconds of ringing and of talk."""
        answered = at + timedelta(seconds=rings)
        talked = outcome in _TALKED
        attempt = Attempt(
            key=key, callback=self.callback, contact=self.callback.contact,
            campaign=self.callback.campaign, number=self.callback.number, agent=agent,
            outcome=outcome, cause=_CAUSES[outcome], sequence=2 if talked else 1,
            intended_at=at, dialed_at=at, answered_at=answered if talked else None,
            ended_at=answered + timedelta(seconds=talks if talked else 0),
        )  # fmt: skip
        attempt.state = Attempt.State.ENDED
        self.attempts.append(attempt)
        return attempt

    def retry(
        self, agent: User, at: datetime, outcome: Outcome, promise: Promise, count: tuple[int, int]
    ) -> None:
        """Done, and the policy wants another try."""
        self._settled(promise)
        number, most = count
        self.callback.trigger_outcome = outcome
        self.callback.retry_number, self.callback.retry_max = number, most
        self._event(
            at, Event.RETRY, "agent", agent, f"{outcome}: retry {number} of {most}",
            outcome=outcome, policy_time=promise.due_at.isoformat(),
            disposition=outcome.replace("_", "-"),
        )  # fmt: skip

    def agree(self, agent: User, at: datetime, promise: Promise, wall: str, zone: str) -> None:
        """Done, and the contact wants to be called again at another time, by the same agent."""
        self._settled(promise)
        self.callback.retry_number = self.callback.retry_max = 0
        self.callback.counts_from = at
        self.callback.reserved_for = agent
        self._event(
            at, Event.CALL_AGAIN, "agent", agent, "Agreed with the contact",
            outcome=Outcome.ANSWERED, wall=wall, zone=zone, disposition="call-again",
        )  # fmt: skip

    def finish(
        self, agent: User, at: datetime, event: Event, outcome: Outcome, reason: str, code: str
    ) -> None:
        """Done for good, whichever way."""
        self._settled(None)
        self.callback.trigger_outcome = outcome
        self._event(at, event, "agent", agent, reason, outcome=outcome, disposition=code)

    def _settled(self, promise: Promise | None) -> None:
        if promise:
            promise.write(self.callback)
        self.callback.reserved_for = None
        self.callback.attention = ""

    def end(
        self, at: datetime, event: Event, actor_kind: str, reason: str, by: User | None = None
    ) -> None:
        """Cancelled, marked complete or expired while it waited."""
        self._event(at, event, actor_kind, by, reason)

    def flag(self, at: datetime, why: str) -> None:
        """Taken out of line until a supervisor decides."""
        self.callback.callable_from = self.callback.callable_until = None
        self.callback.attention = f"{why}: choose what to do"
        self._event(at, Event.ROLL, "system", None, why)

    def move(self, by: User, at: datetime, promise: Promise) -> None:
        """A supervisor promises another time."""
        before = self.callback.due_at.isoformat()
        promise.write(self.callback)
        self._event(
            at, Event.RESCHEDULE, "supervisor", by,
            **{"from": before, "to": promise.due_at.isoformat()},
        )  # fmt: skip

    def add(self, at: datetime, text: str) -> None:
        """The customer asks again, and both requests become one."""
        self.callback.about = f"{self.callback.about}\n\n{text}"
        self._event(at, Event.MERGE, "customer", about=text, named_time=False)


def save(lives: Iterable[Life]) -> None:
    """Write callbacks, attempts and events, the oldest first."""
    ordered = sorted(lives, key=lambda life: life.callback.created_at)
    for life in ordered:
        life.callback.state = life.now_in
    Callback.objects.bulk_create([life.callback for life in ordered])
    Attempt.objects.bulk_create(
        sorted(
            (attempt for life in ordered for attempt in life.attempts),
            key=lambda attempt: attempt.intended_at,
        )
    )
    CallbackEvent.objects.bulk_create(
        sorted((event for life in ordered for event in life.events), key=lambda event: event.at)
    )
