"""The evidence file on paper, for whoever may see the shipment."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cargo.dashboard.evidence_sheet import sheet
from cargo.selectors import NotFound
from cargo.selectors import evidence as selected
from cargo.templatetags.clis import language
from clis.accounts.scoping import viewer_of


@login_required
@require_GET
@never_cache
def evidence_pdf(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """A PDF in the reader's language; ``?container=`` for one container. A stranger's is 404."""
    container = request.GET.get("container", "").strip().upper()
    try:
        found = selected.evidence(viewer_of(request), shipment_id, container, timezone.now())
    except (NotFound, selected.NoSuchContainer) as reason:
        raise Http404 from reason
    name = selected.file_name(shipment_id, container, "pdf")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(sheet(found, language()), content_type="application/pdf", headers=headers)
