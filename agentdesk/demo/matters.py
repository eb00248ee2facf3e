"""What people call an energy supplier about: the texts of ``matters.toml``."""

import tomllib
from pathlib import Path

from agentdesk.demo.cases import Matter
from contacts.models import Interaction

_TEXTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

MATTERS = tuple(
    Matter(
        campaigns=tuple(one["campaigns"]),
        intent=one["intent"],
        detail=one["detail"],
        about=tuple(one["about"]),
        case=tuple(one["case"]),
        past=tuple(
            (Interaction.Channel(channel), subject, summary)
            for channel, subject, summary in one["past"]
        ),
        solved=tuple(one["solved"]),
    )
    for one in _TEXTS["matters"]
)
UNREACHED: dict[str, list[str]] = _TEXTS["unreached"]
STILL_OPEN = (
    "Spoke, customer has no time now. Agreed on another moment.",
    "Needs the papers from home first. Agreed on a time.",
)


def matters_of(campaign: str) -> list[Matter]:
    """The matters that the campaign calls about."""
    return [matter for matter in MATTERS if campaign in matter.campaigns]
