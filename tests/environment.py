"""The environment that the tests' settings are read from.

pytest-django reads the settings before any conftest is loaded, so this is a plugin of its own
(``-p tests.environment`` in pyproject.toml). Each xdist worker loads it anew.
"""

import atexit
import os
import shutil
import tempfile

_telephony = tempfile.mkdtemp(prefix="ringback-telephony-")
atexit.register(shutil.rmtree, _telephony, ignore_errors=True)

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("SECRET_KEY", "tests only: no secret of anybody")
os.environ.setdefault("DNC_KEY", "tests only: the list of nobody")
os.environ.pop("RINGBACK_DEMO", None)
os.environ["RINGBACK_SIMULATOR_DIR"] = _telephony
# Forty threads race with a connection each.
os.environ.setdefault("DATABASE_POOL", "40")
