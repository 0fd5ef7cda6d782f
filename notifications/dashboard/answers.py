"""How these pages answer: refusals, a step that was done, a part for htmx, numbers in forms and addresses."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clis.accounts.scoping import viewer_of
from notifications.subscribing import ForbiddenError, NotFoundError, SubscribingError

View = Callable[..., HttpResponse]


def answers_refusals(view: View) -> View:
    """What is not there, or not this viewer's, as the web says it."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotFoundError as error:
            raise Http404 from error
        except ForbiddenError as error:
            raise PermissionDenied from error

    return wrapped


def does(page: str, seen: Callable[..., object]) -> Callable[[View], View]:
    """A view that POST alone asks to do something; whoever comes to its address otherwise, with the browser's back or
    after signing in, is shown ``page`` of the same number, if ``seen`` (of the viewer and that number) finds it. Inside
    ``answers_refusals``."""

    def decorated(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            if seen(viewer_of(request), *args, **kwargs) is None:
                raise NotFoundError
            return redirect(page, *args, **kwargs)

        return require_http_methods(["GET", "HEAD", "POST"])(wrapped)

    return decorated


def done(request: HttpRequest, act: Callable[[], object], to: str, *args: Any, said: str = "") -> HttpResponse:
    """Does it, says so or why not, and goes to that route."""
    if problem := problem_of(act):
        messages.error(request, problem)
    else:
        messages.success(request, said or _("Saved."))
    return redirect(to, *args)


def problem_of(act: Callable[[], object]) -> str:
    """Does it, and gives why it could not be done, in words; what is not there or not this viewer's is raised."""
    refusal = refusal_of(act)
    return str(refusal) if refusal else ""


def refusal_of(act: Callable[[], object]) -> SubscribingError | None:
    """The same, with the field that was wrong."""
    try:
        act()
    except (NotFoundError, ForbiddenError):
        raise
    except SubscribingError as error:
        return error
    return None


def by_htmx(request: HttpRequest) -> bool:
    """Whether a part is asked for and not a page."""
    return bool(getattr(request, "htmx", False)) and not request.htmx.boosted  # type: ignore[attr-defined]


def page_language() -> str:
    """``ko`` or ``en``: what the reader of this page reads."""
    return "ko" if (get_language() or "").startswith("ko") else "en"


def number_of(text: str) -> int:
    """A row's number as a form gives it. Raises ``NotFoundError`` for what no row can have."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotFoundError
    return int(text)
