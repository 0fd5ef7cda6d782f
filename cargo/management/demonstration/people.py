"""The demo's organizations, people, sources and keys. Everything is made once; a second call finds it."""

from __future__ import annotations

import json
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction

from cargo import teaching
from cargo.formats.tabular.meaning import fingerprint, of
from cargo.management.generator.feeds import sources
from cargo.management.generator.firms import FIRMS, OPERATOR, PEOPLE, Firm
from cargo.models import Source, SourceKey
from clis.accounts.models import ApiKey, Membership, Organization, User

PASSWORD = "show-me-my-cargo"
READER = "heron-strait"
_READ_SCOPES = ["shipments:read", "shipments:write", "subscriptions:write"]


@transaction.atomic
def make_organizations() -> dict[str, Organization]:
    """The firms of the generated world, by slug; those with a Korean home go by both names."""
    made = {}
    for firm in FIRMS:
        row, _ = Organization.objects.get_or_create(slug=firm.slug, defaults={"name": _name(firm), "kind": firm.kind})
        made[firm.slug] = row
    return made


def _name(firm: Firm) -> str:
    return f"{firm.name} ({firm.korean})" if firm.country == "KR" else firm.name


@transaction.atomic
def make_people(organizations: dict[str, Organization]) -> dict[str, User]:
    """Everybody who signs in, by e-mail address, with the one password that the demo prints."""
    people = {}
    password = make_password(PASSWORD)
    for person in PEOPLE:
        user = User.objects.filter(email=person.email).first()
        if user is None:
            user = User.objects.create(
                email=person.email,
                password=password,
                first_name=person.first_name,
                language=person.language,
                is_staff=person.is_staff,
                is_superuser=person.is_staff,
            )
        organization = organizations[person.organization]
        Membership.objects.get_or_create(user=user, organization=organization, defaults={"role": person.role})
        people[person.email] = user
    return people


@transaction.atomic
def make_sources(seed: int) -> dict[str, Source]:
    """The feeds of that world, shared, by slug, with what the columns of those mean that send tables."""
    made = {}
    for row in sources(seed):
        fields = {name: value for name, value in row.items() if name not in ("slug", "tables")}
        made[row["slug"]], new = Source.objects.get_or_create(slug=row["slug"], defaults=fields)
        for table in row["tables"] if new else ():
            meaning, header = of(table["meaning"]), table["header"]
            teaching.learn_columns(made[row["slug"]].pk, header, meaning, fingerprint(header), None)
    return made


@transaction.atomic
def make_keys(path: Path, organizations: dict[str, Organization], feeds: dict[str, Source]) -> dict[str, str]:
    """A push key for each source, and one to read with. Their texts exist in ``path`` alone (owner-readable).

    Where the file is gone, the old keys are revoked by being replaced: the database holds only their hashes.
    """
    if path.exists():
        texts: dict[str, str] = json.loads(path.read_text())
        prefixes = [text.split("_")[1] for text in texts.values()]
        if ApiKey.objects.filter(prefix__in=prefixes, revoked_at=None).count() == len(texts):
            return texts
    names = {f"demo: push to {slug}": slug for slug in feeds}
    ApiKey.objects.filter(name__in=[*names, "demo: read"]).delete()
    texts = {}
    for name, slug in names.items():
        key, texts[slug] = ApiKey.issue(organizations[OPERATOR.slug], name, ["messages:write"])
        SourceKey.objects.create(key=key, source=feeds[slug])
    _, texts["read"] = ApiKey.issue(organizations[READER], "demo: read", _READ_SCOPES)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(texts, indent=1) + "\n")
    return texts
