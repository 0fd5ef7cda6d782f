"""Rules of deadlines and tariffs at the staff's desk: changed, switched off, taken from a table; for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cargo import tasks
from cargo.domain import deadline_rules
from cargo.models import DeadlineRule, RuleChange, Tariff, grounds
from tests.factories import OrganizationFactory
from tests.people import a_person

pytestmark = pytest.mark.django_db
RULES = reverse("admin:cargo_deadlinerule_changelist")
ADD_RULE = reverse("admin:cargo_deadlinerule_add")
TABLE = reverse("admin:cargo_tariff_table")
HEAD = "code,charge,starts,free_days,working_days,tiers,currency,place\n"


@pytest.fixture(autouse=True)
def woken() -> Iterator[mock.MagicMock]:
    with mock.patch.object(tasks, "wake") as wake:
        yield wake


def filled(**changes: str) -> dict[str, str]:
    """The form as a browser sends it, filled in by the packaged rule about declaring."""
    given = {
        "code": "kr_import_declaration",
        "active": "on",
        "authority": "KR-KCS",
        "kind": "import_declaration",
        "days": "30",
        "months": "",
        "moves_off": "on",
        "starts": "bonded_storage_in bonded_transport_arrived",
        "starts_at": "first",
        "meets": "import_declared return_declared",
        "mode": "",
        "load": "",
        "offices": "",
        "listing": "declaration_surcharge",
        "alerts": "on",
        "responsible": "broker",
        "next_action": "declare_import",
        "money": "surcharge",
        "currency": "KRW",
        "steps": "20:0.5 50:1 80:1.5 :2",
        "maximum": "5000000",
        "money_basis": "customs_value",
        "law": "Customs Act (KR) art. 241",
        "certainty": "staff",
        "valid_from": "",
        "valid_to": "",
        "note": "",
    }
    return {**given, **changes}


def test_packaged_rules_stand_below_with_a_link_to_a_form_that_is_filled_in(staff_client: Client) -> None:
    page = staff_client.get(RULES).content.decode()

    for rule in deadline_rules.PACKAGED.rules:
        assert f'{ADD_RULE}?code={rule.code}"' in page
    form = staff_client.get(f"{ADD_RULE}?code=kr_import_declaration").content.decode()
    assert 'value="20:0.5 50:1 80:1.5 :2"' in form and 'value="30"' in form


def test_the_form_that_a_packaged_rule_fills_in_makes_the_same_rule(staff_client: Client) -> None:
    assert staff_client.post(ADD_RULE, filled()).status_code == 302
    packaged = deadline_rules.PACKAGED.named("kr_import_declaration")
    assert packaged is not None
    made = grounds.load_grounds([]).rules.named("kr_import_declaration")

    assert made == packaged._replace(certainty="staff", law="Customs Act (KR) art. 241", note="")
    assert "replaced" in staff_client.get(RULES).content.decode()


def test_switched_off_and_deleted(staff_client: Client, woken: mock.MagicMock) -> None:
    off = {name: value for name, value in filled().items() if name != "active"}
    assert staff_client.post(ADD_RULE, off).status_code == 302
    assert grounds.load_grounds([]).rules.named("kr_import_declaration") is None
    woken.assert_called_with("cargo.tasks.apply_rule_changes")
    row = DeadlineRule.objects.get()
    staff_client.post(reverse("admin:cargo_deadlinerule_delete", args=[row.pk]), {"post": "yes"})

    assert grounds.load_grounds([]).rules.rules == deadline_rules.PACKAGED.rules
    assert RuleChange.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"days": "", "months": ""},
        {"months": "2"},
        {"starts": "no_such_milestone"},
        {"meets": ""},
        {"steps": "20"},
        {"currency": ""},
        {"valid_from": "2026-03-02", "valid_to": "2026-03-01"},
        {"code": "Not a code"},
    ],
)
def test_a_rule_that_makes_no_sense_is_not_kept(staff_client: Client, changes: dict[str, str]) -> None:
    assert staff_client.post(ADD_RULE, filled(**changes)).status_code == 200
    assert not DeadlineRule.objects.exists() and not RuleChange.objects.exists()


def upload(client: Client, text: str, **words: object) -> int:
    file = SimpleUploadedFile("tariffs.csv", text.encode(), "text/csv")
    return client.post(TABLE, {"table": file, **words}).status_code


def test_a_table_is_taken(staff_client: Client) -> None:
    organization = OrganizationFactory.create()
    text = HEAD + "busan_20,demurrage,discharged,5,no,1:30000 6:50000,KRW,KRPUS\nboxes,detention,gate_out,7,yes,,,\n"

    assert upload(staff_client, text, organization=organization.pk) == 302
    rows = {row.code: row for row in Tariff.objects.all()}
    assert {row.organization for row in rows.values()} == {organization}
    busan = rows["busan_20"]
    assert (busan.free_days, busan.tiers, busan.place) == (5, "1:30000 6:50000", "KRPUS")
    assert (rows["boxes"].working_days, rows["boxes"].direction, rows["boxes"].active) == (True, "import", True)
    assert RuleChange.objects.get().organization == organization


def test_a_table_replaces_what_it_names_and_leaves_the_rest(staff_client: Client) -> None:
    upload(staff_client, HEAD + "a,demurrage,discharged,5,,,,\nb,demurrage,discharged,6,,,,\n")
    assert upload(staff_client, HEAD + "b,demurrage,discharged,9,,,,\n") == 302

    assert dict(Tariff.objects.values_list("code", "free_days")) == {"a": 5, "b": 9}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + "a,demurrage,discharged,5,,,,\nb,demurrage,gate_out,6,,,,\n", "Row 3"),
        (HEAD + "a,demurrage,discharged,many,,,,\n", "Row 2"),
        (HEAD + "a,demurrage,discharged,5,,1:x,KRW,\n", "Row 2"),
        (HEAD + "a,demurrage,discharged,5,,1:5,,\n", "Row 2"),
        (HEAD + "a,demurrage,discharged,5,,,,,more\n", "Row 2"),
        (HEAD, "There is no row in it."),
        ("code,secret\na,b\n", "The columns are"),
        ("", "The columns are"),
    ],
)
def test_of_a_wrong_table_nothing_is_kept(staff_client: Client, text: str, told: str) -> None:
    file = SimpleUploadedFile("tariffs.csv", text.encode() or b"\n", "text/csv")
    answer = staff_client.post(TABLE, {"table": file})

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Tariff.objects.exists() and not RuleChange.objects.exists()


def test_whoever_is_not_staff_gets_nowhere(client: Client) -> None:
    client.force_login(a_person("Alice", "Alice Imports").user)

    for address in (RULES, ADD_RULE, TABLE):
        answer = client.get(address)
        assert answer.status_code == 302 and "/login/" in answer["Location"]
    client.post(ADD_RULE, filled())
    upload(client, HEAD + "a,demurrage,discharged,5,,,,\n")
    assert not DeadlineRule.objects.exists() and not Tariff.objects.exists()
