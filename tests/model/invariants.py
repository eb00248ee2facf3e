"""What must hold after each step, whatever was done: the rules as sentences (RULES 1 to 6)."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from callbacks.rules.states import ACTIVE, FINAL, HELD, PENDING, TRANSITIONS, Event, State
from tests.model.law import Memory, Question, Terms, blocked_by
from tests.model.world import Row, Seen, World

COOLDOWN = timedelta(minutes=10)


def check_rows(seen: Seen) -> None:
    """One active callback per contact and campaign, one in each pair of hands, ends have an end."""
    rows = seen.callbacks.values()
    active = Counter((one.contact_id, one.campaign_id) for one in rows if one.state in ACTIVE)
    assert max(active.values(), default=0) <= 1, f"two active ones for one contact: {active}"
    held = Counter(one.agent_id for one in rows if one.state in HELD)
    assert max(held.values(), default=0) <= 1, f"an agent holds two: {held}"
    for one in rows:
        assert (one.ended_at is not None) is (one.state in FINAL), f"{one.id} {one.state}: ended_at"
        assert one.retry_number <= one.retry_max, f"{one.id}: retry {one.retry_number}"


def check_stories(seen: Seen) -> None:
    """The events of each callback, replayed over the table of moves, lead to its state."""
    for one in seen.callbacks.values():
        state, at = "", None
        for event in seen.story(one.id):
            assert event.from_state == state, (
                f"{one.id}: {event.name} from {event.from_state}, not {state}"
            )
            assert at is None or event.at >= at, f"{one.id}: {event.name} is told out of order"
            state, at = _next(event), event.at
            assert event.to_state == state, f"{one.id}: {event.name} leads to {event.to_state}"
        assert state == one.state, f"{one.id} is {one.state}, but its story ends in {state!r}"


def _next(event: Row) -> str:
    if event.from_state == "":
        assert event.name == Event.REQUEST, f"A story begins with {event.name}"
        return State.SCHEDULED
    move = State(event.from_state), Event(event.name)
    assert move in TRANSITIONS, f"The table has no {move}"
    return TRANSITIONS[move]


def check_forbidden(memory: Memory, seen: Seen, world: World) -> None:
    """Nothing waits for a number that must not be called, there or anywhere."""
    for one in seen.in_state(*PENDING):
        slug = world.terms[one.campaign_id].slug
        assert not memory.is_forbidden(one.number_id, slug), f"{one.id} is {one.state}: DNC"


def check_bill(memory: Memory, seen: Seen, world: World) -> None:
    """Each new line of the telephone bill was asked for once, allowed, and decided on record."""
    keys = Counter(key for key, _, _ in seen.bill)
    assert max(keys.values(), default=0) <= 1, f"dialled twice for one key: {keys}"
    for key, number, at in seen.bill:
        if key in memory.billed:
            continue
        memory.billed[key] = at
        attempt = next((one for one in seen.attempts if UUID(one.key) == key), None)
        assert attempt is not None, f"{key} rang without an attempt"
        assert key in memory.asked, f"{key} rang, nobody asked for it"
        one = seen.callbacks[memory.asked[key].callback_id]
        assert seen.numbers[one.number_id].e164 == number, f"{key} rang at {number}"
        why = why_blocked(memory, seen, world, one, at, live=_is_talking(memory, seen, world, key))
        assert not why, f"{one.id} was dialled at {at}: {why}"
        decided = [it for it in seen.decisions if it.attempt_id == attempt.id]
        assert [it.allowed for it in decided] == [True], f"{key} rang, decided was {decided}"
        moment = datetime.fromisoformat(decided[0].inputs["now"])
        assert moment == decided[0].at == at, f"{key} rang at {at}, decided was {moment}"


def _is_talking(memory: Memory, seen: Seen, world: World, key: UUID) -> bool:
    """Whether the carrier has another call with the contact on the line, dialled before.

    Not one whose fate the carrier never told us and the agent has said: they heard it end.
    """
    said = {UUID(one.key) for one in seen.attempts if one.state == "ended" and one.sequence < 0}
    contact_id = memory.asked[key].contact_id
    others = [
        other for other in memory.billed
        if other not in (key, *said) and memory.asked[other].contact_id == contact_id
    ]  # fmt: skip
    ended = {it.key for it in world.carrier.reconcile(others) if it.kind == "ended"}
    return not ended.issuperset(others)


def why_blocked(
    memory: Memory, seen: Seen, world: World, one: Row, at: datetime, *, live: bool = False
) -> str:
    """What the wall clock and the model's memory say against dialling for this callback."""
    terms, invalid_since = world.terms[one.campaign_id], seen.numbers[one.number_id].invalid_since
    valid = invalid_since is None or at <= invalid_since
    asked = Question(one.id, one.contact_id, one.number_id, valid, terms, at, live)
    return blocked_by(memory, asked)


def check_offers(memory: Memory, seen: Seen, world: World, new: list[Row]) -> None:
    """What was just offered may be dialled, by an agent who did not just reject it."""
    for offer in (event for event in new if event.name == Event.OFFER):
        one = seen.callbacks[offer.callback_id]
        live = bool(seen.open_calls(one.contact_id, but_for=one.id))
        why = why_blocked(memory, seen, world, one, offer.at, live=live)
        assert not why, f"{one.id} was offered at {offer.at}: {why}"
        rejected = [
            event for event in seen.story(one.id)
            if event.name == Event.REJECT and event.actor_id == offer.actor_id
            and offer.at - COOLDOWN < event.at and event.id < offer.id
        ]  # fmt: skip
        assert not rejected, f"{one.id} was offered again to {offer.actor_id}"


def check_counts(memory: Memory, seen: Seen, world: World) -> None:
    """No more dials of an outcome than its retries and the first one, nor than the campaign's cap.

    An agent may dial again within one work: such a work counts once here.
    """
    rows = sorted(seen.callbacks.values(), key=_whose)
    for (contact_id, campaign_id), of_one in groupby(rows, key=_whose):
        last = list(of_one)[-1]
        works: dict[tuple[int, int], str] = {}
        for attempt in seen.attempts:
            key = UUID(attempt.key)
            asked = memory.asked.get(key)
            if not asked or key not in memory.billed or asked.contact_id != contact_id:
                continue
            if attempt.campaign_id == campaign_id and asked.at >= memory.began[last.id]:
                works[asked.callback_id, asked.version] = attempt.outcome
        _check_limits(world.terms[campaign_id], Counter(works.values()), last)
        _check_retries(world.terms[campaign_id], seen, memory, last)


def _whose(one: Row) -> tuple[int, int, int]:
    return one.contact_id, one.campaign_id


def _check_limits(terms: Terms, dials: Counter[str], last: Row) -> None:
    for outcome, (_, most) in terms.retries.items():
        assert dials[outcome] <= most + 1, f"{last.id}: {dials[outcome]} dials were {outcome}"
    if terms.dial_cap is not None:
        in_all = dials.total() - dials["cancelled_by_agent"]
        assert in_all <= terms.dial_cap, f"{last.id}: {in_all} dials in all"


def _check_retries(terms: Terms, seen: Seen, memory: Memory, last: Row) -> None:
    """Retries given and skips of retries, too, stay within the maximum of their outcome."""
    told = seen.story(last.id)
    undone = {event.data["event"] for event in told if event.name == Event.UNDO}
    used = Counter(
        event.data.get("outcome")
        for event in told
        if event.name in (Event.RETRY, Event.SKIP)
        and event.at >= memory.began[last.id]
        and event.id not in undone
    )
    for outcome, times in used.items():
        most = terms.retries.get(outcome, ((), 0))[1] if outcome else times
        assert times <= most, f"{last.id}: {times} retries after {outcome}"
