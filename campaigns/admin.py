"""Campaigns and their rows in the administration."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from campaigns import actions
from campaigns.forms import (
    WEEKDAYS,
    CampaignForm,
    FrequencyCapForm,
    HoursForm,
    QuietRuleForm,
    RetryRuleForm,
)
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
from campaigns.previews import NobodyError, foresee, policy_of, spoken, whom_of, whose
from campaigns.rules.policy import sentence
from campaigns.rules.retry import Outcome
from contacts import clock
from contacts.admin import Page, Rows
from contacts.rules.timezones import known_zones


class RetryRuleInline(Rows):
    """What follows an outcome."""

    model = RetryRule
    form = RetryRuleForm
    extra = 0


class FrequencyCapInline(Rows):
    """How often one contact may be dialled at most."""

    model = FrequencyCap
    form = FrequencyCapForm
    fields = ("dials", "span_hours")
    extra = 0


class CallingHoursInline(Rows):
    """When the campaign calls; none means at any hour that quiet hours allow."""

    model = CallingHours
    form = HoursForm
    extra = 0
    ordering = ("weekday", "opens")


class DispositionInline(Rows):
    """How agents say that a call ended."""

    model = Disposition
    extra = 0
    prepopulated_fields = {"code": ("label",)}  # noqa: RUF012


@admin.register(Campaign)
class CampaignAdmin(Page):
    """Every number of a campaign, by what it decides; what its policy says and would do."""

    form = CampaignForm
    actions = ("pause_offers", "resume_offers", "close_intake", "open_intake")
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

    def get_readonly_fields(
        self, request: HttpRequest, obj: Campaign | None = None
    ) -> tuple[str, ...]:
        """A page that was opened before a supervisor paused the campaign must not resume it."""
        return ("dials", "paused_by", "takes_requests") if obj else ("paused_by",)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With the saved policy in words, and the next five times in a zone."""
        if (campaign := kwargs.get("obj")) is not None:
            context |= {"policy": policy_of(campaign), **_ahead(request, campaign)}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.action(description="Pause offers", permissions=["change"])
    def pause_offers(self, request: HttpRequest, chosen: QuerySet[Campaign]) -> None:
        """Callbacks of the campaign wait and say why; requests still come in."""
        by = str(request.user)
        self._switch(request, chosen, lambda one: actions.pause(one, by=by), "Paused offers")

    @admin.action(description="Resume offers", permissions=["change"])
    def resume_offers(self, request: HttpRequest, chosen: QuerySet[Campaign]) -> None:
        """The campaign calls again."""
        self._switch(request, chosen, actions.resume, "Resumed offers")

    @admin.action(description="Close intake", permissions=["change"])
    def close_intake(self, request: HttpRequest, chosen: QuerySet[Campaign]) -> None:
        """No new requests; what was promised is still called."""
        self._switch(request, chosen, actions.close_intake, "Closed intake")

    @admin.action(description="Open intake", permissions=["change"])
    def open_intake(self, request: HttpRequest, chosen: QuerySet[Campaign]) -> None:
        """Requests are taken again."""
        self._switch(request, chosen, actions.open_intake, "Opened intake")

    def _switch(
        self,
        request: HttpRequest,
        chosen: QuerySet[Campaign],
        act: Callable[[Campaign], bool],
        done: str,
    ) -> None:
        for one in chosen:
            if act(one):
                self.log_change(request, one, done)
                self.message_user(request, f"{done}: {one}")
            else:
                self.message_user(request, f"{one} was so already", messages.WARNING)


def _ahead(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """The look ahead for the zone and number that the page's own form asks for."""
    zone = request.GET.get("zone") or None
    number = request.GET.get("number", "").strip() or None
    asked = {"zones": known_zones(), "zone": zone or "", "number": number or ""}
    try:
        whom = whom_of(campaign, zone, number)
    except NobodyError as error:
        return {**asked, "preview_error": str(error)}
    now = clock.now()
    return {
        **asked,
        "zone": zone or ("" if number else whom.zones[0]),
        "whose": whose(whom),
        "ended": spoken(now, whom.zones[0]),
        "foreseen": foresee(campaign, whom, now),
    }


@admin.register(RetryRule)
class RetryRuleAdmin(Page):
    """Retry policies side by side, in words."""

    form = RetryRuleForm
    list_display = ("campaign", "outcome", "says", "delay_minutes", "max_retries")
    list_filter = ("campaign", "outcome")
    list_select_related = ("campaign",)
    search_fields = ("campaign__name",)

    @admin.display(description="What it says")
    def says(self, rule: RetryRule) -> str:
        """The rule as a sentence."""
        return sentence(Outcome(rule.outcome), rule.policy())


@admin.register(CallingHours)
class CallingHoursAdmin(Page):
    """Calling hours of all campaigns."""

    form = HoursForm
    list_display = ("campaign", "day", "hours")
    list_filter = ("campaign", "weekday")
    list_select_related = ("campaign",)
    search_fields = ("campaign__name",)

    @admin.display(description="Day", ordering="weekday")
    def day(self, row: CallingHours) -> str:
        """The weekday by its name."""
        return WEEKDAYS[row.weekday]

    @admin.display(description="Hours", ordering="opens")
    def hours(self, row: CallingHours) -> str:
        """``09:00–17:00``."""
        ends = (row.opens, row.closes)
        return "–".join(f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes in ends)


class QuietHoursInline(Rows):
    """When a rule lets people be called; none says nothing about hours."""

    model = QuietHours
    form = HoursForm
    extra = 0
    ordering = ("weekday", "opens")


@admin.register(QuietRule)
class QuietRuleAdmin(Page):
    """What the law of a place says, while it is in force."""

    form = QuietRuleForm
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
