"""What customers do: ask, withdraw, call us, forbid."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from callbacks.actions.dnc import forbid_calls, opt_out
from callbacks.actions.inbound import customer_called, undo_customer_called
from callbacks.actions.intake import (
    IntakeRefusedError,
    Receipt,
    Request,
    Wish,
    request_callback,
    withdraw_request,
)
from callbacks.models import Callback
from callbacks.queue import SYSTEM
from callbacks.rules.states import RefusedError
from campaigns.models import Campaign
from contacts.actions import lock_number
from contacts.models import PhoneNumber
from contacts.rules.timezones import NonexistentTimeError
from tests.factories import make_callback, make_contact
from tests.model.law import LONDON
from tests.model.run import ACTIVE_STATES, FINAL_STATES, ONE_OF_TWO, PENDING_STATES, WHICH, Run
from tests.model.world import PEOPLE, Person, Row

WHO = st.sampled_from(PEOPLE)
AHEAD = st.sampled_from([10, 180, 26 * 60, 15 * 24 * 60])  # minutes
UNDO = timedelta(minutes=10)


def wish_in(now: datetime, minutes: int, zone: str = LONDON) -> Wish:
    """The minute that their clock will show then."""
    then = (now + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
    return Wish(then.replace(second=0, microsecond=0, tzinfo=None), zone)


class Customers(Run):
    @rule(who=WHO, which=ONE_OF_TWO, ahead=st.none() | AHEAD, in_that_call=st.booleans())
    def asks_for_a_call(
        self, who: Person, which: int, ahead: int | None, in_that_call: bool
    ) -> None:
        """As soon as possible, or at a time of their own."""
        self.ask(who, which, None if ahead is None else wish_in(self.now, ahead), in_that_call)

    def ask(self, who: Person, which: int, wish: Wish | None, in_that_call: bool) -> None:
        campaign = Campaign.objects.get(pk=self.campaign_id(which))
        calls = [one for one in self.seen.attempts if one.answered_at] if in_that_call else []
        request = Request(
            campaign, who.number, self.world.new_key(), name=who.name, about=f"At {self.now}",
            wish=wish, said_zone=who.zone, asked_in_id=calls[-1].id if calls else None,
        )  # fmt: skip
        answers: list[Receipt] = []
        error = self.refused(
            lambda: answers.append(request_callback(request)),
            IntakeRefusedError,
            NonexistentTimeError,
        )
        if error is not None:
            return
        one = answers[0].callback
        allowed = not self.memory.is_forbidden(one.number_id, campaign.slug)
        assert allowed, f"{one.id} was taken for a forbidden number"
        self._remember(who, answers[0], wish)
        if answers[0].merged:
            again = request_callback(request)
            assert (again.callback.pk, again.merged) == (one.pk, True), "sent twice, done twice"

    def _remember(self, who: Person, receipt: Receipt, wish: Wish | None) -> None:
        one = receipt.callback
        known = self.seen.callbacks.get(one.id)
        assert receipt.merged is (known is not None), "merged into nothing, or not into what lives"
        self.memory.zones.setdefault(one.contact_id, LONDON)
        if who.zone:
            self.memory.zones[one.contact_id] = who.zone
        if known is None or (wish is not None and known.state != "working"):
            assert one.promised_until is not None
            self.memory.own_until[one.id] = one.promised_until

    @rule(who=WHO, which=ONE_OF_TWO)
    def is_entered_as_somebody_new(self, who: Person, which: int) -> None:
        """As an import does: a second contact with a number that we know."""
        number = lock_number(who.number)
        campaign = Campaign.objects.get(pk=self.campaign_id(which))
        if self.memory.is_forbidden(number.pk, campaign.slug):
            return
        zone = who.zone or LONDON
        contact = make_contact(who.name, number=number, zones=(zone,))
        self.memory.zones[contact.pk] = zone
        make_callback(campaign, contact=contact, counts_from=self.now)

    @precondition(lambda self: self.seen.callbacks)
    @rule(which=WHICH, where=ONE_OF_TWO, what=st.sampled_from(["no", "us", "us", "undo", "dnc"]))
    def needs_no_call(self, which: int, where: int, what: str) -> None:
        """Withdraws, called us, called about something else, or wants no calls at all."""
        every = [*ACTIVE_STATES, *FINAL_STATES]
        if what == "dnc":
            self._must_not_be_called(self.pick(which, *every), where)
        elif what == "us":
            self._called_us(self.pick(which, *every))
        elif what == "undo" and self.some("completed"):
            self._called_about_something_else(self.pick(which, "completed"))
        else:
            self._withdraws(self.pick(which, *every))

    def _withdraws(self, one: Row) -> None:
        error = self.refused(lambda: withdraw_request(one.id), RefusedError)
        assert (error is not None) is (one.state in FINAL_STATES), f"{one.state}: {error!r}"
        state = Callback.objects.get(pk=one.id).state
        wanted = "cancelled" if one.state in PENDING_STATES else one.state
        assert state == wanted, f"{one.state} went to {state}"

    def _must_not_be_called(self, one: Row, where: int) -> None:
        """On the page of their call, for everything; or through us, for this campaign."""
        if where == 0:
            opt_out(one.id)
            self.memory.forbidden.add((one.number_id, ""))
            return
        campaign = Campaign.objects.get(pk=one.campaign_id)
        number = PhoneNumber.objects.get(pk=one.number_id)
        forbid_calls(number, reason="Asked", source="api", actor=SYSTEM, campaign=campaign)
        self.memory.forbidden.add((one.number_id, campaign.slug))

    def _called_us(self, one: Row) -> None:
        number = PhoneNumber.objects.get(pk=one.number_id)
        campaign = Campaign.objects.get(pk=one.campaign_id)
        customer_called(number, campaign=campaign, actor=SYSTEM)
        left = Callback.objects.filter(number=number, campaign=campaign)
        assert not left.filter(state__in=PENDING_STATES).exists(), "still pending"

    def _called_about_something_else(self, one: Row) -> None:
        error = self.refused(lambda: undo_customer_called(one.id, actor=SYSTEM), RefusedError)
        ending = self.seen.story(one.id)[-1]
        late = self.now > ending.at + UNDO
        in_time = (ending.reason, late) == ("Customer called", False)
        assert error is not None or in_time, f"taken back: {ending.reason}"
