"""Put the numbers of a CSV file on the do-not-call list."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from callbacks.actions import dnc_import
from contacts.models import DncImport, DncImportLine

SHOWN = 20


class Command(BaseCommand):
    """``manage.py import_dnc FILE``: the same as the page, in one go."""

    help = "List the numbers of a CSV file: columns number, campaign (optional), reason (optional)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, how its numbers are read, and what to do."""
        parser.add_argument("file", type=Path)
        region = settings.PHONENUMBER_DEFAULT_REGION
        parser.add_argument("--region", default=region, help="of numbers without a country code")
        parser.add_argument("--check", action="store_true", help="say what would happen, and stop")
        parser.add_argument("--report", type=Path, help="write what became of each line to this")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, list, report. Raises CommandError for a file that cannot be read."""
        path: Path = options["file"]
        try:
            content = path.read_bytes()
            job = dnc_import.take_file(content, name=path.name, region=options["region"].upper())
        except (OSError, dnc_import.FileRefusedError) as error:
            raise CommandError(str(error)) from error
        dnc_import.finish(job.pk)
        if not options["check"]:
            dnc_import.start_import(job.pk)
            dnc_import.finish(job.pk)
        job.refresh_from_db()
        self._say(job)
        if options["report"]:
            with options["report"].open("w", newline="", encoding="utf-8") as out:
                csv.writer(out).writerows(dnc_import.report(job))
        if options["check"]:
            dnc_import.discard(job.pk)

    def _say(self, job: DncImport) -> None:
        refused = job.lines.filter(outcome=DncImportLine.Outcome.REFUSED).order_by("line")
        for line in refused[:SHOWN]:
            where = f"line {line.line}, {line.column}" if line.column else f"line {line.line}"
            self.stdout.write(f"{where}: {line.message}")
        if job.refused > SHOWN:
            self.stdout.write(f"… and {job.refused - SHOWN:,} more")
        if job.state == DncImport.State.DONE:
            self.stdout.write(
                f"{job.listed:,} listed, {job.known:,} listed already, {job.refused:,} refused; "
                f"{job.cancelled:,} callbacks cancelled"
            )
        else:
            would = dnc_import.forecast(job)
            self.stdout.write(
                f"{would.new:,} to be listed, {would.known:,} listed already, {job.refused:,} "
                f"refused; {would.callbacks:,} callbacks to be cancelled"
            )
