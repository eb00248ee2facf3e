"""Addresses of the campaigns' switches."""

from django.urls import path

from agentdesk.views import campaigns

urlpatterns = [
    path("", campaigns.campaigns, name="campaigns"),
    path("<slug:slug>/offers/", campaigns.offers, name="campaign-offers"),
    path("<slug:slug>/intake/", campaigns.intake, name="campaign-intake"),
]
