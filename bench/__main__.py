"""`python -m bench [NAME] [options]`: run one bench, or all of them."""

import importlib
import os
import sys
from collections.abc import Sequence

# Measurements have no secrets, and none has to be set for them.
os.environ.setdefault("SECRET_KEY", "bench")
os.environ.setdefault("DNC_KEY", "bench")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


BENCHES = ("claim", "outcome", "churn", "queue_page", "bulk", "exchange")


def main(words: Sequence[str]) -> int:
    """Dispatch by name; without a name, run everything with the same options."""
    named = bool(words) and not words[0].startswith("-")
    if named and words[0] not in BENCHES:
        print(f"There is no bench {words[0]!r}. There is: {', '.join(BENCHES)}.")
        return 2
    import django  # noqa: PLC0415  the environment is set up first

    django.setup()
    for name in [words[0]] if named else BENCHES:
        bench = importlib.import_module(f"bench.{name}.run")
        bench.main(words[1:] if named else words)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
