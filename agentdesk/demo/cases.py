"""A matter of one customer: the kind of trouble, filled in with the figures of their account."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from contacts.models import Interaction


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind of trouble: how customers put it, what was said before, how it ends.

    ``about`` begins with a line that stands alone; ``past`` is oldest first.
    """

    campaigns: tuple[str, ...]
    intent: str
    detail: str
    about: tuple[str, ...]
    case: tuple[str, ...]
    past: tuple[tuple[Interaction.Channel, str, str], ...]
    solved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A matter of one customer, with their own figures."""

    matter: Matter
    figures: Mapping[str, str]

    def told(self, text: str) -> str:
        """The text with this customer's figures."""
        return text.format_map(self.figures)

    def data(self) -> dict[str, str]:
        """What the desk shows beside the work."""
        return {name: self.figures[name.lower()] for name in ("Account", *self.matter.case)}


_CURRENCY = {
    "GB": "£", "US": "$", "CA": "CA$", "AU": "A$", "NZ": "NZ$", "CH": "CHF ", "SE": "SEK ",
    "DK": "DKK ", "NO": "NOK ", "PL": "PLN ", "IN": "₹", "SG": "S$", "ZA": "R", "JP": "¥",
    "BR": "R$", "": "£",
}  # fmt: skip
_STREETS = ("Alder Road", "Mill Lane", "Kestrel Court", "Station Parade", "Quay Street",
            "Beech Terrace", "Harbour View", "Foundry Yard")  # fmt: skip
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August")
_TARIFFS = ("Larkspur Fixed 24", "Meadow Tracker", "Night Saver", "Standard Variable")


def case_of(matter: Matter, region: str, account: str, luck: Random) -> Case:
    """The matter with figures drawn for one account."""
    euro = _CURRENCY.get(region, "€")
    return Case(
        matter,
        {
            "account": account,
            "invoice": f"INV-{luck.randint(204_000, 219_999)}",
            "amount": f"{euro}{luck.randint(18, 640)}.{luck.choice('02459')}{luck.choice('05')}",
            "monthly": f"{euro}{luck.randint(48, 210)}",
            "meter": f"{luck.randint(14, 24)}{luck.choice('EKLP')}{luck.randint(10**6, 10**7 - 1)}",
            "reading": f"{luck.randint(10_200, 68_900)}",
            "tariff": luck.choice(_TARIFFS),
            "month": luck.choice(_MONTHS),
            "address": f"{luck.randint(2, 148)} {luck.choice(_STREETS)}",
            "visit": f"{luck.choice(('08–12', '12–16', '16–20'))}",
            "job": f"FS-{luck.randint(41_000, 47_999)}",
        },
    )
