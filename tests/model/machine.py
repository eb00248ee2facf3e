"""The queue as a state machine: people, agents, supervisors, sweeps and time, in any order."""

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from agentdesk import actions
from agentdesk.matching import match_idle_agents
from callbacks.actions import sweeps, unattended, windows
from callbacks.management.commands.run_dialer import reconcile
from tests.model.customers import WHO, Customers, wish_in
from tests.model.desk import OUTCOMES, Desk
from tests.model.run import AGENT, ONE_OF_TWO, PENDING_STATES, STARTS, WHICH
from tests.model.supervisors import Supervisors
from tests.model.world import Person, digest

SWEEPS = {
    "match_idle_agents": match_idle_agents,
    "release_expired_offers": actions.release_expired_offers,
    "schedule_retries": lambda: unattended.schedule_retries(actions.absent_agents()),
    "release_absent_agents": lambda: unattended.release_absent_agents(actions.absent_agents()),
    "release_reserved": sweeps.release_reserved,
    "roll_windows": windows.roll_windows,
    "reconcile_attempts": sweeps.reconcile_attempts,
    "flag_unknown_dials": unattended.flag_unknown_dials,
    "deduplicate": sweeps.deduplicate,
    "expire_stale": sweeps.expire_stale,
}
A_WHILE = st.sampled_from([5, 25, 160, 320, 900, 3600, 5 * 3600, 24 * 3600, 100 * 3600])
TALK = timedelta(minutes=5)
TIMES = st.sampled_from([1, 2, 4])


class QueueMachine(Customers, Desk, Supervisors):
    @initialize(
        start=st.sampled_from(STARTS), waiting=st.lists(st.tuples(WHO, ONE_OF_TWO), max_size=4)
    )
    def some_wait(self, start: datetime, waiting: list[tuple[Person, int]]) -> None:
        self.begin(start)
        for who, which in waiting:
            self.ask(who, which, wish_in(self.now, 60), False)
            self.look_again()

    @rule(seconds=A_WHILE)
    def time_passes(self, seconds: int) -> None:
        self.pass_time(timedelta(seconds=seconds))

    @precondition(lambda self: self.some(*PENDING_STATES))
    @rule(which=WHICH)
    def it_is_time(self, which: int) -> None:
        """The clock goes on to the moment at which a callback is due and callable."""
        one = self.pick(which, *PENDING_STATES)
        then = max(one.due_at, one.callable_from or one.due_at)
        self.pass_time(max(then - self.now, timedelta()))

    @rule(names=st.lists(st.sampled_from(sorted(SWEEPS)), min_size=1, max_size=3, unique=True))
    def beats(self, names: list[str]) -> None:
        """Two beats at once: the second finds nothing to do."""
        for name in names:
            SWEEPS[name]()
            before = digest()
            SWEEPS[name]()
            assert digest() == before, f"{name} did more the second time"

    @rule()
    def the_line_goes_down_or_up(self) -> None:
        self.line_up = not self.line_up
        self.world.carrier.up_to = 0
        self.pass_time(timedelta())

    @rule(seconds=st.sampled_from([0, 3, 60, 300]))
    def the_carrier_reports(self, seconds: int) -> None:
        self.pass_time(timedelta(seconds=seconds))
        self._listen()

    def _listen(self) -> None:
        reconcile(self.world.carrier)

    @precondition(lambda self: self.some("offered", "working"))
    @rule(which=AGENT, seconds=st.sampled_from([30, 200, 700]), dials_first=st.booleans())
    def an_agent_is_lost(self, which: int, seconds: int, dials_first: bool) -> None:
        """With whatever they have in hand; the sweeps see to it later."""
        if dials_first and self.holding("working"):
            self.dials(which, True, "")
        self.here -= {self.world.agents[which]}
        self.pass_time(timedelta(seconds=seconds))
        self._listen()
        for name in ("release_expired_offers", "schedule_retries", "release_absent_agents"):
            SWEEPS[name]()

    @precondition(lambda self: self.some("scheduled"))
    @rule(which=WHICH)
    def one_is_offered(self, which: int) -> None:
        """The clock goes on to its time, and everybody is there."""
        self.here = set(self.world.agents)
        self.it_is_time(which)
        self.agents_are_heard()
        for agent_id in self.world.agents:
            actions.set_ready(agent_id)
        match_idle_agents()
        self.look_again()

    @precondition(lambda self: self.some("scheduled"))
    @rule(which=WHICH)
    def one_is_dialled(self, which: int) -> None:
        self.one_is_offered(which)
        if self.holding("offered"):
            self.accepts(which)
            self.look_again()
            self.dials(which, False, "")
            self.look_again()

    def _is_called_and_done(self, which: int, code: str) -> None:
        self.one_is_dialled(which)
        self.pass_time(TALK)
        self._listen()
        self.look_again()
        if self.holding("working"):
            self.is_done(which, code, 180, False)

    @precondition(lambda self: self.some("scheduled"))
    @rule(which=WHICH, code=st.sampled_from(["", *sorted(OUTCOMES)]))
    def one_is_called_and_done(self, which: int, code: str) -> None:
        self._is_called_and_done(which, code)

    @precondition(lambda self: self.some("scheduled"))
    @rule(which=WHICH, code=st.sampled_from(["no-answer", "busy", "voicemail"]), times=TIMES)
    def one_is_not_reached(self, which: int, code: str, times: int) -> None:
        """The way into the depth of the retry table."""
        for _ in range(times):
            if self.some("scheduled"):
                self._is_called_and_done(which, code)
                self.look_again()
