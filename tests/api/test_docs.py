"""docs/api.md is not ahead of the API, and not behind it."""

import json
import re
from pathlib import Path

import pytest

from agentdesk.keys import SCOPES
from callbacks.models import Callback
from callbacks.rules.reference import reference
from tests.factories import make_callback, make_campaign

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
PROBLEM, FORBID, FORBIDDEN, STANDING, CALL, CLOSED, UNDONE = (
    json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
)
LIST, CALLS = "/v1/do-not-call", "/v1/inbound-calls"


@pytest.fixture
def billing(db):
    return make_campaign(name="Billing", slug="billing")


def test_every_scope_is_explained():
    assert set(re.findall(r"^\| `(\w+)` \| `/v1", TEXT, re.MULTILINE)) == set(SCOPES)


def test_the_problem_is_what_is_answered(program):
    sent = {"number": "+44 20 7946 0134", "campaign": "biling"}
    assert program.post(LIST, sent).json() == PROBLEM


def test_the_list_answers_what_it_says(program, billing):
    assert program.post(LIST, FORBID).json() == {**FORBIDDEN, "cancelled": 0}
    other = {"number": "+442079460135", "campaign": "billing"}
    program.post(LIST, other)
    told = program.get(f"{LIST}/%2B442079460135").json()
    assert told.keys() == STANDING.keys()
    assert {**told["entries"][0], "since": ""} == {**STANDING["entries"][0], "since": ""}
    assert (told["listed"], told["everywhere"]) == (STANDING["listed"], STANDING["everywhere"])


def test_inbound_calls_answer_what_it_says(program, billing):
    callback = make_callback(billing)
    known = reference(callback.pk)
    told = program.post(CALLS, {**CALL, "number": str(callback.number.e164)}).json()
    assert told.keys() == CLOSED.keys()
    assert told["closed"] == [known]
    undone = program.post(f"{CALLS}/{CALL['call_id']}/undo").json()
    assert undone == {**UNDONE, "reopened": [known]}
    assert Callback.objects.get().state == "scheduled"
