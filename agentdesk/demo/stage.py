"""What the plans draw from: the customers, the hours, the agents, and chance."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from agentdesk.demo.cases import Case, Matter, case_of
from agentdesk.demo.history import Life
from agentdesk.demo.matters import matters_of
from agentdesk.demo.people import Person
from agentdesk.demo.promises import Promise
from agentdesk.demo.rota import Rota
from agentdesk.models import User
from callbacks.models import Callback
from campaigns.models import Campaign
from campaigns.queries import Book, OfCampaign, Whom, rule_book
from campaigns.rules.spans import Span
from campaigns.rules.windows import Window
from contacts.models import Interaction

_OFFICE = ZoneInfo("Europe/London")
_OPENS, _CLOSES = 8, 20
PAST, FUTURE = timedelta(days=24), timedelta(days=16)


@dataclass
class Stage:
    """One loading of the demo, at one moment."""

    now: datetime
    luck: Random
    campaigns: dict[str, Campaign]
    rota: Rota
    supervisor: User
    people: Sequence[Person]
    book: Book = field(default_factory=rule_book)
    cast: dict[Life, tuple[Person, Case]] = field(default_factory=dict)
    spoken: list[Interaction] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting = {slug: self._shuffled() for slug in self.campaigns}
        self._accounts: dict[int, str] = {}
        self._decks: dict[str, list[Matter]] = {}
        self._spans: dict[tuple[str, ...], list[Span]] = {}
        # Python keeps only eight zones alive by itself and would read the others again and again.
        self._zones = {zone: ZoneInfo(zone) for one in self.people for zone in one.contact.zones}
        self.policies = {one.pk: self.book.policies(one.pk) for one in self.campaigns.values()}

    def _shuffled(self) -> list[Person]:
        # Whoever has no zone is cast by name.
        people = [one for one in self.people if one.contact.zones]
        self.luck.shuffle(people)
        return people

    def window(self, person: Person, slug: str) -> Window:
        """When the campaign may call this person."""
        zones = tuple(person.contact.zones)
        campaign = self.campaigns[slug]
        whom = Whom(str(person.number.e164), person.region, zones)
        return self.book.window(OfCampaign.row(campaign), whom)

    def _matter(self, slug: str) -> Matter:
        """The next from a shuffled deck, so that none comes up far more often than others."""
        deck = self._decks.setdefault(slug, [])
        if not deck:
            deck += self.luck.sample(of := matters_of(slug), len(of))
        return deck.pop()

    def is_open(self, person: Person, slug: str, *instants: datetime) -> bool:
        """Whether the campaign may call this person at all of these moments."""
        key = (slug, person.region, *person.contact.zones)
        if key not in self._spans:
            window = self.window(person, slug)
            self._spans[key] = window.spans(self.now - PAST, (PAST + FUTURE).days)
        spans = self._spans[key]
        return all(_covers(spans, instant) for instant in instants)

    def take(
        self,
        slugs: Sequence[str],
        *instants: datetime,
        fits: Callable[[Person], bool] = lambda _: True,
    ) -> tuple[Person, str]:
        """Somebody who may be called at these moments, by a campaign that they are new to.

        Where there is nobody, somebody who may be called at the first, or at another time: at
        night few people may be.
        """
        order = self.luck.sample(slugs, len(slugs))
        for wanted in (instants, instants[:1], ()):
            for slug in order:
                for person in self._waiting[slug]:
                    if fits(person) and self.is_open(person, slug, *wanted):
                        self.cast_out(person, slug)
                        return person, slug
        raise LookupError("Everybody has a callback already")

    def cast_out(self, person: Person, slug: str) -> None:
        """Somebody is cast by name, so nobody else takes them in that campaign."""
        self._waiting[slug] = [one for one in self._waiting[slug] if one is not person]

    def retire(self, person: Person) -> None:
        """No campaign calls this number again."""
        for slug, waiting in self._waiting.items():
            self._waiting[slug] = [one for one in waiting if one.number is not person.number]

    def begin(
        self,
        person: Person,
        slug: str,
        asked_at: datetime,
        promise: Promise,
        *,
        kind: Callback.Kind = Callback.Kind.CUSTOMER,
        by: User | None = None,
    ) -> Life:
        """A new callback about a matter of the person."""
        case = self._case(person, slug)
        callback = Callback(
            contact=person.contact,
            number=person.number,
            campaign=self.campaigns[slug],
            kind=kind,
            about=case.told(self.luck.choice(case.matter.about)),
            case=case.data(),
            counts_from=asked_at,
            created_at=asked_at,
        )
        life = Life(callback, promise, by)
        self.cast[life] = person, case
        return life

    def _case(self, person: Person, slug: str) -> Case:
        account = self._accounts.setdefault(
            person.contact.pk, f"LE-{self.luck.randint(80_000, 98_999)}"
        )
        return case_of(self._matter(slug), person.region, account, self.luck)

    def moment(self, low: timedelta, high: timedelta) -> datetime:
        """A round time so far from now, in office hours where there are any."""
        for _ in range(20):
            found = _rounded(self.now + low + self.luck.random() * (high - low))
            if _OPENS <= found.astimezone(_OFFICE).hour < _CLOSES:
                break
        return found

    def office_hours(self, instant: datetime) -> datetime:
        """The moment itself, or the office hours before it."""
        here = instant.astimezone(_OFFICE)
        if here.hour < _OPENS:
            here = (here - timedelta(days=1)).replace(hour=_CLOSES - 2)
        elif here.hour >= _CLOSES:
            here = here.replace(hour=_CLOSES - 1)
        return here.astimezone(UTC)

    def ago(self, low: float, high: float) -> datetime:
        """A moment between ``low`` and ``high`` minutes before now."""
        return self.now - timedelta(minutes=self.luck.uniform(low, high))


def _rounded(instant: datetime) -> datetime:
    """Down to five minutes: nobody promises 14:03."""
    return instant.replace(minute=instant.minute // 5 * 5, second=0, microsecond=0)


def _covers(spans: Sequence[Span], instant: datetime) -> bool:
    place = bisect_right(spans, instant, key=lambda span: span.start)
    return place > 0 and instant < spans[place - 1].end
