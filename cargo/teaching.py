"""What people teach CLIS of their data: the source that an organization reports into, and what its columns mean."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from cargo.formats import tabular
from cargo.models import CodeMapping, ColumnMapping, Source
from clis.accounts.models import Organization
from clis.accounts.scoping import Viewer

# Of the operator's staff, who act for no organization.
OPERATORS_SLUG = "operator-data"
OPERATORS_NAME = "Operator"
_SLUG_LENGTH = 50


def own_source(viewer: Viewer, *, shared: bool = False) -> int:
    """The source that takes what this viewer reports or uploads; made on first use.

    An organization's is private to it and bears its name; ``shared``: the operator's own, for staff.
    """
    with transaction.atomic():
        if shared or viewer.organization_id is None:
            made, _ = Source.objects.get_or_create(
                slug=OPERATORS_SLUG, defaults={"name": OPERATORS_NAME, "kind": Source.Kind.MANUAL}
            )
            return made.pk
        # One at a time for an organization: two first uploads at once make one source.
        organization = Organization.objects.select_for_update().get(pk=viewer.organization_id)
        known = Source.objects.filter(organization=organization, kind=Source.Kind.MANUAL, active=True)
        found = known.order_by("pk").values_list("pk", flat=True).first()
        if found is not None:
            return found
        made = Source.objects.create(
            slug=_free_slug(organization.slug),
            name=organization.name,
            kind=Source.Kind.MANUAL,
            organization=organization,
        )
        return made.pk


def learn_columns(
    source_id: int, header: list[str], meaning: tabular.Meaning, fingerprint: str, made_by_id: int | None
) -> None:
    """Remembers what the columns of a source's tables with this header mean; what was said before is replaced.

    The copy in ``Source.reading``, which the pipeline reads, is changed in the same transaction.
    """
    data: dict[str, Any] = msgspec.to_builtins(meaning)
    with transaction.atomic():
        source = Source.objects.select_for_update().get(pk=source_id)
        ColumnMapping.objects.update_or_create(
            source=source,
            fingerprint=fingerprint,
            defaults={"header": header, "meaning": data, "made_by_id": made_by_id, "made_at": timezone.now()},
        )
        rows = ColumnMapping.objects.filter(source=source).values_list("fingerprint", "meaning")
        source.reading = {**source.reading, "columns": dict(rows)}
        source.save(update_fields=["reading"])


def map_code(
    source_id: int, form: str, code: str, milestone: str, *, classifier: str = "", note: str = "", by: int | None = None
) -> CodeMapping:
    """Remembers what a source means by a code, from its next message on; it is no unknown one anymore.

    What was read before stays as it was until the kept messages are read again (``tasks.read_again``).
    """
    with transaction.atomic():
        source = Source.objects.select_for_update().get(pk=source_id)
        mapping, _ = CodeMapping.objects.update_or_create(
            source=source,
            format=form,
            code=code,
            defaults={
                "milestone": milestone, "classifier": classifier, "note": note, "made_by_id": by,
                "made_at": timezone.now(),
            },
        )  # fmt: skip
        _copy_codes(source)
    return mapping


def forget_code(mapping_id: int) -> None:
    """Takes one mapping back: the standard's table says again what the code means."""
    with transaction.atomic():
        mapping = CodeMapping.objects.select_related("source").get(pk=mapping_id)
        source = Source.objects.select_for_update().get(pk=mapping.source_id)
        mapping.delete()
        _copy_codes(source)


def _copy_codes(source: Source) -> None:
    rows = CodeMapping.objects.filter(source=source).values_list("format", "code", "milestone", "classifier")
    told = {f"{form}|{code}": [milestone, classifier] for form, code, milestone, classifier in rows}
    source.reading = {**source.reading, "codes": told}
    source.save(update_fields=["reading"])


def _free_slug(name: str) -> str:
    """``NAME-data``, or with a number behind it where that is taken."""
    stem = f"{slugify(name)[: _SLUG_LENGTH - 10]}-data"
    taken = set(Source.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    if stem not in taken:
        return stem
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{stem}-{number}") not in taken)
