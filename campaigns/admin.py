"""Campaigns and their rows in the administration."""

from django.contrib import admin

from campaigns.models import CallingHours, Campaign, Disposition, QuietHours, RetryRule
from contacts.admin import Page, Rows


class RetryRuleInline(Rows):
    """What follows an outcome."""

    model = RetryRule
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
    inlines = (RetryRuleInline, CallingHoursInline, DispositionInline)
    fieldsets = (
        (None, {"fields": ("name", "slug", "department", "script")}),
        ("Where", {"fields": ("country", "allowed_countries", "zone", "shown_zone")}),
        ("Requests", {"fields": ("takes_requests", "on_the_web", "honours_own_time",
                                 "window_minutes", "lead_minutes")}),
        ("Calls", {"fields": ("dials", "paused_by", "dial_cap", "offer_seconds", "review_seconds",
                              "wrap_up_seconds", "handle_seconds", "needs_disposition")}),
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


@admin.register(QuietHours)
class QuietHoursAdmin(Page):
    """When people of a region may be called."""

    list_display = ("region", "weekday", "opens", "closes")
    list_filter = ("region", "weekday")
    search_fields = ("region",)
    ordering = ("region", "weekday", "opens")


@admin.register(Disposition)
class DispositionAdmin(Page):
    """Dispositions of all campaigns."""

    list_display = ("label", "campaign", "code", "outcome", "needs_note", "needs_time", "position")
    list_filter = ("campaign", "outcome", "needs_note", "needs_time")
    list_select_related = ("campaign",)
    search_fields = ("label", "code")
