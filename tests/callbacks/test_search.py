"""What a supervisor types finds the callbacks they mean, by an index."""

import pytest
from django.db import connection
from django.db.models import QuerySet

from callbacks import search
from callbacks.models import Callback
from callbacks.search import found, text_filter
from contacts.models import Contact, ContactNumber, PhoneNumber
from tests.factories import make_callback, make_campaign, make_contact

pytestmark = pytest.mark.django_db


def meant(text: str) -> set[int]:
    return set(Callback.objects.filter(text_filter(text)).values_list("pk", flat=True))


def contact_at(e164: str, name: str = "Ines Carvalho") -> Contact:
    number = PhoneNumber.objects.create(e164=e164, dnc_hash=e164)
    return make_contact(name, number=number)


@pytest.fixture
def london() -> Callback:
    """Waits for somebody in London, next to somebody else."""
    campaign = make_campaign()
    make_callback(campaign, contact=contact_at("+447400123456", "Tom Ardley"))
    return make_callback(campaign, contact=contact_at("+442079460134"))


@pytest.mark.parametrize(
    "text",
    [
        "+442079460134",
        "+44 20 7946 0134",
        "+44 (0)20 7946-0134",
        "0044 20 7946 0134",
        "020 7946 0134",
        "(020) 7946.0134",
        "tel:+44-20-7946-0134",
        "+44\u00a020\u00a07946\u00a00134",
        "７９４６ ０１３４",
        "0134",
        "60134",
        "79460134",
        "  0134 ",
    ],
)
def test_a_number_is_found_in_any_format_and_by_its_last_digits(
    london: Callback, text: str
) -> None:
    assert meant(text) == {london.pk}


@pytest.mark.parametrize("text", ["0135", "+44 20 7946 0135", "7946", "134", "00000"])
def test_other_digits_find_nobody(london: Callback, text: str) -> None:
    assert meant(text) == set()


def test_a_national_number_is_read_as_of_the_region_that_is_said() -> None:
    moscow = make_callback(make_campaign(), contact=contact_at("+74951234567"))
    assert meant("8 495 123-45-67") == set()
    assert Callback.objects.get(text_filter("8 495 123-45-67", "RU")) == moscow


def test_a_whole_number_does_not_find_longer_ones_that_end_so(london: Callback) -> None:
    other = make_callback(make_campaign(), contact=contact_at("+7442079460134"))
    assert meant("+44 20 7946 0134") == {london.pk}
    assert meant("7946 0134") == {london.pk, other.pk}


def test_a_reference_and_a_public_id_find_the_one_callback(london: Callback) -> None:
    digits = london.reference.removeprefix("RB-")
    for text in (london.reference, london.reference.lower(), london.reference.replace("-", " ")):
        assert meant(text) == {london.pk}
    assert meant(str(london.public_id)) == meant(london.public_id.hex.upper()) == {london.pk}
    assert meant(f"rb{digits.replace('-', '')}") == {london.pk}


def test_what_only_looks_like_a_reference_is_a_name() -> None:
    campaign = make_campaign()
    garcia = make_callback(campaign, contact=make_contact("Ana Garcia"))
    second = make_callback(campaign, contact=make_contact("Anna 22"))
    assert meant("GARCIA") == {garcia.pk}
    assert meant("anna 22") == {second.pk}


@pytest.mark.parametrize(
    "text", ["Inês", "inÊS", "carvalho inês", "arval", "ca", "i c", "o'ne", "Carvalho O'Ne"]
)
def test_a_name_is_found_by_its_parts_in_any_case_and_order(text: str) -> None:
    campaign = make_campaign()
    ines = make_callback(campaign, contact=make_contact("Inês Carvalho O'Neill"))
    make_callback(campaign, contact=make_contact("Tom Ardley"))
    make_callback(campaign, contact=make_contact("Bianca Arvid"))
    assert meant(text) == {ines.pk}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Inês Ávila", "ines avila"),
        ("Ines Avila", "INÊS"),
        ("Łukasz Groß", "lukasz gross"),
        ("Søren Ødegård", "ode soren"),
        ("Zoë 100%_", "zoe 100%_"),
        ("Élodie", "el"),
    ],
)
def test_accents_make_no_difference(name: str, text: str) -> None:
    campaign = make_campaign()
    someone = make_callback(campaign, contact=make_contact(name))
    make_callback(campaign, contact=make_contact("Zo 1000"))
    assert meant(text) == {someone.pk}


@pytest.mark.parametrize(
    "text", ["%", "_", "%%%%", "\\", "xx\0yy", "n" * 5000, "'; --", "💥", "٣٤٥"]
)
def test_text_of_any_kind_is_taken_as_it_stands(london: Callback, text: str) -> None:
    assert meant(text) == set()


@pytest.mark.parametrize("text", ["", "   ", "\0", "\n"])
def test_no_text_leaves_all_and_finds_nothing(london: Callback, text: str) -> None:
    assert len(meant(text)) == 2
    assert found(text, "", limit=8) == []


def test_pending_ones_come_first_by_their_promise_and_no_more_than_asked_for() -> None:
    contacts = [make_contact("Ines Carvalho") for _ in range(4)]
    callbacks = [make_callback(make_campaign(), contact=one) for one in contacts]
    ended, late, soon, _ = callbacks
    Callback.objects.filter(pk=ended.pk).update(state="cancelled", ended_at=ended.due_at)
    Callback.objects.filter(pk=late.pk).update(due_at="2020-01-02T00:00Z")
    Callback.objects.filter(pk=soon.pk).update(due_at="2020-01-01T00:00Z")
    assert found("ines", "", limit=2) == [soon, late]
    assert found("ines", "", limit=8)[-1] == ended
    assert found("ines", "", limit=8, among=Callback.objects.filter(pk=ended.pk)) == [ended]


def test_many_people_of_one_name_are_found_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_NAMED", 1)
    campaign = make_campaign()
    both = {make_callback(campaign, contact=make_contact("Ines")).pk for _ in range(2)}
    make_callback(campaign, contact=make_contact("Tom"))
    assert meant("ines") == both


def _plan(rows: QuerySet[Contact] | QuerySet[PhoneNumber]) -> str:
    return rows.explain()


@pytest.fixture
def crowd() -> None:
    """20,000 people with a number each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contact (name, zones, zone_source, place, created_at)"
            " SELECT md5(n::text) || ' ' || md5((n * 7)::text), '{}', 'unknown', '', now()"
            " FROM generate_series(1, 20000) n"
        )
        cursor.execute(
            "INSERT INTO phone_number (e164, region, line_type, zones, dnc_hash)"
            " SELECT '+4474' || lpad((n * 4799 %% 100000000)::text, 8, '0'), 'GB', 'mobile', '{}',"
            " n::text FROM generate_series(1, 20000) n",
            [],
        )
        # What autovacuum does a little later.
        cursor.execute("SELECT gin_clean_pending_list('contact_name_plain')")
        cursor.execute("ANALYZE contact")
        cursor.execute("ANALYZE phone_number")


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("text", ["carvalho", "ines carvalho", "ca zz"])
def test_names_are_found_by_the_index(text: str) -> None:
    plan = _plan(search._people(text))
    assert "contact_name_plain" in plan
    assert "Seq Scan" not in plan


@pytest.mark.usefixtures("crowd")
def test_last_digits_are_found_by_the_index() -> None:
    plan = _plan(search._numbers("4310", "4310", "GB"))
    assert "phone_number_ending" in plan
    assert "Seq Scan" not in plan


def test_each_contact_of_a_shared_number_is_found(london: Callback) -> None:
    partner = make_contact("Rui Carvalho", number=london.number)
    assert ContactNumber.objects.filter(number=london.number).count() == 2
    other = make_callback(london.campaign, contact=partner)
    assert meant("0134") == {london.pk, other.pk}
