"""The data that the demo runs on."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from agentdesk.demo.load import load
from agentdesk.demo.staff import accounts
from campaigns.models import Campaign

DEFAULT_SEED = 7


class Command(BaseCommand):
    """``manage.py demo``: fills an empty database, or lists the accounts to sign in with."""

    help = "Load demo data into an empty database. Only in demo mode."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said on the command line."""
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where campaigns exist"
        )
        parser.add_argument("--accounts", action="store_true", help="only list the demo accounts")
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="another fortnight")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, or list. Raises CommandError outside demo mode and where data would be mixed."""
        if not settings.DEMO:
            raise CommandError(
                "This is no demo: its accounts have a password that everybody knows. "
                "Set RINGBACK_DEMO=1 to allow them."
            )
        if options["accounts"]:
            self.stdout.write(accounts())
            return
        if Campaign.objects.exists():
            if not options["if_empty"]:
                raise CommandError("There are campaigns already: demo data needs an empty database")
            self.stdout.write("There are campaigns already: demo data is left as it is.")
            return
        self.stdout.write("Loading demo data:")
        load(options["seed"], lambda words: self.stdout.write(f"  {words}"))
