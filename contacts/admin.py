"""Customers and their numbers in the administration."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from contacts.models import (
    Contact,
    ContactNumber,
    DoNotCall,
    Intent,
    Interaction,
    PhoneNumber,
)

# Generic for the type checker alone: the classes have no parameters when they run.
if TYPE_CHECKING:
    Page = admin.ModelAdmin[Any]
    Rows = admin.TabularInline[Any, Any]
else:
    Page, Rows = admin.ModelAdmin, admin.TabularInline


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


@admin.register(Contact)
class ContactAdmin(Page):
    """People, found by name or number."""

    list_display = ("__str__", "zone", "zone_source", "created_at")
    list_filter = ("zone_source", "created_at")
    search_fields = ("name", "numbers__e164")
    readonly_fields = ("created_at",)
    inlines = (ContactNumberInline, IntentInline)


@admin.register(PhoneNumber)
class PhoneNumberAdmin(Page):
    """Numbers with what the numbering plan tells of them."""

    list_display = ("e164", "region", "line_type", "invalid_since")
    list_filter = ("line_type", "region", ("invalid_since", admin.EmptyFieldListFilter))
    search_fields = ("e164",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: PhoneNumber | None = None
    ) -> tuple[str, ...]:
        """The list of who must not be called hangs on the number: it never changes."""
        return ("e164", "region", "line_type", "zones")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Numbers are read and hashed by intake and import."""
        return False


@admin.register(DoNotCall)
class DoNotCallAdmin(Page):
    """Who must not be called. Only hashes are kept, so entries cannot be typed in here."""

    list_display = ("__str__", "scope", "reason", "created_at")
    list_filter = ("scope", "created_at")
    search_fields = ("reason", "number_hash")
    readonly_fields = ("number_hash", "scope", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A number is listed by the product, which cancels what waits for it."""
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
