"""How often one caller may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import ScopedRateThrottle

from clis.accounts.scoping import viewer_of

if TYPE_CHECKING:
    from rest_framework.views import APIView


class ViewerRateThrottle(ScopedRateThrottle):
    """Counts by key or by person. Only somebody who is neither is counted by address, and by the socket's own:
    a forwarded header is the caller's to write."""

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """The counter of this caller for the view's throttle scope."""
        viewer = viewer_of(request)
        if viewer.key_id is not None:
            ident = f"key-{viewer.key_id}"
        elif viewer.user_id is not None:
            ident = f"person-{viewer.user_id}"
        else:
            ident = f"address-{request.META.get('REMOTE_ADDR', '')}"
        return self.cache_format % {"scope": self.scope, "ident": ident}
