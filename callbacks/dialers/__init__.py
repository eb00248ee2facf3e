"""The way to a telephone network. Knows numbers and keys, no table."""

from functools import lru_cache

from django.conf import settings

from callbacks.dialers.base import Dialer
from callbacks.dialers.manual import ManualDialer
from callbacks.dialers.simulator import Simulator


@lru_cache(maxsize=1)
def get_dialer() -> Dialer:
    """The dialer that the settings name: ``simulator`` or ``manual``."""
    if settings.DIALER == "simulator":
        return Simulator(settings.SIMULATOR_DIR)
    return ManualDialer()
