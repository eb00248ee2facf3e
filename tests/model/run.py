"""One run of the model: a transaction of its own, a memory, and a look at everything each step."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from agentdesk.models import Agent
from callbacks.actions.calls import Work
from callbacks.rules.states import ACTIVE, FINAL, PENDING
from contacts.rules.timezones import instant_of
from tests.model import invariants
from tests.model.law import LONDON, Memory
from tests.model.world import Row, World, digest, look

SECOND, HEARTBEAT = timedelta(seconds=1), timedelta(seconds=60)
# A working morning, the eve of a change of clocks in each direction, a Sunday night.
STARTS = tuple(
    instant_of(datetime.fromisoformat(wall), LONDON)
    for wall in ("2026-01-14T10:00", "2026-03-27T15:30", "2026-10-23T16:40", "2026-07-05T19:00")
)
# Times that no longer hold once one of these has given another one.
_NEW_TIME = {"reschedule", "skip", "retry", "call_again"}
WHICH = st.integers(0, 5)
ONE_OF_TWO = st.integers(0, 1)
AGENT = st.integers(0, 1)
ACTIVE_STATES, FINAL_STATES, PENDING_STATES = map(sorted, (ACTIVE, FINAL, PENDING))


class Run(RuleBasedStateMachine):
    """What all rules share: who is there, what is seen, how time passes and how a no is checked."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.memory = Memory()
        self.here = set(world.agents)
        self.line_up = True
        self._run = transaction.atomic()
        self._run.__enter__()

    def begin(self, start: datetime) -> None:
        """A moment, and nobody who waits."""
        self.world.begin(start)
        self._heard = start
        self.seen = look(self.world.carrier)
        self.pass_time(SECOND)

    def teardown(self) -> None:
        """A commit would look at foreign keys now: so do we, and then nothing has happened."""
        try:
            connection.check_constraints()
        finally:
            transaction.set_rollback(True)
            self._run.__exit__(None, None, None)

    @invariant()
    def the_rules_hold(self) -> None:
        self.look_again()
        invariants.check_rows(self.seen)
        invariants.check_stories(self.seen)
        invariants.check_forbidden(self.memory, self.seen, self.world)
        invariants.check_counts(self.memory, self.seen, self.world)
        self.pass_time(SECOND)

    def look_again(self) -> None:
        """See what a step did, learn what the story says, and judge each dial and each offer."""
        last = max((event.id for event in self.seen.events), default=0)
        self.seen = look(self.world.carrier)
        new = [event for event in self.seen.events if event.id > last]
        for event in new:
            self._learn(event)
        invariants.check_offers(self.memory, self.seen, self.world, new)
        invariants.check_bill(self.memory, self.seen, self.world)

    def _learn(self, event: Row) -> None:
        answered = event.name == "call_again" and event.data.get("outcome") == "answered"
        if event.name == "request" or answered:
            self.memory.began[event.callback_id] = event.at
        own, before = self.memory.own_until, self.memory.own_before
        if event.name in _NEW_TIME and event.callback_id in own:
            before[event.id] = own.pop(event.callback_id)
        if event.name == "undo" and event.data["event"] in before:
            own[event.callback_id] = before[event.data["event"]]

    @property
    def now(self) -> datetime:
        return self.world.clock.now

    def pass_time(self, delta: timedelta) -> None:
        """The clock goes on; whoever is there says so, and the line is up unless it is cut."""
        self.world.clock.set(self.now + delta)
        if self.line_up:
            self.world.carrier.beat()
        if self.now > self._heard + HEARTBEAT:
            self.agents_are_heard()

    def agents_are_heard(self) -> None:
        """Those who are there, that is."""
        Agent.objects.filter(pk__in=self.here).update(seen_at=self.now)
        self._heard = self.now

    def some(self, *states: str) -> bool:
        return bool(self.seen.in_state(*states))

    def pick(self, which: int, *states: str) -> Row:
        found = self.seen.in_state(*states)
        return found[which % len(found)]

    def campaign_id(self, which: int) -> int:
        return list(self.world.terms)[which]

    def holding(self, state: str) -> list[int]:
        """The agents who hold something in this state."""
        return [
            agent_id for agent_id in self.world.agents
            if (one := self.seen.held_by(agent_id)) and one.state == state
        ]  # fmt: skip

    def work_of(self, which: int, state: str, *, older: int = 0) -> tuple[Work, Row]:
        """The claim of one of them; ``older``: as a page from before shows it."""
        agents = self.holding(state)
        one = self.seen.held_by(agents[which % len(agents)])
        assert one is not None
        assert one.agent_id is not None
        return Work(one.id, one.agent_id, one.claim_version - older), one

    def why_blocked(self, one: Row) -> str:
        """What the gate should say of it now."""
        live = bool(self.seen.open_calls(one.contact_id, but_for=one.id))
        return invariants.why_blocked(self.memory, self.seen, self.world, one, self.now, live=live)

    def refused(self, act: Callable[[], Any], *errors: type[Exception]) -> Any:
        """The error with which it was refused, nothing having changed; None when it was done."""
        before = digest()
        try:
            act()
        except errors as found:
            error = found
        else:
            return None
        assert digest() == before, f"{error!r} changed something"
        return error
