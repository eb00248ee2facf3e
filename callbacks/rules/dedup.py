"""Are two requests one matter, and are two contacts one person? (RULES 5)."""

import hashlib
import unicodedata
from collections.abc import Mapping


def same_person(name: str, other: str) -> bool:
    """Whether two contacts with the same number may be taken for one.

    Equal after folding case, accents and spaces, or one of them has no name. Different names stay
    two people: they share a telephone.
    """
    left, right = _folded(name), _folded(other)
    return not left or not right or left == right


def _folded(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in decomposed if sign.isalnum())


def merged_text(before: str, addition: str) -> str:
    """The context after a merge: what is new is appended, what is there already is not repeated."""
    addition = addition.strip()
    if not addition or addition in before:
        return before
    return f"{before}\n\n{addition}" if before else addition


def fingerprint(fields: Mapping[str, object]) -> str:
    """A digest of a request's content: equal for the same request sent twice."""
    lines = (f"{name}={fields[name]!r}" for name in sorted(fields))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
