"""Valkey is gone: a request is saved all the same, and nobody waits for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from callbacks.models import Callback

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
ASK = """
import time, uuid, django
django.setup()
from callbacks.actions.intake import Request, request_callback
from campaigns.models import Campaign
from contacts.rules.phone import read_number
number = read_number("+447400123456", "GB", frozenset())
began = time.monotonic()
request_callback(Request(Campaign.objects.get(), number, uuid.uuid4()))
print("saved", time.monotonic() - began)
from django.db import connection
connection.close()
connection.close_pool()
"""


def test_a_request_is_saved_and_waits_for_no_broker(campaign):
    database = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(
        **settings.DATABASES["default"]
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database,
        "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody listens on port 1
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=environment, text=True, capture_output=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "lost" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert Callback.objects.count() == 1
    # Kombu alone would try for 6 s; without a broker it takes a few hundredths.
    assert float(done.stdout.split("saved ")[1].split()[0]) < 4
