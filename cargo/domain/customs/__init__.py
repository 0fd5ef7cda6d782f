"""Customs: one file per authority, and what they share."""

from cargo.domain.customs.meanings import meaning

__all__ = ["meaning"]
