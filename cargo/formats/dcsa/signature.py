"""The signature of a DCSA notification (Track & Trace 2.2, subscription callbacks).

``Notification-Signature: sha256=<64 hexadecimal digits>``: HMAC-SHA-256 under the subscription's secret over the
body's bytes as they came, white space included; headers and address are not covered. What is refused follows DCSA's
reference receiver (DCSA-Event-Core): more or less than one header, another method, a secret outside 32 to 64 bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import re

SHORTEST_SECRET, LONGEST_SECRET = 32, 64
# A second header joined to the first by a comma does not match: of two, none is believed.
_HEADER = re.compile(r"[ \t]*sha256=([0-9a-f]{64})[ \t]*\Z", re.IGNORECASE | re.ASCII)


def verify(secret: bytes, body: bytes, header: str) -> bool:
    """Whether the header is this body's signature under this secret; takes as long whether it is or not.

    ``secret`` is decoded (a subscription carries it in base64). The method's name and the digits may be in any case.
    """
    given = _HEADER.match(header)
    right = hmac.new(secret, body, hashlib.sha256).digest()
    same = hmac.compare_digest(right, bytes.fromhex(given[1]) if given is not None else bytes(len(right)))
    return same and given is not None and SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET
