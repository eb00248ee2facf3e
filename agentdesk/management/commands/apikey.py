"""Keys of programs: create, list, revoke."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agentdesk import keys


class Command(BaseCommand):
    """``manage.py apikey create NAME --scope dnc``, ``apikey list``, ``apikey revoke PREFIX``."""

    help = "Create, list and revoke the API keys of programs. A secret is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, with which key."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="a new key; a name may have two live ones")
        create.add_argument("name", help="whose key it is")
        create.add_argument("--scope", action="append", required=True, choices=sorted(keys.SCOPES))
        create.add_argument("--days", type=int, default=90, help="how long it lives")
        verbs.add_parser("list", help="every key, without its secret")
        revoke = verbs.add_parser("revoke", help="end a key at once")
        revoke.add_argument("prefix", help="as the list shows it, or the whole token")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it. Raises CommandError where that is refused."""
        if options["verb"] == "create":
            self._create(options["name"], options["scope"], options["days"])
        elif options["verb"] == "list":
            self._list()
        else:
            self._revoke(options["prefix"].partition(".")[0])

    def _create(self, name: str, scopes: list[str], days: int) -> None:
        try:
            key, token = keys.create_key(name, scopes=scopes, days=days)
        except keys.KeyRefusedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(token)
        self.stderr.write(
            f"For {key.name}, until {key.expires_at:%Y-%m-%d %H:%M} UTC. "
            "Keep it now: it cannot be shown again."
        )

    def _list(self) -> None:
        for key in keys.all_keys():
            state = "revoked" if key.revoked_at else "over" if key.over else "live"
            used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
            self.stdout.write(
                f"{key.prefix}  {state:8}{key.name}  {','.join(key.scopes)}  "
                f"until {key.expires_at:%Y-%m-%d}  used {used}"
            )

    def _revoke(self, prefix: str) -> None:
        if not keys.revoke_key(prefix):
            raise CommandError(f"There is no live key {prefix}")
        self.stdout.write(f"Revoked {prefix}")
