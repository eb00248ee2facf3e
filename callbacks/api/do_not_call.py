"""/v1/do-not-call: put a number on the list, and ask whether it is on it."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from callbacks.actions.dnc import forbid_number
from callbacks.api.frame import API, ApiView, Body, CampaignField, NumberField
from callbacks.api.problems import answers
from contacts.actions import dnc_hash
from contacts.models import DoNotCall
from contacts.rules.phone import masked


class Forbid(Body):
    """The number to leave in peace: everywhere, or for one campaign."""

    number = NumberField(help_text="In international format")
    campaign = CampaignField(
        required=False, allow_null=True, help_text="Slug; left out: everywhere"
    )
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)


class Forbidden(serializers.Serializer):
    """What became of it."""

    number = serializers.CharField(help_text="Masked")
    campaign = serializers.CharField(allow_null=True, help_text="null: everywhere")
    cancelled = serializers.IntegerField(help_text="Callbacks that were cancelled with it")


class Entry(serializers.Serializer):
    """An entry of the list."""

    campaign = serializers.CharField(allow_null=True, help_text="null: everywhere")
    source = serializers.CharField()
    since = serializers.DateTimeField()


class Standing(serializers.Serializer):
    """Whether and where a number is on the list."""

    number = serializers.CharField(help_text="Masked")
    listed = serializers.BooleanField()
    everywhere = serializers.BooleanField()
    entries = Entry(many=True)


class DoNotCallView(ApiView):
    """The list as a whole."""

    scope = "dnc"

    @extend_schema(
        operation_id="forbid_calls",
        tags=["do not call"],
        request=Forbid,
        responses=answers(400, ok=Forbidden, created=Forbidden),
    )
    def post(self, request: Request) -> Response:
        """Put a number on the do-not-call list and cancel what is pending to it.

        201 when it is new there, 200 when it was listed already. Entries are kept for at least
        five years and cannot be taken back. No call starts after the answer.
        """
        asked = Forbid(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        campaign = said.get("campaign")
        listed = forbid_number(
            said["number"],
            reason=said.get("reason", ""),
            actor=API,
            source="api",
            campaign=campaign,
        )
        answer = {
            "number": masked(said["number"]),
            "campaign": campaign.slug if campaign else None,
            "cancelled": listed.cancelled,
        }
        return Response(answer, status=201 if listed.new else 200)


class DoNotCallNumberView(ApiView):
    """One number of it."""

    scope = "dnc"

    @extend_schema(
        operation_id="is_number_forbidden",
        tags=["do not call"],
        responses=answers(ok=Standing),
    )
    def get(self, request: Request, number: str) -> Response:
        """Whether a number (international format, + as %2B) is on the list, and where."""
        asked = Forbid(data={"number": number})
        asked.is_valid(raise_exception=True)
        e164 = asked.validated_data["number"]
        entries = DoNotCall.objects.filter(number_hash=dnc_hash(e164)).order_by("id")
        answer = {
            "number": masked(e164),
            "listed": bool(entries),
            "everywhere": any(not entry.scope for entry in entries),
            "entries": [
                {"campaign": entry.scope or None, "source": entry.source, "since": entry.created_at}
                for entry in entries
            ],
        }
        return Response(Standing(answer).data)
