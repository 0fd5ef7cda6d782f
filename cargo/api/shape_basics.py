"""What the shapes of the API are made of: texts, instants and numbers that may be null, and pages of rows."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import CharField, DateTimeField, IntegerField

Shape = serializers.Serializer[Any]


def text() -> CharField:
    """A text that may be null."""
    return CharField(allow_null=True)


def moment() -> DateTimeField:
    """An instant that may be null."""
    return DateTimeField(allow_null=True)


def number() -> IntegerField:
    """A whole number that may be null."""
    return IntegerField(allow_null=True)


def page_of(row: type[Shape], name: str) -> type[Shape]:
    """The shape of a page of such rows."""
    fields = {
        "__doc__": "A page. ``next`` is the address of the next one, null on the last.",
        "results": row(many=True),
        "next": serializers.URLField(allow_null=True),
        "cursor": text(),
    }
    return type(f"{name}PageSerializer", (serializers.Serializer,), fields)
