"""The Time Release Study: a form, and the report as PDF and as a workbook, for whoever may see the cargo."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cargo.dashboard.period_form import PeriodForm, form_of
from cargo.dashboard.study_sheet import sheet
from cargo.dashboard.study_workbook import workbook
from cargo.selectors import study as selected
from cargo.selectors.study import ROWS
from cargo.templatetags.clis import language
from clis import __version__
from clis.accounts.scoping import viewer_of

_DAYS = 365
_PDF = "application/pdf"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LANGUAGES = (("en", "English"), ("ko", "한국어"))


@login_required
@require_GET
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The form; the two files are asked for with what it holds."""
    form = form_of(request, _DAYS)
    chosen = _language(request)
    context: dict[str, Any] = {
        "nav": "lead_times",
        "filter_form": form,
        "languages": LANGUAGES,
        "chosen": chosen,
        "rows": ROWS,
    }
    if form.asked is not None:
        asked = {name: str(value) for name, value in form.cleaned_data.items() if value}
        context["file_query"] = urlencode(asked | {"language": chosen})
    return render(request, "cargo/dashboard/study.html", context)


@login_required
@require_GET
@never_cache
def pdf(request: HttpRequest) -> HttpResponse:
    """The report on paper; the form says what is not right."""
    form, chosen = form_of(request, _DAYS), _language(request)
    params = form.asked
    if params is None:
        return redirect(f"{reverse('cargo:study')}?{request.GET.urlencode()}")
    found = selected.study(viewer_of(request), params)
    return _file(sheet(found, chosen, __version__), _PDF, _name(form, "pdf"))


@login_required
@require_GET
@never_cache
def xlsx(request: HttpRequest) -> HttpResponse:
    """The report as a workbook with the rows behind it; the form says what is not right."""
    form, chosen = form_of(request, _DAYS), _language(request)
    params = form.asked
    if params is None:
        return redirect(f"{reverse('cargo:study')}?{request.GET.urlencode()}")
    viewer = viewer_of(request)
    found = selected.study(viewer, params)
    behind, cut = selected.rows_behind(viewer, params)
    return _file(workbook(found, behind, cut, chosen, __version__), _XLSX, _name(form, "xlsx"))


def _language(request: HttpRequest) -> str:
    """The report's: the one that was asked for, else the reader's."""
    asked = request.GET.get("language", "")
    return asked if asked in dict(LANGUAGES) else language()


def _name(form: PeriodForm, kind: str) -> str:
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    return f"time-release-study-{first.isoformat()}-{last.isoformat()}.{kind}"


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
