"""Every route of the URL configuration, as a template with its parameters named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.regex_helper import normalize


@dataclass(frozen=True)
class Route:
    """``template`` is the path without its first slash, as ``account/keys/{pk}/revoke/``."""

    template: str
    parameters: tuple[str, ...]
    callback: Any

    @property
    def is_admin(self) -> bool:
        """Django's admin lets nobody but staff in, at one door."""
        return self.template.startswith("admin/")

    @property
    def is_api(self) -> bool:
        """Answers in JSON."""
        return self.template.startswith("api/")

    def path(self, values: Mapping[str, object]) -> str:
        """The address with the parameters filled in."""
        return "/" + re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), self.template)


def all_routes() -> list[Route]:
    """One for each way to spell each pattern, in the order of the configuration, without repeats."""
    found: dict[str, Route] = {}
    for regex, pattern in _leaves(get_resolver().url_patterns, ""):
        for spelled, parameters in normalize(regex):
            template = re.sub(r"%\((\w+)\)s", r"{\1}", spelled).replace("%%", "%")
            found.setdefault(template, Route(template, tuple(parameters), pattern.callback))
    return list(found.values())


def _leaves(patterns: list[Any], prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        # A prefix of i18n_patterns would be a string that depends on the language; there is none here.
        regex = prefix + pattern.pattern.regex.pattern.removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from _leaves(pattern.url_patterns, regex.removesuffix(r"\Z"))
        else:
            yield regex, pattern
