"""Customs: one file per authority, and what they share."""
