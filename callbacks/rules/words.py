"""How times, promises and verdicts read (``ui/README``, "Words")."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from callbacks.rules.gate import Allowed, Blocked, Reason, Verdict
from contacts.rules.timezones import city


@dataclass(frozen=True, slots=True)
class Chip:
    """An icon, a word and the role that colours them."""

    tone: str
    icon: str
    text: str


def duration(length: timedelta) -> str:
    """``8 min``, ``2 h 29``, ``4 d``."""
    minutes = int(length.total_seconds()) // 60
    if minutes < 1:
        return "under 1 min"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest:02d}" if rest else f"{hours} h"
    return f"{hours // 24} d"


def moment(instant: datetime, zone: str, now: datetime) -> str:
    """``09:15`` today, ``Mon 16 Nov, 14:00`` on another day, on the clock of the zone."""
    here = instant.astimezone(ZoneInfo(zone))
    today = now.astimezone(ZoneInfo(zone)).date()
    if here.date() == today:
        return f"{here:%H:%M}"
    year = f" {here.year}" if abs((here.date() - today).days) > 300 else ""
    return f"{here:%a} {here.day} {here:%b}{year}, {here:%H:%M}"


def day_and_time(instant: datetime, zone: str, now: datetime) -> str:
    """``14:10`` today, ``tomorrow 09:12``, later with its date: to stand inside a sentence."""
    here = instant.astimezone(ZoneInfo(zone))
    tomorrow = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    return f"tomorrow {here:%H:%M}" if here.date() == tomorrow else moment(instant, zone, now)


def stale(due_at: datetime, now: datetime, days: int) -> Chip | None:
    """``Stale, 4 days`` for a promise overdue for more than ``days``; None before."""
    late = now - due_at
    if late <= timedelta(days=days):
        return None
    word = "day" if late.days == 1 else "days"
    age = f"{late.days} {word}" if late.days else duration(late)
    return Chip("risk", "alarm", f"Stale, {age}")


def beside(instant: datetime, there: str, here: str) -> str:
    """``08:15 in Lisbon``, to stand beside the same instant here; the weekday where it differs."""
    local = instant.astimezone(ZoneInfo(there))
    other_day = local.date() != instant.astimezone(ZoneInfo(here)).date()
    day = f"{local:%a} " if other_day else ""
    return f"{day}{local:%H:%M} in {city(there)}"


def said(wall: datetime, zone: str) -> str:
    """``Tue 24 Nov, 14:30 in Tokyo``: a time as somebody named it, on the clock of the zone."""
    return f"{wall:%a} {wall.day} {wall:%b}, {wall:%H:%M} in {city(zone)}"


def talked(answered_at: datetime | None, ended_at: datetime | None) -> int | None:
    """Whole seconds from the answer to the end; None when nobody answered, or it goes on."""
    if answered_at is None or ended_at is None:
        return None
    return int((ended_at - answered_at).total_seconds())


def age(since: datetime, now: datetime) -> str:
    """How long ago in whole days, or hours and minutes within one."""
    days = (now - since).days
    if days >= 2:
        return f"{days} days"
    return duration(now - since)


def promise(
    due_at: datetime, promised_from: datetime | None, now: datetime, lead: timedelta
) -> Chip:
    """What stands in the promise column: overdue, minutes left, or due in."""
    if due_at < now:
        return Chip("overdue", "warning", f"Overdue {duration(now - due_at)}")
    if promised_from and promised_from <= now:
        tone, icon = ("risk", "alarm") if due_at - now <= lead else ("due", "clock")
        return Chip(tone, icon, f"{duration(due_at - now)} left")
    return Chip("due", "clock", f"Due in {duration(due_at - now)}")


def verdict(
    verdict: Verdict,
    zone: str,
    now: datetime,
    *,
    paused_by: str = "",
    callable_from: datetime | None,
) -> Chip:
    """The gate's verdict as *what, until when, why*; ``zone`` is the contact's, or empty."""
    if isinstance(verdict, Blocked):
        return _blocked(verdict, zone, now, paused_by)
    if callable_from and callable_from > now and zone:
        when = moment(callable_from, zone, now)
        return Chip("neutral", "shield", f"Callable from {when} in {city(zone)}")
    if verdict.by_wish:
        return Chip("kept", "shield", "Callable now: the customer chose this time")
    return Chip("kept", "shield", "Callable now" + _until(verdict, zone, now))


def _until(verdict: Allowed, zone: str, now: datetime) -> str:
    if verdict.until is None or not zone or verdict.until - now > timedelta(hours=24):
        return ""
    return f", until {moment(verdict.until, zone, now)} in {city(zone)}"


def _blocked(verdict: Blocked, zone: str, now: datetime, paused_by: str) -> Chip:
    if verdict.reason is Reason.CLOSED:
        if verdict.until is None:
            return Chip("risk", "moon", "No calling hours in the next two weeks")
        when = moment(verdict.until, zone, now)
        return Chip("neutral", "moon", f"Not before {when} in {city(zone)}: quiet hours")
    if verdict.reason is Reason.CAMPAIGN_PAUSED:
        return Chip("risk", "pause", "Campaign paused" + (f" by {paused_by}" if paused_by else ""))
    if verdict.reason is Reason.FREQUENCY_CAP:
        when = (
            f"before {moment(verdict.until, zone, now)} in {city(zone)}" if verdict.until else "now"
        )
        return Chip("neutral", "shield", f"Not {when}: called often enough")
    return {
        Reason.DO_NOT_CALL: Chip("overdue", "phone-off", "Must not be called: do not call"),
        Reason.INVALID_NUMBER: Chip("risk", "phone-off", "The number is not in service"),
        Reason.LIVE_CALL: Chip("neutral", "phone", "Another call with this contact is going on"),
        Reason.ZONE_UNKNOWN: Chip("risk", "globe", "Zone not known: choose one to allow the call"),
    }[verdict.reason]


OUTCOMES = {
    "answered": "Answered",
    "voicemail": "Voicemail",
    "no_answer": "No answer",
    "busy": "Busy",
    "network_error": "Network error",
    "invalid_number": "Invalid number",
    "dnc_request": "Do not call",
    "cancelled_by_agent": "Stopped by agent",
    "unknown": "Outcome unknown",
}


# The states of a live call, by the names that keep their capitals.
CALLS = {
    "intended": ("Establishing", "due"),
    "dialing": ("Establishing", "due"),
    "ringing": ("Establishing", "due"),
    "connected": ("Connected", "kept"),
    "on_hold": ("On Hold", "risk"),
}
READY_TO_CALL = "Ready to Call"


def retry_label(number: int, maximum: int) -> str:
    """``Retry 2 of 3``, or nothing before the first retry."""
    return f"Retry {number} of {maximum}" if number else ""
