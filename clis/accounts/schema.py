"""How API keys look in the OpenAPI description."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """HTTP Bearer, as RFC 6750 section 2.1 has it."""

    target_class = "clis.accounts.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """An OpenAPI 3.1 security scheme object."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "clis_<prefix>_<secret>"}
