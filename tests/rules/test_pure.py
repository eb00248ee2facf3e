"""Rules are plain Python: no Django, no clock, no database."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for app in ("contacts", "campaigns", "callbacks")
    for path in (ROOT / app / "rules").glob("*.py")
)
LOOK = "import sys, importlib; importlib.import_module(sys.argv[1]); print('django' in sys.modules)"


def _imports_django(module: str) -> str:
    command = [sys.executable, "-c", LOOK, module]
    return subprocess.check_output(command, cwd=ROOT, text=True).strip()


def test_no_rule_imports_django():
    code = f"import sys, importlib\nfor name in {RULES!r}: importlib.import_module(name)\n"
    code += "print('django' in sys.modules)"
    answer = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
    assert answer.strip() == "False"


def test_the_look_at_imports_does_see_django_where_it_is():
    assert _imports_django("callbacks.notices") == "True"


def test_all_rules_are_looked_at():
    assert {"contacts.rules.phone", "campaigns.rules.windows", "callbacks.rules.gate"} <= set(RULES)


@pytest.mark.parametrize("path", [ROOT / (name.replace(".", "/") + ".py") for name in RULES])
def test_no_rule_reads_a_clock(path):
    if path.exists():
        text = path.read_text()
        for clock in ("datetime.now", "date.today", "time.time(", "utcnow", "monotonic"):
            assert clock not in text
