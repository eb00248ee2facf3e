"""A retry policy in words, and what it would do: for people who set one (RULES 2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.rules.retry import (
    NEVER_RETRIED,
    DialsSoFar,
    Outcome,
    Retry,
    RetryPolicy,
    Stop,
    after,
)
from campaigns.rules.windows import Window

_AFTER = {
    Outcome.ANSWERED: "After an answer",
    Outcome.VOICEMAIL: "After voicemail",
    Outcome.NO_ANSWER: "After no answer",
    Outcome.BUSY: "After a busy line",
    Outcome.NETWORK_ERROR: "After a network error",
    Outcome.INVALID_NUMBER: "After an invalid number",
    Outcome.DNC_REQUEST: "After a do-not-call request",
    Outcome.CANCELLED_BY_AGENT: "After a dial that the agent stopped",
    Outcome.UNKNOWN: "After an unknown outcome",
}
_TIMES = {1: "once", 2: "twice"}


@dataclass(frozen=True, slots=True)
class Planned:
    """One retry as it would come: ``policy_time`` before, ``due_at`` after the calling window."""

    number: int
    maximum: int
    policy_time: datetime
    due_at: datetime


def length(delay: timedelta) -> str:
    """``30 minutes``, ``1 hour``, ``1 h 30 min``, ``24 hours``, ``3 days``."""
    minutes = int(delay.total_seconds()) // 60
    days, hours = divmod(minutes // 60, 24)
    if minutes < 60:
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    if minutes % 60:
        return f"{minutes // 60} h {minutes % 60} min"
    if days > 1 and not hours:
        return f"{days} days"
    return "1 hour" if minutes == 60 else f"{minutes // 60} hours"


def sentence(outcome: Outcome, policy: RetryPolicy | None) -> str:
    """The policy of one outcome as a sentence."""
    start = _AFTER[outcome]
    if policy is None or not policy.max_retries or outcome in NEVER_RETRIED:
        return f"{start}, do not call again."
    times = _TIMES.get(policy.max_retries, f"up to {policy.max_retries} times")
    steps = [length(delay) for delay in policy.delays[: policy.max_retries]]
    if len(set(steps)) == 1:
        each = "" if policy.max_retries == 1 else " each time"
        return f"{start}, call again {times}, {steps[0]} later{each}; then give up."
    last = "; the last step repeats" if len(steps) < policy.max_retries else ""
    waits = ", ".join(steps[:-1]) + f" and {steps[-1]}"
    return f"{start}, call again {times}, after {waits}{last}; then give up."


def sentences(policies: Mapping[Outcome, RetryPolicy], dial_cap: int | None = None) -> list[str]:
    """A whole policy, an outcome to a sentence, and the overall cap."""
    outcomes = (
        Outcome.VOICEMAIL, Outcome.NO_ANSWER, Outcome.BUSY, Outcome.NETWORK_ERROR,
        Outcome.INVALID_NUMBER, Outcome.DNC_REQUEST,
    )  # fmt: skip
    lines = [sentence(outcome, policies.get(outcome)) for outcome in outcomes]
    if dial_cap:
        lines.append(f"In all, dial a contact at most {dial_cap} times.")
    return lines


def preview(
    outcome: Outcome,
    ended_at: datetime,
    policies: Mapping[Outcome, RetryPolicy],
    window: Window,
    *,
    dial_cap: int | None = None,
    limit: int = 5,
) -> list[Planned]:
    """The next retries if every dial, made on its minute, ended with the same outcome."""
    planned: list[Planned] = []
    for dials in range(1, limit + 1):
        step = after(outcome, ended_at, DialsSoFar(dials, dials), policies, dial_cap)
        if isinstance(step, Stop):
            break
        planned.append(_planned(step, window))
        ended_at = planned[-1].due_at
    return planned


def _planned(step: Retry, window: Window) -> Planned:
    return Planned(step.number, step.maximum, step.due_at, into_window(window, step.due_at))


def into_window(window: Window, moment: datetime) -> datetime:
    """The moment moved forward to the contact's next calling window, where there is one."""
    opening = window.next_span(moment)
    return max(moment, opening.start) if opening else moment
