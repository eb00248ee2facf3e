"""Addresses."""

from django.contrib import admin
from django.urls import include, path

from agentdesk.views.health import health, metrics
from agentdesk.views.home import healthz, home
from agentdesk.views.jump import jump, single_keys
from agentdesk.views.wallboard import wallboard

urlpatterns = [
    path("", include("callbacks.intake.urls")),
    path("healthz", healthz, name="healthz"),
    path("health/", health, name="health"),
    path("metrics", metrics, name="metrics"),
    path("campaigns/", include("agentdesk.campaign_urls")),
    path("home/", home, name="home"),
    path("jump/", jump, name="jump"),
    path("profile/keys/", single_keys, name="single-keys"),
    path("desk/", include("agentdesk.urls")),
    path("", include("agentdesk.exchange_urls")),
    path("queue/", include("agentdesk.queue_urls")),
    path("queue/", include("agentdesk.bulk_urls")),
    path("wallboard/", wallboard, name="wallboard"),
    path("do-not-call/", include("agentdesk.dnc_urls")),
    path("v1/", include("config.api")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]
