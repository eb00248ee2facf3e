"""The one clock that decides: the database's, read once per decision."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """The database's time, in UTC; inside a transaction, the moment at which it began."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        moment: datetime = cursor.fetchone()[0]
    return moment
