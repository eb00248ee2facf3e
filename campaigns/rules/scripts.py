"""What the agent says first, with the gaps closed (RULES 7, "Opening scripts")."""

import re
from collections.abc import Iterator, Mapping

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_VARIABLE = re.compile(r"\{(\w+)\}")
_NEUTRAL = {"customer_name": "there", "agent_name": "a colleague", "company": "us"}

DEFAULT = (
    "Hello {customer_name}, this is {agent_name} from {company}[ {department}]"
    "[, about {issue}].[ You wrote to us: ‘{their_words}’]"
)


def opening(text: str, variables: Mapping[str, str]) -> list[tuple[str, bool]]:
    """The script in pieces: text, and whether it was filled in.

    A part in square brackets disappears when a variable in it is unknown; elsewhere an unknown
    variable becomes a neutral word. Braces are never printed.
    """
    return list(_filled(_OPTIONAL.sub(lambda part: _kept(part[1], variables), text), variables))


def _kept(part: str, variables: Mapping[str, str]) -> str:
    return part if all(variables.get(name) for name in _VARIABLE.findall(part)) else ""


def _filled(text: str, variables: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    position = 0
    for found in _VARIABLE.finditer(text):
        if before := text[position : found.start()]:
            yield before, False
        if value := variables.get(found[1]) or _NEUTRAL.get(found[1], ""):
            yield value, True
        position = found.end()
    if rest := text[position:]:
        yield rest, False
