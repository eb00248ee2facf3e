"""How the tests read and press the supervisors' pages."""

import re
from html import unescape

from django.urls import reverse


def words(response):
    """What is read on the page, spaces made one."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(text).split())


def act(client, verb, *callbacks, **fields):
    """Press a button of the queue for these callbacks, given as rows or as ids."""
    ids = [getattr(one, "pk", one) for one in callbacks]
    return client.post(reverse(f"queue-{verb}"), {"ids": ids, **fields}, headers=HTMX)


def story_page(client, callback):
    """The story of a callback, as htmx asks for it."""
    return client.get(reverse("queue-story", args=[callback.pk]), headers=HTMX)


HTMX = {"HX-Request": "true"}
