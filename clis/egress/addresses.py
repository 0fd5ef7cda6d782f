"""Which addresses a request on a client's behalf may reach: public ones, and no others.

The lists are the IANA special-purpose address registries (RFC 6890 and its successors), written out, because
``ipaddress.is_private`` and ``is_global`` let shared space (100.64/10), multicast and addresses that wrap
another one (NAT64, 6to4, Teredo) pass on some versions of Python. One address more is public by them and answers from
the host that we run on, if that is Azure's. IPv6 is allowed by list: global unicast is
2000::/3, so loopback, mapped, NAT64, unique local, link local and multicast all fall outside.
"""

from __future__ import annotations

import ipaddress
import socket

_REFUSED_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network (RFC 791)
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # shared, carrier-grade NAT (RFC 6598)
        "127.0.0.0/8",  # loopback (RFC 1122)
        "168.63.129.16/32",  # the platform of Azure's hosts (Microsoft, "What is IP address 168.63.129.16?")
        "169.254.0.0/16",  # link local, cloud metadata (RFC 3927)
        "172.16.0.0/12",  # private (RFC 1918)
        "192.0.0.0/24",  # IETF protocol assignments (RFC 6890)
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.31.196.0/24",  # AS112 (RFC 7535)
        "192.52.193.0/24",  # AMT (RFC 7450)
        "192.88.99.0/24",  # 6to4 relay anycast (RFC 7526)
        "192.168.0.0/16",  # private (RFC 1918)
        "192.175.48.0/24",  # AS112 (RFC 7534)
        "198.18.0.0/15",  # benchmarking (RFC 2544)
        "198.51.100.0/24",  # documentation (RFC 5737)
        "203.0.113.0/24",  # documentation (RFC 5737)
        "224.0.0.0/4",  # multicast (RFC 5771)
        "240.0.0.0/4",  # reserved, broadcast (RFC 1112, RFC 919)
    )
)
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocol assignments, Teredo, ORCHID (RFC 2928)
        "2001:db8::/32",  # documentation (RFC 3849)
        "2002::/16",  # 6to4: wraps an IPv4 address (RFC 3056)
        "2620:4f:8000::/48",  # AS112 (RFC 7534)
        "3fff::/20",  # documentation (RFC 9637)
    )
)


def refusal(address: str) -> str | None:
    """Why a request on a client's behalf may not go to this IP address, or None if it may.

    ``address`` is text as ``getaddrinfo`` gives it; a zone index (``fe80::1%eth0``) is refused like its address.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address!r} is not an IP address"
    if isinstance(parsed, ipaddress.IPv4Address):
        refused = any(parsed in network for network in _REFUSED_4)
    else:
        refused = parsed not in _GLOBAL_6 or any(parsed in network for network in _REFUSED_6)
    return f"{address} is not a public address" if refused else None


def refusal_as_written(host: str) -> str | None:
    """Why a request on a client's behalf may never go to this host, as far as its name says so without being looked up;
    None where only a look-up tells. ``host``: as a URL has it, an IPv6 address without brackets.

    An IPv4 address may be written in any form that a system takes (``2130706433``, ``0x7f.1``). ``localhost`` and all
    below it are this machine (RFC 6761, 6.3); a name without a dot is one of the network that we run in.
    """
    name = host.rstrip(".").lower()
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):  # A name.
        if name == "localhost" or name.endswith(".localhost"):
            return f"{host} is not a public address"
        return None if "." in name else f"{host} is not a full host name"
    return f"{host} is not a public address" if any(refusal(str(answer[4][0])) for answer in answers) else None


def is_literal(host: str) -> bool:
    """Whether it is an IP address as such, with no name to look up."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
