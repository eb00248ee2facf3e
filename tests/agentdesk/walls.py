"""What tests of the wallboard share: its figures, its tiles, and rows as they should be."""

from datetime import timedelta

from agentdesk.tiles import wall
from agentdesk.wallboard import figures
from contacts import clock

ZONE = "Europe/London"
S, M, H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
ADDRESS = "/wallboard/"


def now_shown():
    return figures(clock.now(), ZONE)


def tiles():
    return {one.key: one for one in wall(now_shown(), ZONE)["tiles"]}


def put(row, **columns):
    type(row).objects.filter(pk=row.pk).update(**columns)
