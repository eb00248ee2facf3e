"""What an administrator may type into a campaign's rows, with each message at its field."""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from campaigns.rules.hours import DAY
from campaigns.rules.retry import NEVER_RETRIED, Outcome
from contacts.rules.phone import calling_codes
from contacts.rules.timezones import is_zone

if TYPE_CHECKING:
    Form = forms.ModelForm[Any]
else:
    Form = forms.ModelForm

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST_DELAY = 365 * DAY
_PREFIX = re.compile(r"\+[1-9]\d{0,10}")


class ClockField(forms.Field):
    """Minutes after midnight, typed and shown as ``09:00``; ``24:00`` is the end of the day."""

    widget = forms.TextInput(attrs={"size": 6, "placeholder": "09:00"})

    def prepare_value(self, value: Any) -> Any:
        """As people read it."""
        return f"{value // 60:02d}:{value % 60:02d}" if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        """The minutes. Raises ValidationError."""
        if value in self.empty_values:
            return None
        hour, colon, minute = str(value).strip().partition(":")
        if colon and re.fullmatch(r"[0-9]{1,2}", hour) and re.fullmatch(r"[0-5][0-9]", minute):
            minutes = int(hour) * 60 + int(minute)
            if minutes <= DAY:
                return minutes
        raise ValidationError("Enter a time such as 09:00; 24:00 is the end of the day")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as it is shown."""
        return super().has_changed(self.prepare_value(initial), data)


class HoursForm(Form):
    """A range of a weekday: calling hours and quiet hours alike."""

    weekday = forms.TypedChoiceField(coerce=int, choices=list(enumerate(WEEKDAYS)))
    opens = ClockField()
    closes = ClockField()

    def clean(self) -> dict[str, Any]:
        """Over midnight takes two rows, since every range belongs to one weekday."""
        data = super().clean() or self.cleaned_data
        opens, closes = data.get("opens"), data.get("closes")
        if opens is not None and closes is not None and closes <= opens:
            self.add_error(
                "closes", f"Choose a time after it opens at {opens // 60:02d}:{opens % 60:02d}; "
                "hours over midnight are two rows",
            )  # fmt: skip
        return data


class RetryRuleForm(Form):
    """What follows an outcome."""

    def clean_outcome(self) -> str:
        """Only outcomes that can be followed by a retry."""
        outcome: str = self.cleaned_data["outcome"]
        if outcome in NEVER_RETRIED:
            raise ValidationError("This outcome is never retried: a rule for it would do nothing")
        if outcome == Outcome.UNKNOWN:
            raise ValidationError("An unknown outcome decides nothing: a person says how it ended")
        return outcome

    def clean_delay_minutes(self) -> list[int]:
        """At least one step, each at least a minute."""
        steps: list[int] = self.cleaned_data["delay_minutes"]
        if not steps:
            raise ValidationError("Enter at least one delay in minutes, such as 60, 240, 1440")
        if min(steps) < 1:
            raise ValidationError("A delay of less than a minute would ring twice in a row")
        if max(steps) > LONGEST_DELAY:
            raise ValidationError("A delay is at most a year, 525600 minutes")
        return steps


class FrequencyCapForm(Form):
    """At most so many dials within so many hours."""

    dials = forms.IntegerField(min_value=1, max_value=32_767)
    span_hours = forms.IntegerField(min_value=1, max_value=366 * 24)


class CampaignForm(Form):
    """The campaign's own row."""

    def clean_zone(self) -> str:
        """An IANA zone, or empty: the contact's own."""
        return _zone(self.cleaned_data["zone"])

    def clean_shown_zone(self) -> str:
        """An IANA zone."""
        return _zone(self.cleaned_data["shown_zone"])

    def clean_country(self) -> str:
        """A country that numbers can be read in."""
        return _region(self.cleaned_data["country"])

    def clean_allowed_countries(self) -> list[str]:
        """Countries as numbers name theirs."""
        return [_region(one) for one in self.cleaned_data["allowed_countries"]]


class QuietRuleForm(Form):
    """What the law of a place says."""

    def clean_region(self) -> str:
        """A country as numbers name theirs."""
        return _region(self.cleaned_data["region"])

    def clean_prefixes(self) -> list[str]:
        """Beginnings of numbers in international format."""
        prefixes = [one.strip() for one in self.cleaned_data["prefixes"]]
        for one in prefixes:
            if not _PREFIX.fullmatch(one):
                raise ValidationError(
                    f"“{one}” is no beginning of a number: write + and digits, such as +1305"
                )
        return prefixes

    def clean(self) -> dict[str, Any]:
        """Dates in order; a part of a country belongs to it."""
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", f"Choose {first:%d.%m.%Y}, when it begins, or a later day")
        region, place = data.get("region"), data.get("place")
        if region and place and not place.startswith(f"{region}-"):
            self.add_error("place", f"A part of {region} begins with {region}-, such as US-FL")
        if data.get("prefixes") and not place:
            self.add_error("place", "Name the place of these prefixes: without one the rule holds "
                           "for the whole region")  # fmt: skip
        return data


def _zone(name: str) -> str:
    if name and not is_zone(name):
        raise ValidationError(f"“{name}” is no time zone. Name one such as Europe/Lisbon")
    return name


def _region(code: str) -> str:
    code = code.strip().upper()
    if code not in {region for region, _ in calling_codes()}:
        raise ValidationError(f"“{code}” is no country code. Name one such as GB")
    return code
