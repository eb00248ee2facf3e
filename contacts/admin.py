"""Customers and their numbers in the administration."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest

from contacts.models import (
    Contact,
    ContactNumber,
    DoNotCall,
    Intent,
    Interaction,
    PhoneNumber,
)
from contacts.rules.timezones import ZoneSource, is_zone

# Generic for the type checker alone: the classes have no parameters when they run.
if TYPE_CHECKING:
    Page = admin.ModelAdmin[Any]
    Rows = admin.TabularInline[Any, Any]
    Form = forms.ModelForm[Any]
else:
    Page, Rows, Form = admin.ModelAdmin, admin.TabularInline, forms.ModelForm


class ContactNumberInline(Rows):
    """The numbers at which a contact can be reached."""

    model = ContactNumber
    raw_id_fields = ("number",)
    extra = 0


class IntentInline(Rows):
    """What is open with a contact, and what was."""

    model = Intent
    fields = ("name", "detail", "status", "attempt_count", "opened_at", "closed_at")
    readonly_fields = ("attempt_count", "closed_at")
    extra = 0


class ContactForm(Form):
    """A contact, as far as a person may put it right."""

    def clean_zones(self) -> list[str]:
        """Zones that there are; all of them have to be open."""
        zones: list[str] = self.cleaned_data["zones"]
        for name in zones:
            if not is_zone(name):
                raise ValidationError(f"“{name}” is no time zone. Name one such as Europe/Lisbon")
        return zones

    def clean(self) -> dict[str, Any]:
        """Zones typed in here come from a person, and nobody's zone is known from nowhere."""
        data = super().clean() or self.cleaned_data
        zones, source = (self.initial.get(name) for name in ("zones", "zone_source"))
        if data.get("zones") != zones and data.get("zone_source") == source:
            data["zone_source"] = ZoneSource.SUPERVISOR if data.get("zones") else ZoneSource.UNKNOWN
        return data


def _do_not_call(numbers: Q) -> str:
    """Where these numbers must not be called, and since when."""
    hashes = PhoneNumber.objects.filter(numbers).values("dnc_hash")
    entries = DoNotCall.objects.filter(number_hash__in=hashes).order_by("created_at")
    lines = [
        f"{one.scope or 'everywhere'}, since {one.created_at.day} {one.created_at:%B %Y}"
        for one in entries
    ]
    return "; ".join(lines) or "May be called"


class ContactAdmin(Page):
    """People, found by name or number. Registered where their callbacks are known."""

    form = ContactForm
    list_display = ("__str__", "zone", "zone_source", "created_at")
    list_filter = ("zone_source", "created_at")
    search_fields = ("name", "numbers__e164")
    readonly_fields = ("do_not_call", "created_at")
    inlines = (ContactNumberInline, IntentInline)

    @admin.display(description="Do not call")
    def do_not_call(self, contact: Contact) -> str:
        """What the list says of any of their numbers."""
        return _do_not_call(Q(contacts=contact)) if contact.pk else "May be called"


@admin.register(PhoneNumber)
class PhoneNumberAdmin(Page):
    """Numbers with what the numbering plan tells of them."""

    list_display = ("e164", "region", "line_type", "invalid_since")
    list_filter = ("line_type", "region", ("invalid_since", admin.EmptyFieldListFilter))
    search_fields = ("e164",)

    @admin.display(description="Do not call")
    def do_not_call(self, number: PhoneNumber) -> str:
        """What the list says of the number."""
        return _do_not_call(Q(pk=number.pk))

    def get_readonly_fields(
        self, request: HttpRequest, obj: PhoneNumber | None = None
    ) -> tuple[str, ...]:
        """The list of who must not be called hangs on the number: it never changes."""
        return ("e164", "region", "line_type", "zones", "do_not_call")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Numbers are read and hashed by intake and import."""
        return False


@admin.register(DoNotCall)
class DoNotCallAdmin(Page):
    """Who must not be called. Only hashes are kept, so entries cannot be typed in here."""

    list_display = ("__str__", "scope", "source", "reason", "created_at")
    list_filter = ("scope", "source", "created_at")
    search_fields = ("reason", "number_hash")
    readonly_fields = ("number_hash", "scope", "source", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A number is listed by the product, which cancels what waits for it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody takes an opt-out back by a click: entries are kept for years (RULES 4)."""
        return False


@admin.register(Intent)
class IntentAdmin(Page):
    """Open matters over all contacts."""

    list_display = ("name", "contact", "status", "attempt_count", "opened_at", "closed_at")
    list_filter = ("status", "opened_at")
    list_select_related = ("contact",)
    search_fields = ("name", "detail", "contact__name")
    autocomplete_fields = ("contact",)
    date_hierarchy = "opened_at"


@admin.register(Interaction)
class InteractionAdmin(Page):
    """The history of all contacts."""

    list_display = ("subject", "contact", "channel", "with_whom", "at", "seconds")
    list_filter = ("channel", "at")
    list_select_related = ("contact",)
    search_fields = ("subject", "summary", "with_whom", "contact__name")
    autocomplete_fields = ("contact",)
    date_hierarchy = "at"
