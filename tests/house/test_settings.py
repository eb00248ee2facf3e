"""Production settings: secure, nothing secret by default, no demo, no number in a log."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "SECRET_KEY": "k7#Vq2!mZ9@xT4$wL8%nR6^bY3&cF5*hJ1(dG0)pS-aE+uK=iO~tQ;vM:zW,yB.xN/rC?lD",
    "DNC_KEY": "another long key that only the do-not-call list is kept under, for years and years",
    "ALLOWED_HOSTS": "callbacks.example.com",
    "DATABASE_URL": "postgresql://nobody:nothing@localhost:1/none",
    "REDIS_URL": "redis://localhost:1/0",
}
OURS = (
    "DEBUG",
    "RINGBACK_DEMO",
    "RINGBACK_DIALER",
    "RINGBACK_SIMULATOR_DIR",
    "EMAIL_URL",
    *PRODUCTION,
)


def manage(*words, without=(), **more):
    """manage.py in an environment of its own."""
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    environment |= {name: value for name, value in PRODUCTION.items() if name not in without}
    environment |= more
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, text=True,
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip


def test_production_passes_djangos_own_check_without_a_warning():
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_check_does_find_a_weak_secret():
    done = manage("check", "--deploy", "--fail-level", "WARNING", SECRET_KEY="short")
    assert done.returncode != 0
    assert "security.W009" in done.stderr


@pytest.mark.parametrize("secret", ["SECRET_KEY", "DNC_KEY"])
def test_without_its_secrets_production_does_not_start(secret):
    done = manage("check", without=(secret,))
    assert done.returncode != 0
    assert secret in done.stderr


CAREFUL = {
    "DEBUG": False,
    "DEMO": False,
    "DIALER": "manual",  # nobody is rung by a simulator in production
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_SSL_REDIRECT": True,
}


def test_production_is_careful_unless_told_otherwise():
    code = "import json; from django.conf import settings; "
    code += f"print(json.dumps({{name: getattr(settings, name) for name in {list(CAREFUL)}}}))"
    done = manage("shell", "--no-imports", "-c", code)
    assert json.loads(done.stdout) == CAREFUL


@pytest.mark.parametrize("command", ["demo", "traffic"])
def test_the_demo_is_refused_in_production(command):
    done = manage(command)
    assert done.returncode != 0
    assert "This is no demo" in done.stderr


def test_the_policy_allows_no_inline_script_or_style(settings):
    policy = {
        name: [str(source) for source in sources] for name, sources in settings.SECURE_CSP.items()
    }
    assert policy["default-src"] == ["'none'"]
    for sources in policy.values():
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*"} & set(sources)


LOG = """
import structlog, logging, config.settings
from config.logs import configure
configure({"level": "INFO", "json": True})
number = "+447400123456"
structlog.get_logger("x").info("calling " + number, number=number, facts={"to": number})
logging.getLogger("y").warning("refused %s", number)
try:
    raise ValueError(number)
except ValueError:
    logging.getLogger("z").exception("broken")
"""


def test_no_number_leaves_the_process_in_a_log():
    environment = {**os.environ, "DEBUG": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LOG], cwd=ROOT, env=environment, text=True, capture_output=True,
        check=True, timeout=60,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert len(lines) == 3
    assert lines[0]["number"] == lines[0]["facts"]["to"] == "+44…56"
    assert "7400123456" not in done.stderr


# Hosts of package registries and mirrors; put together here, so that this file names none.
REGISTRIES = re.compile(
    r"\b(?:" + "|".join(
        (r"pypi\.", r"files\.pythonhosted\.", r"test\.pypi\.", r"registry\.npmjs\.", r"unpkg\.",
         r"cdn\.jsdelivr\.", r"cdnjs\.cloudflare\.", r"registry\.yarnpkg\.")
    ) + r")(?:org|com|net)\b|--index-url|--extra-index-url"
)  # fmt: skip


def tracked():
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def test_no_file_names_a_package_registry():
    found = []
    for path in tracked():
        if path != Path(__file__).resolve():
            text = path.read_text(errors="ignore")
            found += [f"{path.relative_to(ROOT)}: {hit}" for hit in REGISTRIES.findall(text)]
    assert found == []
    assert len(tracked()) > 50


@pytest.mark.parametrize("planted", ["https://py" + "pi.org/simple", "--index" + "-url https://x"])
def test_a_planted_registry_is_found(planted):
    assert REGISTRIES.search(planted)
