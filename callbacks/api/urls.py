"""Addresses of the API under /v1."""

from django.urls import path

from callbacks.api import do_not_call, inbound_calls

urlpatterns = [
    path("do-not-call", do_not_call.DoNotCallView.as_view(), name="api-dnc"),
    path(
        "do-not-call/<str:number>", do_not_call.DoNotCallNumberView.as_view(), name="api-dnc-number"
    ),
    path("inbound-calls", inbound_calls.InboundCallsView.as_view(), name="api-inbound"),
    path("inbound-calls/<path:call_id>/undo", inbound_calls.UndoView.as_view(), name="api-undo"),
]
