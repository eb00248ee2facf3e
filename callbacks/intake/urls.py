"""Addresses of the customers' pages."""

from django.urls import path

from callbacks.intake import views

urlpatterns = [
    path("", views.ask, name="ask"),
    path("ask/<slug:slug>/", views.ask, name="ask-campaign"),
    path("call/<uuid:public_id>/", views.status, name="status"),
    path("call/<uuid:public_id>/cancel/", views.cancel, name="cancel-call"),
    path("call/<uuid:public_id>/do-not-call/", views.do_not_call, name="do-not-call"),
]
