"""What agents do: take or refuse an offer, dial, end, say how it went, come and go."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from agentdesk import actions
from callbacks.actions.calls import NoDialError, Work, hang_up, start_call
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.offers import REJECT_REASONS, accept_offer, reject_offer
from callbacks.actions.outcomes import WrapUp, WrapUpError
from callbacks.models import Attempt, Callback, DialDecision
from callbacks.queue import CALL_NOW, SYSTEM
from callbacks.rules.states import PENDING, RefusedError
from campaigns.actions import DEFAULT_DISPOSITIONS, pause
from campaigns.models import Campaign, Disposition
from contacts.models import PhoneNumber
from contacts.rules.timezones import NonexistentTimeError
from tests.model.clock import KilledError
from tests.model.customers import AHEAD, wish_in
from tests.model.law import Dial
from tests.model.run import AGENT, SECOND, Run
from tests.model.world import Row, digest

OUTCOMES = {code: outcome.value for code, _, outcome in DEFAULT_DISPOSITIONS}
CODE = st.sampled_from(["no-answer", "busy", "voicemail", "", *sorted(OUTCOMES)])
LIVE = {"intended", "dialing", "ringing", "connected", "on_hold"}


def offered(self: Run) -> bool:
    return bool(self.holding("offered"))


def working(self: Run) -> bool:
    return bool(self.holding("working"))


class Desk(Run):
    @precondition(offered)
    @rule(which=AGENT)
    def accepts(self, which: int) -> None:
        work, _ = self.work_of(which, "offered")
        accept_offer(callback_id=work.callback_id, agent_id=work.agent_id, version=work.version)

    @precondition(offered)
    @rule(which=AGENT, reason=st.sampled_from(sorted(REJECT_REASONS)))
    def rejects(self, which: int, reason: str) -> None:
        work, one = self.work_of(which, "offered")
        reject_offer(
            callback_id=one.id, agent_id=work.agent_id, version=work.version, reason=reason
        )
        after = Callback.objects.get(pk=one.id)
        place = after.priority, after.callable_from
        assert place == (one.priority, one.callable_from), "rejected, and its place is lost"

    @precondition(lambda self: self.holding("offered") or self.holding("working"))
    @rule(which=AGENT, act=st.sampled_from(["accept", "reject", "dial", "done", "release"]))
    def presses_a_button_of_an_old_page(self, which: int, act: str) -> None:
        state = "offered" if self.holding("offered") else "working"
        old, _ = self.work_of(which, state, older=1)
        acts = {
            "accept": lambda: accept_offer(
                callback_id=old.callback_id, agent_id=old.agent_id, version=old.version
            ),
            "reject": lambda: reject_offer(
                callback_id=old.callback_id, agent_id=old.agent_id, version=old.version,
                reason="not_now",
            ),
            "dial": lambda: start_call(old, key=self.world.new_key()),
            "done": lambda: actions.finish_work(old, WrapUp(None)),
            "release": lambda: actions.give_back(old),
        }  # fmt: skip
        errors = (RefusedError, NoDialError) if not self.line_up else (RefusedError,)
        assert self.refused(acts[act], *errors) is not None, f"{act} under an old claim was done"

    @precondition(working)
    @rule(which=AGENT, early=st.booleans(), dies=st.sampled_from(["", "", "", "before", "after"]))
    def dials(self, which: int, early: bool, dies: str) -> None:
        self.world.carrier.dies = dies
        self.dial(*self.work_of(which, "working"), early=early)
        self.world.carrier.dies = ""

    @precondition(working)
    @rule(which=AGENT, what=st.sampled_from(["forbidden", "paused", "night", "out of service"]))
    def dials_too_late(self, which: int, what: str) -> None:
        """Something changed since the offer: the gate is asked again before the dial."""
        work, one = self.work_of(which, "working")
        if what == "forbidden":
            number = PhoneNumber.objects.get(pk=one.number_id)
            forbid_calls(number, reason="Asked", source="api", actor=SYSTEM)
            self.memory.forbidden.add((one.number_id, ""))
        elif what == "paused":
            pause(Campaign.objects.get(pk=one.campaign_id), by="A supervisor")
            self.memory.paused.add(self.world.terms[one.campaign_id].slug)
        elif what == "night":
            self.pass_time(timedelta(hours=12))
        else:
            PhoneNumber.objects.filter(pk=one.number_id).update(invalid_since=self.now)
            self.pass_time(SECOND)
        self.look_again()
        self.dial(work, one, early=True)

    def dial(self, work: Work, one: Row, *, early: bool) -> None:
        """Press "Call this contact", and judge the answer."""
        key, at = self.world.new_key(), self.now
        why, before = self.why_blocked(one), digest()
        try:
            attempt = start_call(work, key=key, early=early)
        except NoDialError as refusal:
            self._judge_no_dial(refusal, one, why, before, early=early)
            return
        except KilledError:
            pass
        else:
            again = start_call(work, key=key, early=early)
            assert again.pk == attempt.pk, "one key, two attempts"
            assert attempt.dialed_at is not None, f"{why}: {attempt.cause}"
        terms = self.world.terms[one.campaign_id]
        self.memory.asked[key] = Dial(one.id, work.version, one.contact_id, terms, at, early)

    def _judge_no_dial(
        self, no: NoDialError, one: Row, why: str, before: dict[str, Any], *, early: bool
    ) -> None:
        """The reason given is one, the gate's is kept, and nothing else has changed."""
        states = {it.state for it in self.seen.open_calls(one.contact_id)}
        promised = one.promised_from or one.due_at
        holds = {
            "line_down": not self.line_up,
            "unknown": "unknown" in states,
            "live": bool(states),
            "early": not early and self.now < promised and one.priority < CALL_NOW,
            "gate": no.verdict is not None and no.verdict.reason == why,
        }
        assert holds[no.code], f"{one.id}: refused for {no.code}, {why!r} expected"
        changed = {table for table, found in digest().items() if found != before[table]}
        kept = {"dial_decision"} if no.verdict is not None else set()
        assert changed == kept, f"refused for {no.code}: kept {changed}"
        if no.code == "gate":
            last = DialDecision.objects.latest("pk")
            decided = last.callback_id, last.allowed, last.reason, last.at
            assert decided == (one.id, False, why, self.now), f"decided was {decided}"

    @precondition(working)
    @rule(which=AGENT, code=CODE, ahead=AHEAD, personal=st.booleans())
    def is_done(self, which: int, code: str, ahead: int, personal: bool) -> None:
        self.finish(*self.work_of(which, "working"), code, ahead=ahead, personal=personal)

    def finish(
        self, work: Work, one: Row, code: str, *, ahead: int = 60, personal: bool = False
    ) -> None:
        """Press Done with this disposition, and judge what became of everything."""
        chosen = Disposition.objects.filter(campaign_id=one.campaign_id, code=code).first()
        wish = wish_in(self.now, ahead, self.memory.zones[one.contact_id])
        again = wish if chosen and chosen.needs_time else None
        wrap_up = WrapUp(chosen, note="Said", again=again, personal=personal)
        error = self.refused(
            lambda: actions.finish_work(work, wrap_up), WrapUpError, NonexistentTimeError
        )
        live = any(it.callback_id == one.id and it.state in LIVE for it in self.seen.attempts)
        assert error is not None or not live, "Done while a call was live"
        if error is not None:
            return
        last = Attempt.objects.filter(callback_id=one.id).order_by("pk").last()
        outcome = OUTCOMES.get(code) or (last.outcome if last else "")
        if outcome == "dnc_request":
            self.memory.forbidden.add((one.number_id, ""))
        if outcome == "answered":
            self._only_what_was_asked_in_it_waits(one)

    def _only_what_was_asked_in_it_waits(self, one: Row) -> None:
        rest = Callback.objects.filter(contact_id=one.contact_id, state__in=PENDING)
        rest = rest.exclude(pk=one.id)
        if self.world.terms[one.campaign_id].slug == "plain":
            rest = rest.filter(campaign_id=one.campaign_id)
        calls = Attempt.objects.filter(callback=one.id, intended_at__gte=one.accepted_at)
        left = [it.pk for it in rest.exclude(asked_in__in=calls)]
        assert not left, f"{left} wait though {one.id} was answered"

    @precondition(working)
    @rule(which=AGENT, keeps=st.booleans())
    def hangs_up_or_gives_back(self, which: int, keeps: bool) -> None:
        work, _ = self.work_of(which, "working")
        if keeps:
            hang_up(work)
        else:
            self.refused(lambda: actions.give_back(work), WrapUpError)

    @rule(which=AGENT, what=st.sampled_from(["ready", "not ready", "away or back"]))
    def comes_or_goes(self, which: int, what: str) -> None:
        agent_id = self.world.agents[which]
        if what == "ready":
            actions.set_ready(agent_id)
        elif what == "not ready":
            actions.set_not_ready([agent_id], reason="Break")
        else:
            self.here ^= {agent_id}
            self.agents_are_heard()
