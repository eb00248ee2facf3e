"""What every address of the API has in common: careful reading of what it is sent."""

import re
from collections.abc import Mapping
from typing import Any

from rest_framework import exceptions, serializers
from rest_framework.views import APIView

from callbacks.queue import Actor
from campaigns.models import Campaign
from contacts.rules.phone import NumberRefusedError, read_any_number

API = Actor("api")
# Looked up before the field's validators see it: not every text can be asked of a database.
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,64}")


class ApiView(APIView):
    """An address of the API; ``scope`` is what a key needs for it."""

    scope: str


class Body(serializers.Serializer):
    """A request body in which an unknown field is an error: a misspelt one must not be ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """The values. Raises ValidationError with every field that is wrong."""
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        if unknown:
            raise serializers.ValidationError(
                {
                    str(name): [exceptions.ErrorDetail("There is no such field", code="unknown")]
                    for name in sorted(unknown, key=str)
                }
            )
        return super().to_internal_value(data)


class NumberField(serializers.CharField):
    """A telephone number in international format; becomes E.164."""

    def to_internal_value(self, data: Any) -> str:
        """E.164. Raises ValidationError with the code ``impossible``."""
        text = super().to_internal_value(data)
        try:
            return read_any_number(text)
        except NumberRefusedError as error:
            raise serializers.ValidationError(
                "Write it in international format, such as +44 20 7946 0134", code=error.code
            ) from error


class CampaignField(serializers.CharField):
    """A campaign by its slug."""

    def to_internal_value(self, data: Any) -> Campaign:
        """The campaign. Raises ValidationError with the code ``unknown``."""
        slug = super().to_internal_value(data)
        found = Campaign.objects.filter(slug=slug).first() if _SLUG.fullmatch(slug) else None
        if found is None:
            raise serializers.ValidationError("There is no such campaign", code="unknown")
        return found
