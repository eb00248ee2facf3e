"""What supervisors do to the queue and to campaigns."""

from datetime import timedelta
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from callbacks.actions import line, manage, undo
from callbacks.actions.intake import IntakeRefusedError
from callbacks.models import Callback
from callbacks.queue import CHANGEABLE, Actor
from callbacks.rules.gate import BlockedError
from callbacks.rules.states import RefusedError
from campaigns.actions import pause, resume
from campaigns.models import Campaign
from contacts.rules.timezones import NonexistentTimeError
from tests.model.customers import AHEAD, wish_in
from tests.model.run import FINAL_STATES, PENDING_STATES, WHICH, Run
from tests.model.world import Row

BOSS = Actor("supervisor")
ANY_AGENT = st.sampled_from([0, 1, None])
ALLOWED = timedelta(seconds=15)
# Where they are depends on the clock too: the gate's own invariants look at them.
_ITS_WINDOW = {"callable_from", "callable_until", "attention"}


def pending(self: Run) -> bool:
    return self.some(*PENDING_STATES)


class Supervisors(Run):
    @precondition(pending)
    @rule(which=WHICH, up=st.booleans(), who=ANY_AGENT, act=st.integers(0, 2))
    def moves_one_in_line(self, which: int, up: bool, who: int | None, act: int) -> None:
        one = self.pick(which, *PENDING_STATES)
        if act == 0:
            line.bump(one.id, up=up, actor=BOSS)
            after = Callback.objects.get(pk=one.id).priority
            right = after >= one.priority if up else after <= one.priority
            assert right, f"{one.priority} became {after}"
        else:
            (self._reassign if act == 1 else self._call_now)(one, who)

    def _reassign(self, one: Row, who: int | None) -> None:
        agent_id = None if who is None else self.world.agents[who]
        no = self.refused(
            lambda: line.reassign(one.id, agent_id=agent_id, actor=BOSS), RefusedError
        )
        assert (no is not None) is self._is_not_theirs(one, who), f"given to {who}: {no!r}"

    def _is_not_theirs(self, one: Row, who: int | None) -> bool:
        """The second agent takes calls of the plain campaign alone."""
        return who == 1 and self.world.terms[one.campaign_id].slug != "plain"

    def _call_now(self, one: Row, who: int | None) -> None:
        agent_id = None if who is None else self.world.agents[who]
        why = self.why_blocked(one)
        no = self.refused(
            lambda: line.call_now(one.id, agent_id=agent_id, actor=BOSS),
            BlockedError,
            RefusedError,
        )
        if isinstance(no, RefusedError):
            assert self._is_not_theirs(one, who), f"refused: {no}"
        else:
            said = no.verdict.reason if no else ""
            assert said == why, f"{one.id} called now: {said!r}, not {why!r}"

    @precondition(pending)
    @rule(which=WHICH, ahead=AHEAD, skip=st.booleans())
    def gives_one_another_time(self, which: int, ahead: int, skip: bool) -> None:
        one = self.pick(which, *PENDING_STATES)
        if not skip:
            wish = wish_in(self.now, ahead)
            reschedule = partial(manage.reschedule, one.id, to=wish, actor=BOSS)
            self.refused(reschedule, IntakeRefusedError, NonexistentTimeError)
            return
        state = manage.skip(one.id, actor=BOSS)
        after = Callback.objects.get(pk=one.id)
        later = after.due_at > max(one.due_at, self.now)
        assert after.state == state, f"{after.state}, not {state}"
        assert state == "exhausted" or later, f"skipped to {after.due_at}"

    @precondition(pending)
    @rule(which=WHICH, act=st.integers(0, 5), after=st.sampled_from([1, 9, 9, 20]))
    def thinks_again(self, which: int, act: int, after: int) -> None:
        """Does something, and some seconds later takes it back; once."""
        one = self.pick(which, *PENDING_STATES)
        acts = (
            lambda: manage.reschedule(one.id, to=wish_in(self.now, 60), actor=BOSS),
            lambda: manage.skip(one.id, actor=BOSS),
            lambda: manage.cancel(one.id, actor=BOSS),
            lambda: manage.complete(one.id, actor=BOSS),
            lambda: line.reassign(one.id, agent_id=None, actor=BOSS),
            lambda: line.bump(one.id, up=True, actor=BOSS),
        )
        if self.refused(acts[act], IntakeRefusedError, NonexistentTimeError):
            return
        self.look_again()
        done = self.seen.story(one.id)[-1]
        self.pass_time(timedelta(seconds=after))
        again = partial(undo.undo, one.id, event_id=done.id, actor=BOSS)
        no = self.refused(again, RefusedError)
        valid = self.seen.numbers[one.number_id].invalid_since is None
        in_time = self.now - done.at <= ALLOWED
        assert (no is None) is (in_time and valid), f"{done.name} after {after} s: {no!r}"
        if no is None:
            self.look_again()
            self._is_as_it_was(one)
            assert self.refused(again, RefusedError) is not None, "taken back twice"

    def _is_as_it_was(self, one: Row) -> None:
        now = self.seen.callbacks[one.id]
        assert now.state == "scheduled", f"taken back, and {now.state}"
        columns = set(CHANGEABLE) - _ITS_WINDOW
        other = {name for name in columns if getattr(now, name) != getattr(one, name)}
        assert not other, f"{one.id} is not as it was: {other}"

    @precondition(lambda self: self.some("working", *FINAL_STATES))
    @rule(which=WHICH, act=st.integers(0, 6))
    def is_too_late(self, which: int, act: int) -> None:
        one = self.pick(which, "working", *FINAL_STATES)
        acts = (
            lambda: manage.reschedule(one.id, to=wish_in(self.now, 60), actor=BOSS),
            lambda: manage.skip(one.id, actor=BOSS),
            lambda: manage.cancel(one.id, actor=BOSS),
            lambda: manage.complete(one.id, actor=BOSS),
            lambda: line.reassign(one.id, agent_id=None, actor=BOSS),
            lambda: line.bump(one.id, up=True, actor=BOSS),
            lambda: line.call_now(one.id, agent_id=None, actor=BOSS),
        )
        no = self.refused(acts[act], RefusedError)
        assert no is not None, f"done to one that is {one.state}"
        assert (no.state, no.code) == (one.state, "state")

    @precondition(pending)
    @rule(which=WHICH, verb=st.sampled_from(["cancelled", "completed", "pause", "pause"]))
    def stops_something(self, which: int, verb: str) -> None:
        """Cancels or completes one, or pauses or resumes a campaign."""
        if verb == "pause":
            self._pause_or_resume(which % 2)
            return
        one = self.pick(which, *PENDING_STATES)
        (manage.cancel if verb == "cancelled" else manage.complete)(one.id, actor=BOSS)
        state = Callback.objects.get(pk=one.id).state
        assert state == verb, f"{verb}, but {state}"

    def _pause_or_resume(self, which: int) -> None:
        campaign = Campaign.objects.get(pk=self.campaign_id(which))
        self.memory.paused ^= {campaign.slug}
        if campaign.slug in self.memory.paused:
            pause(campaign, by="A supervisor")
        else:
            resume(campaign)
