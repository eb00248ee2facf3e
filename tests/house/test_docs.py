"""The tables of docs/rules are those that the rules and their tests give today."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from callbacks.rules.states import TRANSITIONS, Event, State
from tests.rules import write_docs
from tests.rules.examples.states import EVENTS, STATES

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted(ROOT.glob("docs/rules/*.md"))


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_the_file_is_what_the_examples_give(path):
    text = path.read_text()
    assert text == write_docs.render(path.name, text), "run python -m tests.rules.write_docs"


def test_every_file_has_its_writer():
    assert {path.name for path in DOCS} == set(write_docs.WRITERS)


def test_a_changed_cell_is_noticed():
    text = (ROOT / "docs/rules/retries.md").read_text()
    stale = text.replace("| busy | 1 hour | 5 |", "| busy | 2 hours | 5 |")
    assert stale != text
    assert write_docs.render("retries.md", stale) == text


def test_a_removed_block_is_noticed():
    text = (ROOT / "docs/rules/gate.md").read_text()
    with pytest.raises(ValueError, match="no block for order"):
        write_docs.render("gate.md", text.replace("generated: order", "by hand"))


def test_every_state_and_event_is_explained():
    assert set(STATES) == set(State)
    assert set(EVENTS) == set(Event)


def test_the_diagram_has_every_row_of_the_table():
    drawn = re.findall(r"^    (\w+) --> (\w+): (.+)$", write_docs.diagram(), re.MULTILINE)
    rows = {
        (start, event.replace(" ", "_"), end)
        for start, end, events in drawn
        for event in events.split(" · ")
    }
    assert rows == {(start, event, end) for (start, event), end in TRANSITIONS.items()}


def test_the_writer_puts_a_stale_file_right_and_leaves_the_others_alone(
    tmp_path, monkeypatch, capsys
):
    for path in DOCS:
        (tmp_path / path.name).write_text(write_docs.render(path.name, path.read_text()))
    stale = tmp_path / "retries.md"
    right = stale.read_text()
    stale.write_text(right.replace("| busy | 1 hour | 5 |", "| busy | 2 hours | 5 |"))
    monkeypatch.setattr(write_docs, "FOLDER", tmp_path)
    write_docs.main()
    assert capsys.readouterr().out == "docs/rules/retries.md written\n"
    assert stale.read_text() == right
    write_docs.main()
    assert capsys.readouterr().out == ""


def test_the_writer_needs_no_test_runner_and_no_django():
    code = "import sys, tests.rules.write_docs; print({'pytest', 'django'} & set(sys.modules))"
    done = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
    assert done.strip() == "set()"


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_between_the_files_lead_somewhere(path):
    text = path.read_text()
    for file, anchor in re.findall(r"\]\(([\w./-]+\.md)(?:#([\w-]+))?\)", text):
        other = path.parent / file
        assert other.exists()
        heads = re.findall(r"^#+ (.+)$", other.read_text(), re.MULTILINE)
        slugs = {re.sub(r"[^\w -]", "", head).strip().lower().replace(" ", "-") for head in heads}
        assert not anchor or anchor in slugs
