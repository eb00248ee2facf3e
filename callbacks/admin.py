"""Callbacks in the administration: to look at. What happens to them happens in the queue."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from callbacks import notices
from callbacks.actions.windows import roll_contact
from callbacks.models import Attempt, Callback, CallbackEvent, IntakeRequest
from callbacks.queue import Actor
from callbacks.rules.reference import callback_id
from contacts.admin import ContactAdmin, Page, Rows
from contacts.models import Contact

# What a person may put right. All else follows from events, and only the queue writes those.
_EDITABLE = frozenset({"about", "case", "attention"})


class _ReadOnly:
    """Nothing is added, changed or deleted here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows come from the product."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are looked at."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows stay."""
        return False


def _columns(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.name for field in model._meta.fields if field.name != "id")


class EventInline(_ReadOnly, Rows):
    """The story of a callback, oldest first."""

    model = CallbackEvent
    fields = ("at", "name", "from_state", "to_state", "actor_kind", "actor", "reason", "data")
    readonly_fields = fields
    ordering = ("id",)
    extra = 0


class AttemptInline(_ReadOnly, Rows):
    """The dials of a callback."""

    model = Attempt
    fields = ("intended_at", "agent", "state", "outcome", "cause", "answered_at", "ended_at")
    readonly_fields = fields
    ordering = ("id",)
    extra = 0


@admin.register(Contact)
class CalledContactAdmin(ContactAdmin):
    """Contacts whose waiting callbacks follow them into another zone or place."""

    def save_model(self, request: HttpRequest, obj: Contact, form: Any, change: bool) -> None:
        """In one transaction, as the administration saves."""
        super().save_model(request, obj, form, change)
        where = ("zones", "place")
        if change and any(form.initial.get(name) != getattr(obj, name) for name in where):
            actor = Actor("supervisor", request.user.pk)
            roll_contact(obj.pk, "The contact's zone or place was put right", actor=actor)
            notices.tell_queue()


@admin.register(Callback)
class CallbackAdmin(Page):
    """Callbacks with their story, found by reference, name or number."""

    list_display = ("reference", "contact", "campaign", "state", "due_at", "trigger_outcome",
                    "retry_number", "agent", "attention")  # fmt: skip
    list_filter = ("state", "campaign", "kind", "trigger_outcome", "due_at",
                   ("attention", admin.EmptyFieldListFilter))  # fmt: skip
    list_select_related = ("contact", "campaign", "agent")
    search_fields = ("contact__name", "number__e164", "about")
    date_hierarchy = "due_at"
    ordering = ("-id",)
    readonly_fields = tuple(name for name in _columns(Callback) if name not in _EDITABLE)
    inlines = (EventInline, AttemptInline)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Also by the number on the customer's slip."""
        found, doubles = super().get_search_results(request, queryset, search_term)
        if (pk := callback_id(search_term)) is not None:
            found |= queryset.filter(pk=pk)
        return found, doubles

    def save_model(self, request: HttpRequest, obj: Callback, form: Any, change: bool) -> None:
        """Only the columns that were edited: the queue may have moved the row meanwhile."""
        obj.save(update_fields=sorted(_EDITABLE & set(form.changed_data)))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A promise is made by asking for it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A promise is cancelled, not forgotten."""
        return False


@admin.register(Attempt)
class AttemptAdmin(_ReadOnly, Page):
    """Every dial."""

    list_display = ("intended_at", "contact", "campaign", "agent", "state", "outcome", "cause")
    list_filter = ("state", "outcome", "campaign", "early", "intended_at")
    list_select_related = ("contact", "campaign", "agent")
    search_fields = ("key", "contact__name", "number__e164")
    date_hierarchy = "intended_at"
    ordering = ("-id",)


@admin.register(CallbackEvent)
class CallbackEventAdmin(_ReadOnly, Page):
    """Everything that happened, newest first."""

    list_display = ("at", "callback", "name", "from_state", "to_state", "actor_kind", "actor",
                    "reason")  # fmt: skip
    list_filter = ("name", "to_state", "actor_kind", "at")
    list_select_related = ("callback", "actor")
    search_fields = ("callback__contact__name", "reason")
    ordering = ("-id",)


@admin.register(IntakeRequest)
class IntakeRequestAdmin(_ReadOnly, Page):
    """Forms and API requests by their key."""

    list_display = ("key", "callback", "merged", "created_at")
    list_filter = ("merged", "created_at")
    list_select_related = ("callback",)
    search_fields = ("key",)
