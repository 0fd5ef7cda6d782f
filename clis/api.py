"""Everything under ``/api/``: version 1, its description, and a JSON answer for what does not exist."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, URLPattern, URLResolver, include, path, re_path, resolve
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from cargo.api.problems import problem_response


class RedirectKeepingMethod(HttpResponsePermanentRedirect):
    """308: a POST stays a POST, with its body (RFC 9110 section 15.4.9)."""

    status_code = 308


@csrf_exempt
def unknown(request: HttpRequest) -> HttpResponse:
    """404 as a problem; an address that only lacks its last slash is redirected."""
    if not request.path.endswith("/"):
        try:
            found = resolve(f"{request.path_info}/").func is not unknown
        except Resolver404:
            found = False
        if found:
            query = request.META.get("QUERY_STRING", "")
            return RedirectKeepingMethod(f"{request.path}/{'?' + query if query else ''}")
    return problem_response(404)


version_1: list[URLPattern | URLResolver] = [
    path("", include("cargo.api.urls")),
    path("", include("notifications.api.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include((version_1, "api"))),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(template_name="api/docs.html"), name="docs"),
    re_path(r"", unknown),
]
