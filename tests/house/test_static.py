"""The house rules that tools can check, each run as a contributor runs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
APPS = ("contacts", "campaigns", "callbacks", "agentdesk", "config")
TOOLS = {
    "types": [sys.executable, "-m", "mypy", *APPS, "deploy", "manage.py"],
    "style": [sys.executable, "-m", "ruff", "check", "."],
    "format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "imports": [str(BIN / "lint-imports")],
    "templates": [sys.executable, "-m", "djlint", "--lint", "templates"],
    "security": [sys.executable, "-m", "bandit", "-q", "-c", "pyproject.toml", "-r", *APPS],
    "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
}


def run(command, cwd=ROOT):
    environment = {**os.environ, "DEBUG": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=cwd, env=environment, text=True, capture_output=True, check=False, timeout=170
    )


@pytest.mark.parametrize("tool", list(TOOLS))
def test_the_tool_finds_nothing(tool):
    done = run(TOOLS[tool])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("tool", "name", "text"),
    [
        ("style", "bad.py", "import os\n"),
        ("format", "bad.py", "x = {  'a':1 }\n"),
        ("templates", "templates/bad.html", "<div><p>{{ x }}</div>{% if %}\n<img src='a'>\n"),
    ],
)
def test_the_tool_does_find_what_is_wrong(tmp_path, tool, name, text):
    bad = tmp_path / name
    bad.parent.mkdir(exist_ok=True)
    bad.write_text(text)
    assert run(TOOLS[tool], cwd=tmp_path).returncode != 0


def test_mypy_is_strict_and_sees_a_missing_type(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("def double(x):\n    return x * 2\n")
    done = run([sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", str(bad)])
    assert "Function is missing a type annotation" in done.stdout
