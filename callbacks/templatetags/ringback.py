"""Small parts of every page: icons, chips, times on the clock of a zone."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from phonenumber_field.phonenumber import PhoneNumber

from callbacks.queries import said_count
from callbacks.rules import words
from contacts.rules import phone, timezones

register = template.Library()
register.filter("said_count", said_count)


@register.simple_tag
@lru_cache
def icon(name: str) -> SafeString:
    """An icon of the sprite, silent for screen readers: a word always stands beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("icons.svg"), name
    )


@register.simple_tag
@lru_cache(4096)
def chip(part: words.Chip, extra: str = "") -> SafeString:
    """A chip: icon, word, role."""
    return format_html(
        '<span class="chip {}" data-tone="{}">{} {}</span>',
        extra, part.tone, icon(part.icon), part.text,
    )  # fmt: skip


@register.filter
def wall(instant: datetime | None, zone: str) -> str:
    """``09:41`` on the clock of the zone."""
    return f"{instant.astimezone(ZoneInfo(zone or 'UTC')):%H:%M}" if instant else ""


@register.filter
def wall_date(instant: datetime | None, zone: str) -> str:
    """``Friday 20 November`` in the zone."""
    if instant is None:
        return ""
    here = instant.astimezone(ZoneInfo(zone or "UTC"))
    return f"{here:%A} {here.day} {here:%B}"


@register.filter
def day_word(instant: datetime, zone: str) -> str:
    """``today``, ``tomorrow``, or ``on Friday`` in the zone."""
    here = ZoneInfo(zone or "UTC")
    days = (instant.astimezone(here).date() - datetime.now(here).date()).days
    return {0: "today", 1: "tomorrow"}.get(days, f"on {instant.astimezone(here):%A}")


@register.filter
def iso(instant: datetime | None) -> str:
    """The instant for ``datetime`` attributes and scripts."""
    return instant.isoformat() if instant else ""


@register.filter
def city(zone: str) -> str:
    """The zone by the name of its city."""
    return timezones.city(zone) if zone else "zone not known"


@register.filter
def spoken(e164: object) -> str:
    """A number as it is read aloud."""
    if isinstance(e164, PhoneNumber) and e164.country_code:
        return str(e164.as_international)  # parsed already
    return phone.shown(str(e164))


@register.filter
def last_digits(e164: object) -> str:
    """The last four digits of a number."""
    return str(e164)[-4:]


@register.filter
def clock(seconds: int | None) -> str:
    """``3:12``: minutes and seconds."""
    return f"{seconds // 60}:{seconds % 60:02d}" if seconds is not None else ""
