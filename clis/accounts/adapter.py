"""What we ask of django-allauth."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignupAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: staff add a person, who then sets a password by mail."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never; the sign-up page says so."""
        return False
