"""/v1/inbound-calls: the customer reached us first."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from callbacks.actions.inbound_calls import Reported, report_call, undo_call
from callbacks.api.frame import API, ApiView, Body, CampaignField, NumberField
from callbacks.api.problems import answers
from callbacks.models import InboundCall
from campaigns.models import Campaign
from contacts.models import Intent

_LARGEST_ID = 2**63 - 1


class IntentField(serializers.IntegerField):
    """An open matter by its id."""

    def to_internal_value(self, data: Any) -> Intent:
        """The matter. Raises ValidationError with the code ``unknown`` or ``no_campaign``."""
        number = super().to_internal_value(data)
        found = Intent.objects.filter(pk=number).first() if 0 < number <= _LARGEST_ID else None
        if found is None:
            raise serializers.ValidationError("There is no such intent", code="unknown")
        if not Campaign.objects.filter(slug=found.campaign_slug).exists():
            raise serializers.ValidationError("No campaign works on it", code="no_campaign")
        return found


class InboundCallBody(Body):
    """A call that reached us: from where, and about which matter or campaign."""

    call_id = serializers.CharField(max_length=128, help_text="The idempotency key")
    number = NumberField(help_text="The caller's, in international format")
    campaign = CampaignField(required=False, help_text="Slug; this or intent_id")
    intent_id = IntentField(required=False, help_text="This or campaign")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two, and a matter of somebody at that number."""
        intent: Intent | None = attrs.get("intent_id")
        if ("campaign" in attrs) == (intent is not None):
            raise serializers.ValidationError(
                "Name either campaign or intent_id", code="exactly_one"
            )
        if intent and not intent.contact.numbers.filter(e164=attrs["number"]).exists():
            raise serializers.ValidationError(
                {
                    "intent_id": serializers.ErrorDetail(
                        "It is a matter of somebody at another number", code="other_contact"
                    )
                }
            )
        return attrs

    def reported(self) -> Reported:
        """What the valid body says."""
        said = self.validated_data
        intent: Intent | None = said.get("intent_id")
        if intent is None:
            return Reported(said["call_id"], said["number"], said["campaign"])
        campaign = Campaign.objects.get(slug=intent.campaign_slug)
        return Reported(said["call_id"], said["number"], campaign, intent.contact_id)


class ClosedAnswer(serializers.Serializer):
    """The callbacks that the call closed, by reference, and until when that can be undone."""

    call_id = serializers.CharField()
    closed = serializers.ListField(child=serializers.CharField())
    undo_until = serializers.DateTimeField()


class NotReopened(serializers.Serializer):
    """A callback that stays closed, and why."""

    reference = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class UndoneAnswer(serializers.Serializer):
    """The callbacks that wait again, and those that do not."""

    call_id = serializers.CharField()
    reopened = serializers.ListField(child=serializers.CharField())
    refused = NotReopened(many=True)


class InboundCallsView(ApiView):
    """Calls that reached us."""

    scope = "calls"

    @extend_schema(
        operation_id="report_inbound_call",
        tags=["inbound calls"],
        request=InboundCallBody,
        responses=answers(400, ok=ClosedAnswer),
    )
    def post(self, request: Request) -> Response:
        """Say that the customer called us: what waits for them about it is closed.

        The same call_id with the same body gets the same answer again; with another body it is
        refused (422, ``repeated``). With intent_id only that person's callbacks are closed.
        """
        asked = InboundCallBody(data=request.data)
        asked.is_valid(raise_exception=True)
        reported = asked.reported()
        answer = report_call(reported, actor=API)
        told = {"call_id": reported.call_id, "closed": answer.closed}
        return Response(ClosedAnswer({**told, "undo_until": answer.undo_until}).data)


class UndoView(ApiView):
    """The way back from it."""

    scope = "calls"

    @extend_schema(
        operation_id="undo_inbound_call",
        tags=["inbound calls"],
        request=None,
        responses=answers(404, 409, ok=UndoneAnswer),
    )
    def post(self, request: Request, call_id: str) -> Response:
        """Take it back within ten minutes: the callbacks wait again, place and promise kept.

        Asked again it answers the same. 409 when nothing of it can be undone: ``too_late``,
        ``replaced``, ``other``.
        """
        if "\0" in call_id:  # no database text can hold it
            raise Http404("No such call was reported")
        try:
            undone = undo_call(call_id, actor=API)
        except InboundCall.DoesNotExist as error:
            raise Http404("No such call was reported") from error
        told = {"call_id": call_id, "reopened": undone.reopened, "refused": undone.refused}
        return Response(UndoneAnswer(told).data)
