"""Campaigns and their rows in the administration."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from campaigns.models import (
    CallingHours,
    Campaign,
    Disposition,
    FrequencyCap,
    HoursChange,
    QuietHours,
    QuietRule,
    RetryRule,
)
from contacts.admin import Page, Rows


class RetryRuleInline(Rows):
    """What follows an outcome."""

    model = RetryRule
    extra = 0


class FrequencyCapInline(Rows):
    """How often one contact may be dialled at most."""

    model = FrequencyCap
    fields = ("dials", "span_hours")
    extra = 0


class CallingHoursInline(Rows):
    """When the campaign calls; none means at any hour that quiet hours allow."""

    model = CallingHours
    extra = 0
    ordering = ("weekday", "opens")


class DispositionInline(Rows):
    """How agents say that a call ended."""

    model = Disposition
    extra = 0
    prepopulated_fields = {"code": ("label",)}  # noqa: RUF012


@admin.register(Campaign)
class CampaignAdmin(Page):
    """Every number of a campaign, by what it decides."""

    list_display = ("name", "slug", "department", "dials", "takes_requests", "on_the_web", "zone")
    list_filter = ("dials", "takes_requests", "on_the_web", "country")
    search_fields = ("name", "slug", "department")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012
    inlines = (RetryRuleInline, CallingHoursInline, FrequencyCapInline, DispositionInline)
    fieldsets = (
        (None, {"fields": ("name", "slug", "department", "script")}),
        ("Where", {"fields": ("country", "allowed_countries", "zone", "shown_zone",
                              "keeps_holidays")}),
        ("Requests", {"fields": ("takes_requests", "on_the_web", "honours_own_time",
                                 "window_minutes", "lead_minutes")}),
        ("Calls", {"fields": ("dials", "paused_by", "dial_cap", "offer_seconds", "review_seconds",
                              "wrap_up_seconds", "handle_seconds", "needs_disposition",
                              "stale_days", "expires_stale", "answer_closes_all")}),
    )  # fmt: skip


@admin.register(RetryRule)
class RetryRuleAdmin(Page):
    """Retry policies side by side."""

    list_display = ("campaign", "outcome", "delay_minutes", "max_retries")
    list_filter = ("campaign", "outcome")
    list_select_related = ("campaign",)
    search_fields = ("campaign__name",)


@admin.register(CallingHours)
class CallingHoursAdmin(Page):
    """Calling hours of all campaigns."""

    list_display = ("campaign", "weekday", "opens", "closes")
    list_filter = ("campaign", "weekday")
    list_select_related = ("campaign",)
    search_fields = ("campaign__name",)


class QuietHoursInline(Rows):
    """When a rule lets people be called; none says nothing about hours."""

    model = QuietHours
    extra = 0
    ordering = ("weekday", "opens")


@admin.register(QuietRule)
class QuietRuleAdmin(Page):
    """What the law of a place says, while it is in force."""

    list_display = ("name", "region", "place", "first_day", "last_day", "in_use", "note")
    list_filter = ("region", "in_use")
    search_fields = ("name", "region", "place")
    inlines = (QuietHoursInline, FrequencyCapInline)


@admin.register(HoursChange)
class HoursChangeAdmin(Page):
    """How far windows have been computed again after a change."""

    list_display = (
        "reason", "campaign", "region", "asked_at", "checked", "total", "changed", "finished_at",
    )  # fmt: skip
    list_select_related = ("campaign",)
    readonly_fields = tuple(field.name for field in HoursChange._meta.fields if field.name != "id")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Triggers write these."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They are the record."""
        return False


@admin.register(Disposition)
class DispositionAdmin(Page):
    """Dispositions of all campaigns."""

    list_display = ("label", "campaign", "code", "outcome", "needs_note", "needs_time", "position")
    list_filter = ("campaign", "outcome", "needs_note", "needs_time")
    list_select_related = ("campaign",)
    search_fields = ("label", "code")
