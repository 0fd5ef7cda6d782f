"""The preview of every template, for staff and an organization's people, and a test of it to oneself, for admins."""

from __future__ import annotations

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from clis.accounts.scoping import viewer_of
from notifications.dashboard.answers import answers_refusals, number_of, page_language
from notifications.subscribing import ForbiddenError, NotFoundError, SubscribingError, previewing, trying

FIRST = "customs.held"
# Some systems hide the bar until one scrolls: a cut mail would look whole in the frame.
_SCROLLBAR = (
    "<style>::-webkit-scrollbar{width:12px;height:12px}"
    "::-webkit-scrollbar-thumb{background:#8a94a3;border:3px solid transparent;border-radius:6px;"
    "background-clip:padding-box}</style>"
)


@login_required
@require_GET
@never_cache
@answers_refusals
def preview(request: HttpRequest) -> HttpResponse:
    """One template: ``?kind=`` (a kind of news, or ``digest``) in ``?language=``."""
    viewer = viewer_of(request)
    kind, language = _chosen(request)
    # No digest is sent as a text message.
    channel_kinds = ("email",) if kind == previewing.DIGEST else ("email", "sms")
    found, *texts = previewing.previews(viewer, kind, language, channel_kinds)
    context = {
        "kinds": previewing.named_templates(),
        "channels": list(trying.testable(viewer)) if trying.may_test(viewer) else [],
        "may_test": trying.may_test(viewer),
        "kind": kind,
        "language": language,
        "found": found,
        "texts": texts,
        "frame": f"{reverse('notifications:preview_html')}?{urlencode({'kind': kind, 'language': language})}",
        "nav": "notifications",
    }
    return render(request, "notifications/dashboard/preview.html", context)


@login_required
@require_GET
@never_cache
@xframe_options_sameorigin
@csp_replace(
    {
        "default-src": [NONE],
        "script-src": [NONE],
        "img-src": ["data:"],
        "style-src": [UNSAFE_INLINE],
        "base-uri": [NONE],
        "form-action": [NONE],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
    }
)
@answers_refusals
def preview_html(request: HttpRequest) -> HttpResponse:
    """The HTML for the page's frame: it may style itself, and nothing else."""
    (found,) = previewing.previews(viewer_of(request), *_chosen(request), ("email",))
    return HttpResponse(found.html.replace("<head>", f'<head><base target="_blank">{_SCROLLBAR}', 1))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@answers_refusals
def send_test(request: HttpRequest) -> HttpResponse:
    """Sends it to an address or a browser of one's own, or to a chat: ``channel``, ``kind``, ``language``. GET, as
    after signing in again, leads to the preview."""
    if request.method != "POST":
        return redirect("notifications:preview")
    number = number_of(request.POST.get("channel", ""))
    kind, language = request.POST.get("kind", ""), request.POST.get("language", "")
    try:
        channel = trying.send_test(viewer_of(request), number, kind, language)
    except (NotFoundError, ForbiddenError):
        raise
    except SubscribingError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("A test is on its way to %(address)s.") % {"address": channel.address})
    return redirect(f"{reverse('notifications:preview')}?{urlencode({'kind': kind, 'language': language})}")


def _chosen(request: HttpRequest) -> tuple[str, str]:
    return request.GET.get("kind", FIRST), request.GET.get("language", page_language())
