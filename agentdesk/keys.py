"""Bearer keys of programs: ``prefix.secret``, of which only a hash is kept (RULES 7)."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from agentdesk.models import ApiKey
from contacts import clock

SCOPES = {"dnc": "the do-not-call list", "calls": "calls that reach us"}
LIVE_KEYS = 2  # the old one and the new one, while a program changes over
_TOKEN = re.compile(r"(rb_[0-9a-f]{10})\.([\w-]{43})", re.ASCII)
_NOBODY = "0" * 64
_USED_EVERY = timedelta(minutes=1)


class KeyRefusedError(Exception):
    """No key was made, and the message says why."""


def live_keys() -> QuerySet[ApiKey]:
    """Keys that are neither revoked nor over."""
    return ApiKey.objects.filter(revoked_at=None, expires_at__gt=Now())


@transaction.atomic
def create_key(name: str, *, scopes: Sequence[str], days: int) -> tuple[ApiKey, str]:
    """A new key, and the token to hand over: it cannot be shown again.

    Raises KeyRefusedError for an unknown scope, and when two keys of that name are live already.
    """
    unknown = set(scopes) - set(SCOPES)
    if unknown or not scopes:
        raise KeyRefusedError(f"Scopes are {', '.join(SCOPES)}")
    if days < 1:
        raise KeyRefusedError("A key lives for at least a day")
    if live_keys().filter(name=name).count() >= LIVE_KEYS:
        raise KeyRefusedError(f"{name} has two live keys. Revoke one of them first")
    prefix, secret = f"rb_{secrets.token_hex(5)}", secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=name,
        prefix=prefix,
        secret_hash=_hash(secret),
        scopes=sorted(set(scopes)),
        expires_at=clock.now() + timedelta(days=days),
    )
    return key, f"{prefix}.{secret}"


def revoke_key(prefix: str) -> bool:
    """End a key at once. False when there is no live one with this prefix."""
    return bool(live_keys().filter(prefix=prefix).update(revoked_at=Now()))


def _hash(secret: str) -> str:
    # 256 random bits need no slow hash: nobody can try them all.
    return hashlib.sha256(secret.encode()).hexdigest()


class BearerKey(BaseAuthentication):
    """``Authorization: Bearer prefix.secret``. ``request.auth`` is the key; there is no user."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        """The key, or None without one. Raises AuthenticationFailed for one that does not open."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        key = _key_of(token.strip())
        unused = ApiKey.objects.filter(
            Q(last_used_at=None) | Q(last_used_at__lt=Now() - _USED_EVERY), pk=key.pk
        )
        unused.update(last_used_at=Now())
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        """What a client without a key is told to bring."""
        return 'Bearer realm="Ringback"'


def _key_of(token: str) -> ApiKey:
    found = _TOKEN.fullmatch(token)
    prefix, secret = found.groups() if found else ("", "")
    key: Any = ApiKey.objects.filter(prefix=prefix).annotate(over=Q(expires_at__lte=Now())).first()
    if not constant_time_compare(_hash(secret), key.secret_hash if key else _NOBODY):
        raise AuthenticationFailed("There is no such key", code="key_unknown")
    if key.revoked_at is not None:
        raise AuthenticationFailed("This key was revoked", code="key_revoked")
    if key.over:
        raise AuthenticationFailed("This key is over. Ask for a new one", code="key_expired")
    return key  # type: ignore[no-any-return]


def all_keys() -> QuerySet[Any]:
    """Every key, those of one name together, the newest first; ``over`` says expired."""
    return ApiKey.objects.annotate(over=Q(expires_at__lte=Now())).order_by(
        "name", F("created_at").desc()
    )
