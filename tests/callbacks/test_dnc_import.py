"""A do-not-call list from a file: a report for every line, and nobody on it is called."""

from itertools import pairwise

import pytest

from callbacks.actions import dnc_import
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.dnc_import import (
    FileRefusedError,
    discard,
    do_chunk,
    finish,
    forecast,
    report,
    start_import,
    take_file,
    work_off_imports,
)
from callbacks.actions.intake import IntakeRefusedError, request_callback
from callbacks.models import Callback
from callbacks.queue import CUSTOMER
from contacts.actions import dnc_hash
from contacts.models import Contact, DncImport, DncImportLine, DoNotCall, PhoneNumber
from tests.callbacks.race import at_once, errors
from tests.factories import (
    make_callback,
    make_campaign,
    make_number,
    make_request,
    offered,
    snapshot,
    story,
)


def imported(text, **options):
    """The import of a text, checked and listed."""
    job = checked(text, **options)
    assert start_import(job.pk)
    finish(job.pk)
    job.refresh_from_db()
    return job


def checked(text, region="GB", name="list.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    job = take_file(content, name=name, region=region)
    finish(job.pk)
    job.refresh_from_db()
    return job


def outcomes(job):
    found = job.lines.order_by("line")
    return list(found.values_list("line", "outcome", "column", "code"))


def on_list(*e164s, scope=""):
    hashes = set(DoNotCall.objects.filter(scope=scope).values_list("number_hash", flat=True))
    return [dnc_hash(e164) in hashes for e164 in e164s]


def test_every_line_gets_its_outcome(campaign):
    there = make_number().e164
    DoNotCall.objects.create(number_hash=dnc_hash(there))
    text = (
        f"Number;Campaign;Reason\n"
        f"020 7946 0134;;Asked by letter\n"
        f"{there};;\n"
        f"\n"
        f"12;;\n"
        f";;forgot it\n"
        f"+44 20 7946 0135;{campaign.slug};\n"
        f"+44 20 7946 0136;no-such-one;\n"
        f"+442079460134;;again\n"
        f"+44 20 7946 0137;;{'x' * 201}\n"
    )
    job = imported(text)
    assert outcomes(job) == [
        (2, "listed", "", ""),
        (3, "known", "", ""),
        (5, "refused", "number", "impossible"),
        (6, "refused", "number", "required"),
        (7, "listed", "", ""),
        (8, "refused", "campaign", "unknown"),
        (9, "known", "", ""),
        (10, "refused", "reason", "long"),
    ]
    assert (job.total, job.refused, job.listed, job.known) == (8, 4, 2, 2)
    assert on_list("+442079460134", "+442079460135", "+442079460136") == [True, False, False]
    assert on_list("+442079460135", scope=campaign.slug) == [True]
    entry = DoNotCall.objects.get(number_hash=dnc_hash("+442079460134"))
    assert (entry.reason, entry.source) == ("Asked by letter", "import")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_usual_kinds_of_csv_are_read(db, delimiter, bom, end):
    lines = [["reason", "number"], ['"a, b; c | d"', "020 7946 0134"], ["x", "+351 912 345 678"]]
    text = bom + end.join(delimiter.join(cells) for cells in lines).encode()
    assert imported(text).listed == 2
    assert on_list("+442079460134", "+351912345678") == [True, True]


def test_one_column_alone_is_a_list(db):
    assert imported("number\n020 7946 0134\n").listed == 1


def test_national_numbers_are_read_in_the_chosen_region(db):
    job = imported("number\n(212) 555-2368\n", region="US")
    assert job.listed == 1
    assert on_list("+12125552368") == [True]
    assert outcomes(checked("number\n(212) 555-2368\n"))[0][3] == "impossible"


def test_lines_that_no_form_takes_can_be_left_in_peace(db):
    """Premium-rate, freephone and internet numbers: nobody has to be promised a call."""
    assert imported("number\n+449098790000\n+448081570000\n+445600123456\n").listed == 3


def test_columns_that_are_not_read_are_named(db):
    job = checked("id,number,campain\n1,020 7946 0134,x\n")
    assert (job.ignored, job.state) == (["id", "campain"], "ready")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"  \n\n", "empty"),
        (b"020 7946 0134\n", "header"),
        (b"\nnumber\n020 7946 0134\n", "header"),
        (b"phone,reason\n020 7946 0134,x\n", "header"),
        (b'"' + b"x" * 140_000, "header"),
        (b"number\n\xff\xfe\n", "encoding"),
        ("number\n020".encode("utf-16"), "encoding"),
        (b"number\nab\0c\n", "encoding"),
        (b"number\n" + b"1\n" * 100_001, "lines"),
        (b"number\r" + b"1\r" * 100_001, "lines"),
        (b"number\n" + b" " * 10_000_000, "large"),
    ],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(db, content, code):
    before = snapshot()
    with pytest.raises(FileRefusedError) as refused:
        take_file(content, name="x.csv", region="GB")
    assert refused.value.code == code
    assert not DncImport.objects.exists()
    assert snapshot() == before


def test_the_line_with_the_wrong_bytes_is_named(db):
    with pytest.raises(FileRefusedError, match="Line 3 is not UTF-8"):
        take_file(b"number\n1\nM\xfcller\n", name="x.csv", region="GB")


def test_an_open_quotation_mark_does_not_swallow_lines_silently(db):
    job = checked('number\n"020 7946 0134\n020 7946 0135\n020 7946 0136\n')
    assert outcomes(job) == [(2, "refused", "", "quote")]
    swallowed = checked('number\n"' + "x" * 140_000 + "\n020 7946 0135\n")
    assert outcomes(swallowed)[0] == (2, "refused", "", "unreadable")


def test_checking_alone_changes_nothing_but_says_what_would_happen(campaign):
    waiting = make_callback(campaign)
    make_callback(make_campaign(), contact=waiting.contact)
    listed = make_number().e164
    DoNotCall.objects.create(number_hash=dnc_hash(listed))
    before = snapshot()
    number = waiting.number.e164
    job = checked(f"number,campaign\n{number},{campaign.slug}\n{listed},\n{listed},\n1,\n")
    told = forecast(job)
    assert (told.new, told.known, told.callbacks) == (1, 2, 1)
    everywhere = checked(f"number\n{number}\n")
    assert forecast(everywhere).callbacks == 2
    assert snapshot() == before


def test_what_was_forecast_happens(campaign):
    callbacks = [make_callback(campaign) for _ in range(3)]
    numbers = [str(one.number.e164) for one in callbacks]
    job = checked("number\n" + "\n".join(numbers[:2]) + "\n")
    told = forecast(job)
    start_import(job.pk)
    finish(job.pk)
    job.refresh_from_db()
    assert (job.listed, job.known, job.cancelled) == (told.new, told.known, told.callbacks)
    states = [Callback.objects.get(pk=one.pk).state for one in callbacks]
    assert states == ["cancelled", "cancelled", "scheduled"]
    assert job.lines.get(line=2).cancelled == 1


def test_offers_are_withdrawn_and_the_story_says_who(campaign, agent):
    callback = make_callback(campaign)
    offered(agent, callback)
    job = take_file(f"number\n{callback.number.e164}\n".encode(), name="x.csv", region="GB",
                    user_id=agent.pk)  # fmt: skip
    finish(job.pk)
    start_import(job.pk)
    finish(job.pk)
    told = callback.events.latest("pk")
    assert (told.name, told.actor_id, told.reason) == ("cancel", agent.pk, "Do not call")


def test_a_list_of_one_campaign_leaves_the_others_alone(campaign):
    callback = make_callback(campaign)
    other = make_callback(make_campaign(), contact=callback.contact)
    imported(f"number,campaign\n{callback.number.e164},{campaign.slug.upper()}\n")
    assert story(callback) == ["request", "cancel"]
    assert story(other) == ["request"]


def test_an_unknown_number_is_listed_without_a_contact_or_a_number_row(campaign):
    number = make_number()
    imported(f"number\n{number.e164}\n")
    assert not PhoneNumber.objects.exists()
    assert not Contact.objects.exists()
    before = snapshot()
    with pytest.raises(IntakeRefusedError) as refused:
        request_callback(make_request(campaign, number=number))
    assert refused.value.code == "do_not_call"
    assert snapshot() == before
    assert request_callback(make_request(campaign)).callback.pk  # any other number is taken


def test_no_plain_number_outlives_the_check(db):
    job = imported("number\n+447400123456\n")
    rows = [*DncImport.objects.values_list(), *DncImportLine.objects.values_list()]
    assert "7400123456" not in str(rows)
    assert job.content == ""


def test_the_report_names_every_line_and_no_number(db):
    job = imported("number\n+447400123456\nnonsense\n")
    lines = list(report(job))
    assert lines[1:] == [
        [2, "listed", "", "", "", "", 0],
        [3, "refused", "number", "impossible",
         "This is no telephone number, read as one of GB", "", 0],
    ]  # fmt: skip
    assert "7400123456" not in str(lines)


# --- chunks


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(dnc_import, "CHUNK", 3)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 7, 10])
def test_chunks_leave_out_no_line_and_take_none_twice(small_chunks, campaign, count):
    callbacks = [make_callback(campaign) for _ in range(count)]
    text = "number\r\n" + "\r\n\r\n".join(str(one.number.e164) for one in callbacks)
    job = imported(text)
    assert [line for line, *_ in outcomes(job)] == list(range(2, 2 + 2 * count, 2))
    assert (job.total, job.listed, job.cancelled, job.state) == (count, count, count, "done")


def test_an_interrupted_import_leaves_whole_chunks_and_goes_on(small_chunks, campaign, monkeypatch):
    callbacks = [make_callback(campaign) for _ in range(7)]
    text = "number\n" + "\n".join(str(one.number.e164) for one in callbacks)
    job = take_file(text.encode(), name="x.csv", region="GB")
    do_chunk(job.pk)
    job.refresh_from_db()
    assert (job.total, job.state) == (3, "checking")
    finish(job.pk)
    start_import(job.pk)
    do_chunk(job.pk)

    def power_cut(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(DncImport, "save", power_cut)  # after the chunk's work, before its end
        with pytest.raises(KeyboardInterrupt):
            do_chunk(job.pk)
    job.refresh_from_db()
    assert (job.listed, job.state, job.percent) == (3, "importing", 42)
    assert DoNotCall.objects.count() == 3
    assert Callback.objects.filter(state="cancelled").count() == 3
    work_off_imports()
    job.refresh_from_db()
    assert (job.listed, job.cancelled, job.state) == (7, 7, "done")
    assert {tuple(story(one)) for one in callbacks} == {("request", "cancel")}


def test_an_import_starts_once_and_only_when_checked(db):
    job = take_file(b"number\n+447400123456\n", name="x.csv", region="GB")
    assert not start_import(job.pk)
    finish(job.pk)
    assert start_import(job.pk)
    assert not start_import(job.pk)
    assert not discard(job.pk)
    finish(job.pk)
    assert not start_import(job.pk)
    assert not discard(job.pk)
    assert DncImport.objects.get().listed == 1


def test_a_discarded_file_is_forgotten(db):
    job = checked("number\n+447400123456\n")
    assert discard(job.pk)
    assert not DncImport.objects.exists()
    assert not DncImportLine.objects.exists()
    assert work_off_imports() == 0
    assert not DoNotCall.objects.exists()


def test_nothing_waiting_is_nothing_done(db):
    assert work_off_imports() == 0


# --- at the same moment


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("races")
def test_imports_requests_and_single_entries_do_not_wait_in_a_circle(small_chunks):
    campaign = make_campaign()
    callbacks = [make_callback(campaign) for _ in range(6)]
    for one, other in pairwise(callbacks):  # each is concerned by two numbers
        one.contact.numbers.add(other.number)
    numbers = [str(one.number.e164) for one in callbacks]
    jobs = [checked("number\n" + "\n".join(order)) for order in (numbers, numbers[::-1])]
    for job in jobs:
        start_import(job.pk)
    acts = [lambda job=job: finish(job.pk) for job in jobs]
    acts += [
        lambda one=one: forbid_calls(one.number, reason="Asked", actor=CUSTOMER)
        for one in callbacks[::-1]
    ]
    answers = at_once(*acts)
    assert errors(answers) == []
    assert {tuple(story(one)) for one in callbacks} == {("request", "cancel")}
    assert DoNotCall.objects.count() == 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("races")
def test_two_workers_share_one_import_without_doing_a_line_twice(small_chunks):
    campaign = make_campaign()
    callbacks = [make_callback(campaign) for _ in range(12)]
    job = checked("number\n" + "\n".join(str(one.number.e164) for one in callbacks))
    start_import(job.pk)
    answers = at_once(*[work_off_imports] * 3)
    assert errors(answers) == []
    work_off_imports()  # a worker that found it taken has gone
    job.refresh_from_db()
    assert (job.listed, job.known, job.cancelled, job.state) == (12, 0, 12, "done")
    assert {tuple(story(one)) for one in callbacks} == {("request", "cancel")}
