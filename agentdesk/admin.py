"""Accounts and agents in the administration."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.http import HttpRequest

from agentdesk.models import Agent, User
from contacts.admin import Page

if TYPE_CHECKING:
    UserPage = DjangoUserAdmin[Any]
    CreationForm = AdminUserCreationForm[Any]
    ChangeForm = UserChangeForm[Any]
else:
    UserPage, CreationForm, ChangeForm = DjangoUserAdmin, AdminUserCreationForm, UserChangeForm


class NewUserForm(CreationForm):
    """A new account: an address, a password, a zone."""

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "zone")

    def clean_email(self) -> str:
        """In small letters, so that nobody has two accounts that differ only in case."""
        return str(self.cleaned_data["email"]).lower()


class UserForm(ChangeForm):
    """An account as it is."""

    def clean_email(self) -> str:
        """Like that of a new account."""
        return str(self.cleaned_data["email"]).lower()


@admin.register(User)
class UserAdmin(UserPage):
    """Everybody who signs in, known by their address. Roles are groups."""

    form = UserForm
    add_form = NewUserForm
    list_display = ("email", "first_name", "last_name", "zone", "is_active", "is_staff")
    list_filter = ("groups", "is_active", "is_staff", "is_superuser")
    search_fields = ("email", "first_name", "last_name")
    ordering = ("email",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "zone")}),
        ("Roles", {"fields": ("is_active", "groups", "is_staff", "is_superuser",
                              "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )  # fmt: skip
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "first_name", "last_name", "zone",
                                                 "usable_password", "password1", "password2")}),
    )  # fmt: skip


@admin.register(Agent)
class AgentAdmin(Page):
    """Which campaigns an agent takes, and whether they are ready."""

    list_display = ("user", "presence", "reason", "since", "seen_at")
    list_filter = ("presence", "campaigns")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__first_name", "user__last_name")
    autocomplete_fields = ("user",)
    filter_horizontal = ("campaigns",)
    # Presence follows from what agents press; here it would skip the notices to their desk.
    readonly_fields = ("presence", "reason", "since", "wrap_up_until", "seen_at")

    def save_model(self, request: HttpRequest, obj: Agent, form: Any, change: bool) -> None:
        """Nothing of an existing row: the agent may have pressed Ready meanwhile."""
        if not change:
            super().save_model(request, obj, form, change)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whose desk it is does not change."""
        return self.readonly_fields if obj is None else ("user", *self.readonly_fields)
