"""Unknown codes at the staff's desk: counted, mapped with one click, read again; and the place of what was not read."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse

from cargo import tasks, teaching
from cargo.admin.marking import marked
from cargo.models import CodeMapping, Event, InboundMessage, MessagePart, Source, UnknownCode
from tests.factories import SourceFactory
from tests.messages import dcsa, equipment
from tests.people import a_person
from tests.pipeline.working import take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Source:
    return SourceFactory.create(slug="hmm")


@pytest.fixture
def unknown(source: Source) -> UnknownCode:
    take_in(source, dcsa(equipment("XXXX", "2026-03-14 09:00", id="odd")))
    return UnknownCode.objects.get()


@pytest.fixture
def woken() -> Iterator[mock.MagicMock]:
    with mock.patch.object(tasks, "wake") as wake:
        yield wake


def filled(unknown: UnknownCode, **changes: str) -> dict[str, str]:
    given = {"source": str(unknown.source_id), "format": unknown.format, "code": unknown.code}
    return {**given, "milestone": "discharged", "classifier": "", "note": "their letters", **changes}


def test_an_unknown_code_leads_to_the_form_that_says_what_it_means(staff_client: Client, unknown: UnknownCode) -> None:
    page = staff_client.get(reverse("admin:cargo_unknowncode_changelist")).content.decode()
    assert unknown.code in page
    address = f"{reverse('admin:cargo_codemapping_add')}?source={unknown.source_id}&amp;format=dcsa.tnt2&amp;code="
    assert address in page
    form = staff_client.get(
        f"{reverse('admin:cargo_codemapping_add')}?source={unknown.source_id}&format=dcsa.tnt2&code=X"
    )
    assert 'value="dcsa.tnt2"' in form.content.decode()


def test_once_mapped_the_kept_messages_are_read_again(
    staff_client: Client, unknown: UnknownCode, source: Source, woken: mock.MagicMock
) -> None:
    answer = staff_client.post(reverse("admin:cargo_codemapping_add"), filled(unknown))
    assert answer.status_code == 302
    mapping = CodeMapping.objects.get()
    assert (mapping.milestone, mapping.made_by_id is not None) == ("discharged", True)
    source.refresh_from_db()
    assert source.reading["codes"] == {f"{unknown.format}|{unknown.code}": ["discharged", ""]}
    woken.assert_any_call("cargo.tasks.read_again", source.pk, unknown.format, unknown.code)
    tasks.read_again(source.pk, unknown.format, unknown.code)
    assert set(Event.objects.filter(retraction=False).values_list("milestone", flat=True)) == {"unknown", "discharged"}
    assert not UnknownCode.objects.exists()


@pytest.mark.parametrize(("changes", "told"), [({"format": "telex"}, "no such format"), ({"milestone": "nothing"}, "")])
def test_what_is_no_format_or_milestone_is_refused(
    staff_client: Client, unknown: UnknownCode, changes: dict[str, str], told: str
) -> None:
    answer = staff_client.post(reverse("admin:cargo_codemapping_add"), filled(unknown, **changes))
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert not CodeMapping.objects.exists()


def test_a_mapping_taken_back_is_gone_from_the_sources_copy(staff_client: Client, unknown: UnknownCode) -> None:
    mapping = teaching.map_code(unknown.source_id, unknown.format, unknown.code, "discharged")
    address = reverse("admin:cargo_codemapping_delete", args=[mapping.pk])
    assert staff_client.post(address, {"post": "yes"}).status_code == 302
    assert not CodeMapping.objects.exists()
    assert Source.objects.get().reading["codes"] == {}


def test_a_member_is_sent_to_the_sign_in(unknown: UnknownCode) -> None:
    client = Client()
    client.force_login(a_person("Mallory", "Cedar Quay").user)
    for name in ("unknowncode_changelist", "codemapping_changelist", "codemapping_add"):
        answer = client.post(reverse(f"admin:cargo_{name}"), filled(unknown))
        assert (answer.status_code, "/admin/login/" in answer["Location"]) == (302, True)
    assert not CodeMapping.objects.exists()


def test_the_place_of_what_could_not_be_read_is_marked(staff_client: Client, source: Source) -> None:
    good = equipment("DISC", "2026-03-14 09:00", id="good")
    bad = {**equipment("DISC", "2026-03-14 09:00", id="bad"), "eventDateTime": "<b>never</b>"}
    take_in(source, dcsa(good, bad))
    message = InboundMessage.objects.get()
    assert MessagePart.objects.get().position.startswith("/1")
    page = staff_client.get(reverse("admin:cargo_inboundmessage_change", args=[message.pk])).content.decode()
    marked = page.partition("<mark>")[2].partition("</mark>")[0]
    assert "&lt;b&gt;never&lt;/b&gt;" in marked
    assert "good" not in marked


@pytest.mark.parametrize(
    ("form", "body", "position", "text"),
    [
        ("dcsa.tnt2", b'[{"a": 1}, {"eventType": "X", "b": {"c": 2}}]', "/1/b/c", b'{"eventType": "X", "b": {"c": 2}}'),
        ("cargo_imp", b"FSU/14\r\n157-53806270HKGNLU/P2K505.0T10\r\nXXX/never\r\n", "line 3", b"XXX/never"),
        ("cargo_imp", b"FSU/14\n", "line 9", None),
        ("dcsa.tnt2", b"[]", "/7", None),
        ("no such format", b"[]", "/7", None),
    ],
)
def test_a_place_is_found_in_the_bytes(form: str, body: bytes, position: str, text: bytes | None) -> None:
    found = [body[begin:end] for begin, end in marked(form, body, [position, position])]
    assert found == ([text] if text else [])
