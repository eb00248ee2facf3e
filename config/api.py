"""The API: /v1 and its description as OpenAPI."""

from typing import NoReturn

from django.http import Http404
from django.urls import include, path
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the description names our keys."""

    target_class = "agentdesk.keys.BearerKey"
    name = "key"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "prefix.secret"}


class Nowhere(APIView):
    """Any other address under /v1: a problem, not a page."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> NoReturn:
        """Whatever the method."""
        raise Http404("There is no such address")


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("", include("callbacks.api.urls")),
    path("", Nowhere.as_view()),
    path("<path:rest>", Nowhere.as_view()),
]
