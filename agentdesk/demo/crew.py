"""Demo agents at work, through the same actions as the desk's buttons."""

from collections.abc import Callable
from random import Random
from time import monotonic
from uuid import uuid4

from django.db.models.functions import Now

from agentdesk import actions
from agentdesk.demo.endnotes import wrap_up_for
from agentdesk.models import Agent
from callbacks import queries
from callbacks.actions import calls, offers
from callbacks.actions.calls import NoDialError, Work
from callbacks.actions.outcomes import WrapUpError
from callbacks.dialers.base import DialerError
from callbacks.models import Attempt, Callback
from callbacks.rules.states import HELD, RefusedError, State
from callbacks.rules.words import OUTCOMES
from contacts.rules.phone import masked

RINGS_AT_MOST = 60.0
_SEEN_EVERY = 15.0
_REJECTS = 0.08

Tell = Callable[[str, str], None]


class Desk:
    """One agent who is played by the machine. ``pace`` 0.1 makes ten seconds one."""

    def __init__(self, agent: Agent, luck: Random, tell: Tell, *, pace: float = 1.0) -> None:
        self.agent_id = agent.pk
        self.name = str(agent)
        self._luck = luck
        self._tell = tell
        self._pace = pace
        self._pause = ("", 0.0)
        self._seen = float("-inf")
        self._told = 0

    def tick(self) -> None:
        """Do what is due at this desk now, if anything is."""
        if monotonic() - self._seen > _SEEN_EVERY:
            self._seen = monotonic()
            Agent.objects.filter(pk=self.agent_id).update(seen_at=Now())
        callback = self._held()
        try:
            if callback is None:
                self._wait_for_work()
            elif callback.state == State.OFFERED:
                self._answer(callback)
            else:
                self._work(callback)
        except (RefusedError, DialerError, WrapUpError) as error:
            self._say(str(error))

    def leave(self) -> bool:
        """Put everything down and go. True once nothing is in hand; ask again until then."""
        callback = self._held()
        try:
            if callback is not None:
                self._put_down(callback)
        except (RefusedError, DialerError, WrapUpError) as error:
            self._say(str(error))
        actions.set_not_ready([self.agent_id])
        Agent.objects.filter(pk=self.agent_id).update(seen_at=None)
        return self._held() is None

    def _put_down(self, callback: Callback) -> None:
        work = self._claim(callback)
        if callback.state == State.OFFERED:
            offers.reject_offer(
                callback_id=callback.pk,
                agent_id=self.agent_id,
                version=callback.claim_version,
                reason="not_now",
            )
        elif queries.live_attempt(callback):
            calls.hang_up(work)
        elif attempt := queries.last_attempt(callback):
            wrap_up = wrap_up_for(callback, attempt, self._luck, may_agree=False)
            actions.finish_work(work, wrap_up)
        else:
            actions.give_back(work)

    def _held(self) -> Callback | None:
        held = queries.with_names().filter(agent_id=self.agent_id, state__in=HELD)
        return held.first()

    def _claim(self, callback: Callback) -> Work:
        return Work(callback.pk, self.agent_id, callback.claim_version)

    def _over(self, what: str, low: float, high: float) -> bool:
        """Whether the pause before ``what`` is over; it begins when first asked for."""
        if self._pause[0] != what:
            pause = self._luck.uniform(low, high) * self._pace
            self._pause = (what, monotonic() + pause)
        return monotonic() >= self._pause[1]

    def _wait_for_work(self) -> None:
        """Ready, unless still writing; whoever missed an offer is back after a while."""
        presence = Agent.objects.values_list("presence", flat=True).get(pk=self.agent_id)
        if presence != Agent.Presence.READY and self._over(presence, 3, 12):
            actions.set_ready(self.agent_id)
            self._say("is Ready")

    def _answer(self, callback: Callback) -> None:
        claim = f"{callback.pk} {callback.claim_version}"
        if not self._over(f"answer {claim}", 2, 7):
            return
        whom = {
            "callback_id": callback.pk,
            "agent_id": self.agent_id,
            "version": callback.claim_version,
        }
        if self._luck.random() < _REJECTS:
            offers.reject_offer(**whom, reason="not_now")
            self._say(f"rejected {_whom(callback)}")
        else:
            offers.accept_offer(**whom)
            self._say(f"accepted {_whom(callback)}: {callback.about.splitlines()[0]}")

    def _work(self, callback: Callback) -> None:
        attempt = queries.last_attempt(callback)
        if attempt is None:
            self._call(callback)
        elif attempt.state == Attempt.State.ENDED and attempt.dialed_at is None:
            self._give_back(callback, attempt.cause)
        elif attempt.state != Attempt.State.ENDED:
            self._listen(callback, attempt)
        elif self._over(f"done {attempt.pk}", 3, 9):
            self._finish(callback, attempt)

    def _call(self, callback: Callback) -> None:
        if not self._over(f"read {callback.pk} {callback.claim_version}", 4, 11):
            return
        try:
            calls.start_call(self._claim(callback), key=uuid4())
        except NoDialError as refusal:
            self._cannot_call(callback, refusal)
        else:
            self._say(f"calls {_whom(callback)}")

    def _cannot_call(self, callback: Callback, refusal: NoDialError) -> None:
        """Too early or no line: wait. Otherwise somebody else may have more luck later."""
        if refusal.code in ("early", "line_down"):
            if self._told != callback.pk:
                self._say(f"waits to call {_whom(callback)}: {refusal}")
                self._told = callback.pk
            self._pause = (self._pause[0], monotonic() + 5 * self._pace)
            return
        self._give_back(callback, str(refusal))

    def _give_back(self, callback: Callback, why: str) -> None:
        self._say(f"gives {_whom(callback)} back: {why}")
        actions.give_back(self._claim(callback))

    def _listen(self, callback: Callback, attempt: Attempt) -> None:
        """Talk, then say goodbye; nobody rings for longer than a minute."""
        if attempt.answered_at is not None:
            if self._over(f"talk {attempt.pk}", 12, 50):
                calls.hang_up(self._claim(callback))
                self._pause = (self._pause[0], monotonic() + RINGS_AT_MOST * self._pace)
        elif not self._over(f"ring {attempt.pk}", RINGS_AT_MOST, RINGS_AT_MOST):
            return
        elif attempt.state == Attempt.State.UNKNOWN:
            self._finish(callback, attempt)
        else:
            calls.hang_up(self._claim(callback))
            self._pause = (self._pause[0], monotonic() + RINGS_AT_MOST * self._pace)

    def _finish(self, callback: Callback, attempt: Attempt) -> None:
        wrap_up = wrap_up_for(callback, attempt, self._luck)
        try:
            state = actions.finish_work(self._claim(callback), wrap_up)
        except WrapUpError:
            # The time that they agreed on is closed: it stays a plain answer.
            wrap_up = wrap_up_for(callback, attempt, self._luck, may_agree=False)
            state = actions.finish_work(self._claim(callback), wrap_up)
        how = OUTCOMES.get(attempt.outcome, "Ended")
        self._say(f"is done with {_whom(callback)}: {how}, now {state}")

    def _say(self, what: str) -> None:
        self._tell(self.name, what)


def _whom(callback: Callback) -> str:
    return f"{callback.contact} ({masked(str(callback.number.e164))})"
