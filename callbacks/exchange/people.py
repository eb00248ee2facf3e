"""Whom does a line mean? The same answer while it is checked and while it is imported (RULES 5)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from callbacks.exchange.models import ExchangeLine
from callbacks.models import Callback
from callbacks.rules.dedup import same_person
from callbacks.rules.states import ACTIVE
from contacts.bulk import contacts_at
from contacts.models import Contact


class _Named(Protocol):
    name: str


def meant[T: _Named](known: Sequence[T], name: str) -> T | None:
    """The first of those at a number who may be the person of that name."""
    return next((one for one in known if same_person(one.name, name)), None)


@dataclass(slots=True)
class Somebody:
    """Somebody at a number: a contact that there is, or one that an earlier line will add."""

    name: str
    contact: Contact | None = None
    campaigns: set[int] = field(default_factory=set)  # in which they have a live callback


class Crowd:
    """Everybody at the numbers of a chunk of lines, with those of the file's earlier lines."""

    def __init__(self, e164s: Sequence[str]) -> None:
        found = contacts_at(e164s)
        ids = [contact.pk for contacts in found.values() for contact in contacts]
        live: dict[int, set[int]] = defaultdict(set)
        active = Callback.objects.filter(contact_id__in=ids, state__in=ACTIVE)
        for contact_id, campaign_id in active.values_list("contact_id", "campaign_id"):
            live[contact_id].add(campaign_id)
        self._at: dict[str, list[Somebody]] = defaultdict(list)
        for e164, contacts in found.items():
            self._at[e164] = [Somebody(one.name, one, live[one.pk]) for one in contacts]

    def replay(self, lines: Iterable[ExchangeLine]) -> None:
        """Let in whom earlier lines of the file will add."""
        for line in lines:
            self.take(line.e164, line.said["name"], line.said.get("campaign_id"))

    def whom(self, e164: str, name: str, campaign_id: int | None) -> Contact | None:
        """The contact that a line means, if there is one already; nothing is let in."""
        somebody = self._find(e164, name, campaign_id)
        return somebody.contact if somebody else None

    def take(self, e164: str, name: str, campaign_id: int | None) -> bool:
        """Let in the person of a line. Whether the line is merged into what there is."""
        somebody = self._find(e164, name, campaign_id)
        if somebody is None:
            somebody = Somebody(name)
            self._at[e164].insert(0, somebody)
            merged = False
        else:
            somebody.name = somebody.name or name
            merged = campaign_id is None or campaign_id in somebody.campaigns
        if campaign_id is not None:
            somebody.campaigns.add(campaign_id)
        return merged

    def _find(self, e164: str, name: str, campaign_id: int | None) -> Somebody | None:
        # One who has a live callback in the campaign comes first, as for a single request.
        at = sorted(self._at[e164], key=lambda one: campaign_id not in one.campaigns)
        return meant(at, name)
