"""Two who import the same file into an empty table, each in a process of its own.

``python -m bench.exchange.contenders WHO ROWS`` prints seconds, megabytes at most, and how many
contacts there are afterwards.
"""

import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("SECRET_KEY", "bench")
os.environ.setdefault("DNC_KEY", "bench")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import tablib  # noqa: E402
from import_export import fields, instance_loaders, resources, widgets  # noqa: E402

from callbacks.exchange import jobs  # noqa: E402
from callbacks.exchange.jobs import Options  # noqa: E402
from contacts.actions import lock_number  # noqa: E402
from contacts.models import Contact, ContactNumber  # noqa: E402
from contacts.rules.phone import read_number  # noqa: E402
from contacts.rules.timezones import zones_of_number  # noqa: E402

HEADINGS = ("number", "name", "zone")
ANYWHERE: frozenset[str] = frozenset()


def row(place: int) -> tuple[str, str, str]:
    """One line: another British mobile number each, now and then in another zone."""
    return f"+4474{place:08d}", f"Person {place}", "Europe/Lisbon" if place % 50 == 0 else ""


def _chunks(rows: int) -> Any:
    yield (",".join(HEADINGS) + "\n").encode()
    for first in range(0, rows, 500):
        lines = (",".join(row(place)) for place in range(first, min(first + 500, rows)))
        yield ("\n".join(lines) + "\n").encode()


def ours(rows: int) -> None:
    """The product: stored, checked line by line, imported in chunks."""
    options = Options("contacts", "GB", "Europe/London")
    job = jobs.take_file(_chunks(rows), name="bench.csv", options=options)
    assert jobs.choose_columns(job.pk, job.columns)
    jobs.finish(job.pk)
    assert jobs.start_import(job.pk)
    jobs.finish(job.pk)


class _ByNumber(instance_loaders.BaseInstanceLoader):
    def get_instance(self, row: Any) -> Contact | None:
        return Contact.objects.filter(numbers__e164=row["number"], name=row["name"]).first()


class _Zone(widgets.Widget):
    def clean(self, value: str, row: Any = None, **kwargs: Any) -> list[str]:
        return [value] if value else ["Europe/London"]


class People(resources.ModelResource):
    """What the library does by default: found, compared and saved row by row."""

    zones = fields.Field(attribute="zones", column_name="zone", widget=_Zone())

    class Meta:
        model = Contact
        fields = ("name", "zones")
        import_id_fields: tuple[str, ...] = ()
        instance_loader_class = _ByNumber

    def get_or_init_instance(self, instance_loader: Any, row: Any) -> tuple[Contact, bool]:
        found = instance_loader.get_instance(row)
        return (found, False) if found else (self.init_instance(row), True)

    def after_save_instance(self, instance: Contact, row: Any, **kwargs: Any) -> None:
        """The number, as a single request stores it."""
        number = lock_number(read_number(row["number"], "GB", ANYWHERE))
        ContactNumber.objects.get_or_create(contact=instance, number=number)


def library(rows: int) -> None:
    """``ModelResource.import_data`` with its default options."""
    data = tablib.Dataset(headers=HEADINGS)
    for place in range(rows):
        data.append(row(place))
    result = People().import_data(data, raise_errors=True)
    assert result.totals["new"] == rows


WHO: dict[str, Callable[[int], None]] = {"ours": ours, "library": library}


def main(who: str, rows: int) -> None:
    """Import once, and say what it took."""
    zones_of_number(read_number(row(0)[0], "GB", ANYWHERE).e164)  # the numbering plans are loaded
    started = time.monotonic()
    WHO[who](rows)
    seconds = time.monotonic() - started
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(seconds, megabytes, Contact.objects.count())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
