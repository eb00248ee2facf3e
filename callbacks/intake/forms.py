"""What a customer types, and what is wrong with it, field by field."""

import uuid
from datetime import datetime
from typing import Any

from django import forms

from callbacks.actions.intake import IntakeRefusedError, Request, Wish
from campaigns.models import Campaign
from contacts.rules.phone import DialableNumber, NumberRefusedError, read_number
from contacts.rules.timezones import NonexistentTimeError, is_zone

LONGEST = 2000


class AskForm(forms.Form):
    """The three questions of the public form."""

    about = forms.CharField(
        required=False,
        max_length=LONGEST,
        error_messages={
            "max_length": "Write at most %(limit_value)d characters, not %(show_value)d"
        },
    )
    name = forms.CharField(
        required=False,
        max_length=120,
        error_messages={"max_length": "Write at most %(limit_value)d characters"},
    )
    phone = forms.CharField(
        max_length=40,
        error_messages={
            "required": "Enter the number that we should call",
            "max_length": "Enter a phone number we can call",
        },
    )
    when = forms.ChoiceField(
        choices=[("soon", "soon"), ("slot", "slot")],
        error_messages={"required": "Choose when we should call"},
    )
    slot = forms.CharField(required=False, max_length=16)
    zone = forms.CharField(max_length=64)
    zone_said = forms.BooleanField(required=False)
    browser_zone = forms.CharField(required=False, max_length=64)
    key = forms.UUIDField()

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign

    def clean_phone(self) -> DialableNumber:
        """The number that the text means, if we may promise to call it."""
        allowed = frozenset(self.campaign.allowed_countries)
        try:
            return read_number(self.cleaned_data["phone"], self.campaign.country, allowed)
        except NumberRefusedError as error:
            raise forms.ValidationError(str(error), code=error.code) from error

    def clean_zone(self) -> str:
        """A zone that exists."""
        zone: str = self.cleaned_data["zone"]
        if not is_zone(zone):
            raise forms.ValidationError("Choose a time zone from the list", code="zone")
        return zone

    def clean(self) -> dict[str, Any]:
        """A chosen time is a wall-clock time."""
        fields = self.cleaned_data
        fields["wall"] = None
        if fields.get("when") != "slot":
            return fields
        try:
            wall = datetime.fromisoformat(fields.get("slot") or "")
        except ValueError:
            self.add_error("slot", forms.ValidationError("Choose a time", code="required"))
        else:
            fields["wall"] = wall.replace(tzinfo=None)
        return fields

    def request(self) -> Request:
        """What the valid form asks for."""
        fields = self.cleaned_data
        wish = Wish(fields["wall"], fields["zone"]) if fields["wall"] else None
        return Request(
            campaign=self.campaign,
            number=fields["phone"],
            key=fields["key"],
            name=fields["name"],
            about=fields["about"],
            wish=wish,
            said_zone=fields["zone"] if fields["zone_said"] else "",
            browser_zone=fields["browser_zone"],
            shown_zone=fields["zone"],
        )

    def refuse(self, error: IntakeRefusedError | NonexistentTimeError) -> None:
        """Show a refusal of the action beside the input that it concerns."""
        if isinstance(error, IntakeRefusedError):
            field = error.field if error.field in self.fields else None
            self.add_error(field, forms.ValidationError(str(error), code=error.code))
        else:
            self.add_error("slot", forms.ValidationError(str(error), code="nonexistent"))

    @staticmethod
    def fresh_key() -> str:
        """A key that makes sending the same form twice harmless."""
        return str(uuid.uuid4())
