"""`python -m bench [NAME] [options]`: run one bench, or all of them."""

import os
import sys
from collections.abc import Callable, Sequence

# Measurements have no secrets, and none has to be set for them.
os.environ.setdefault("SECRET_KEY", "bench")
os.environ.setdefault("DNC_KEY", "bench")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def _claim(words: Sequence[str]) -> None:
    import django  # noqa: PLC0415  the environment is set up first

    django.setup()
    from bench.claim.run import main  # noqa: PLC0415  it needs the models

    main(words)


BENCHES: dict[str, Callable[[Sequence[str]], None]] = {"claim": _claim}


def main(words: Sequence[str]) -> int:
    """Dispatch by name; without a name, run everything with the same options."""
    named = bool(words) and not words[0].startswith("-")
    if named and words[0] not in BENCHES:
        print(f"There is no bench {words[0]!r}. There is: {', '.join(BENCHES)}.")
        return 2
    names = [words[0]] if named else list(BENCHES)
    for name in names:
        BENCHES[name](words[1:] if named else words)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
