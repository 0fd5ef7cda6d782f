"""The pages on which people put data in: upload or paste, see what it would say, say what its columns mean, confirm."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from cargo import tasks, teaching
from cargo.dashboard import columns, drafts, trying
from cargo.dashboard.drafts import Draft
from cargo.domain.event import FormatError
from cargo.pipeline.receive import receive
from cargo.selectors import NotFound, uploads
from cargo.templatetags.clis import language
from clis.accounts.scoping import Viewer, viewer_of

OWN = "own"
SHOWN = 20
MAX_NAME = 120
PASTE_NAME = "pasted.txt"


@csrf_exempt
def data(request: HttpRequest) -> HttpResponse:
    """The start: where to put a file or text, and what became of the last ones.

    What is too large is refused by its announced length, before a byte of it is read or kept.
    """
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not announced.isdigit() or int(announced[:15]) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return render(request, "cargo/dashboard/data_too_large.html", {"nav": "add"}, status=413)
    return _data(request)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@csrf_protect
def _data(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    if request.method != "POST":
        return render(request, "cargo/dashboard/data.html", _start(viewer))
    _require_writer(viewer)
    body, name, media_type = _given(request)
    error = _wrong(body)
    source_id = 0 if error else _chosen_source(viewer, request.POST.get("source", OWN))
    if error:
        context = {**_start(viewer), "error": error, "text": request.POST.get("text", "")[:100_000]}
        return render(request, "cargo/dashboard/data.html", context, status=422)
    drafts.keep(viewer, source_id, body, name=name, media_type=media_type)
    return redirect("cargo:data_trial")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def trial(request: HttpRequest) -> HttpResponse:
    """What the draft would say, with a verdict for every part; POST takes it in."""
    viewer = viewer_of(request)
    _require_writer(viewer)
    draft = drafts.find(viewer, request.POST.get("draft", ""))
    if draft is None:
        messages.info(request, _("There is no upload waiting. Choose the file again."))
        return redirect("cargo:data")
    if request.method == "POST":
        return _take_in(request, viewer, draft)
    return render(request, "cargo/dashboard/trial.html", _trial_context(request, viewer, draft))


@login_required
@never_cache
@require_POST
def said_columns(request: HttpRequest) -> HttpResponse:
    """Keeps what the columns were said to mean in the draft, and shows what it would say then."""
    viewer = viewer_of(request)
    _require_writer(viewer)
    draft = drafts.find(viewer, request.POST.get("draft", ""))
    if draft is None:
        return redirect("cargo:data")
    try:
        draft.meaning = trying.said(draft, uploads.reading(viewer, draft.source), request.POST.dict())
    except NotFound as reason:
        raise Http404 from reason
    except FormatError as error:
        messages.error(request, str(error))
        return redirect("cargo:data")
    drafts.save(viewer, draft)
    if getattr(request, "htmx", None):
        return render(request, "cargo/dashboard/_fragments/trial.html", _trial_context(request, viewer, draft))
    return redirect("cargo:data_trial")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """What became of one message; POST opens one that could not be read for saying what its columns mean."""
    viewer = viewer_of(request)
    try:
        upload = uploads.one(viewer, message_id)
        if request.method == "POST":
            _require_writer(viewer)
            body = uploads.content(viewer, message_id)
            uploads.target(viewer, upload.source_id)
            drafts.keep(viewer, upload.source_id, body, name=upload.name, message=upload.id)
            return redirect("cargo:data_trial")
    except NotFound as reason:
        raise Http404 from reason
    context = {"nav": "add", "upload": upload, "may_write": _may_write(viewer)}
    part = "_fragments/upload.html" if getattr(request, "htmx", None) else "data_message.html"
    return render(request, f"cargo/dashboard/{part}", context)


def _take_in(request: HttpRequest, viewer: Viewer, draft: Draft) -> HttpResponse:
    """Remembers what the columns mean and hands the bytes to the front door, or reads a kept message again."""
    try:
        uploads.target(viewer, draft.source)
        learned = trying.taught(draft, uploads.reading(viewer, draft.source))
    except NotFound as reason:
        raise Http404 from reason
    except FormatError as error:
        messages.error(request, str(error))
        return redirect("cargo:data")
    if learned is not None:
        header, fingerprint, meaning = learned
        teaching.learn_columns(draft.source, header, meaning, fingerprint, viewer.user_id)
    drafts.drop(viewer)
    if draft.message:
        tasks.replay_messages([draft.message])
        tasks.drain_projections()
        return redirect("cargo:data_message", message_id=draft.message)
    received = receive(draft.source, draft.body, media_type=draft.media_type, name=draft.name)
    if received.duplicate:
        messages.info(request, _("Exactly this was received before: nothing was added."))
    else:
        tasks.wake_inbox()
        messages.success(request, _("Received. It is being read now."))
    return redirect("cargo:data_message", message_id=received.id)


def _trial_context(request: HttpRequest, viewer: Viewer, draft: Draft) -> dict[str, Any]:
    words = language()
    try:
        shown = trying.preview(viewer, draft, words, ask="columns" in request.GET)
    except NotFound as reason:
        raise Http404 from reason
    context: dict[str, Any] = {"nav": "add", "preview": shown}
    if shown.editor is not None:
        context |= {
            "field_groups": columns.field_groups(words),
            "milestone_groups": columns.milestone_groups(words),
            "classifiers": columns.classifiers(words),
        }
    return context


def _start(viewer: Viewer) -> dict[str, Any]:
    found = uploads.targets(viewer) if _may_write(viewer) else []
    return {
        "nav": "add",
        "may_write": _may_write(viewer),
        "targets": found,
        "offers_own": not any(
            target.kind == "manual" and target.organization == viewer.organization_id for target in found
        ),
        "uploads": uploads.recent(viewer, SHOWN),
        "most": settings.MESSAGE_MAX_BYTES // (1024 * 1024),
    }


def _may_write(viewer: Viewer) -> bool:
    return viewer.may_write and (viewer.organization_id is not None or viewer.is_staff)


def _require_writer(viewer: Viewer) -> None:
    if not _may_write(viewer):
        raise PermissionDenied


def _chosen_source(viewer: Viewer, chosen: str) -> int:
    """The source's id; one's own is made on first use. Another organization's is 404."""
    if chosen == OWN or not chosen.isdigit():
        return teaching.own_source(viewer)
    try:
        return uploads.target(viewer, int(chosen[:18])).id
    except NotFound as reason:
        raise Http404 from reason


def _given(request: HttpRequest) -> tuple[bytes, str, str]:
    """The bytes, their name and media type: of the file, else of what was pasted."""
    file = request.FILES.get("file")
    if file is not None:
        return file.read(), shown_name(file.name or ""), str(file.content_type or "")[:100]
    return request.POST.get("text", "").encode("utf-8", "replace"), PASTE_NAME, "text/plain"


def _wrong(body: bytes) -> str:
    if not body.strip():
        return _("Choose a file, or paste something.")
    if len(body) > settings.MESSAGE_MAX_BYTES:
        return _("The file is larger than %(most)d MB.") % {"most": settings.MESSAGE_MAX_BYTES // (1024 * 1024)}
    return ""


def shown_name(name: str) -> str:
    """A file's name as data: its last part, without control characters and marks that turn the direction of text."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(character for character in last if unicodedata.category(character)[0] != "C")
    return " ".join(shown.split())[:MAX_NAME] or "file"
