"""Which addresses are out on the public internet, and what an origin is."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from lib.errors import InputError

Origin = str
"""scheme://host:port, the port always written."""

_PORTS = {"http": 80, "https": 443}
_GLOBAL_V6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})
_CLOSED = tuple(
    ip_network(net)
    for net in (
        "100.64.0.0/10",  # carrier NAT; one cloud keeps its metadata at 100.100.100.200
        "168.63.129.16/32",  # public by number, yet the host of every Azure machine
        "192.0.0.0/24",  # protocol assignments; another cloud's metadata at 192.0.0.192
        "192.88.99.0/24",  # the 6to4 relay
        "2001::/23",  # Teredo, ORCHID and other tunnels
        "3fff::/20",  # documentation
    )
)


def origin_of(url: str | httpx.URL) -> Origin:
    """The exact origin of an http(s) address. Raises InputError for anything else."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        raise InputError("This is not a web address.", hint="Paste an address that begins with https://.") from error
    port = parsed.port or _PORTS.get(parsed.scheme)
    if port is None or not parsed.host:
        raise InputError(
            "Only http and https addresses can be opened.", hint="Paste an address that begins with https://."
        )
    host = f"[{parsed.host}]" if ":" in parsed.host else parsed.host
    return f"{parsed.scheme}://{host}:{port}"


def is_public(address: str) -> bool:
    """True for an IP address on the public internet; an IPv4 address inside an IPv6 one is judged as well."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return _public_v4(found) if isinstance(found, IPv4Address) else _public_v6(found)


def _public_v4(address: IPv4Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or _closed(address))


def _public_v6(address: IPv6Address) -> bool:
    inner = embedded(address)
    if inner is not None and not _public_v4(inner):
        return False
    if address in _NAT64 or address.ipv4_mapped is not None:
        return True
    return address in _GLOBAL_V6 and (address.is_global or address.sixtofour is not None) and not _closed(address)


def embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a mapped, 6to4, NAT64 or ISATAP address leads to."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    low = IPv4Address(int(address) & 0xFFFFFFFF)
    tunnelled = address in _NAT64 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
    return low if tunnelled else None


def _closed(address: IPv4Address | IPv6Address) -> bool:
    return any(address in net for net in _CLOSED if net.version == address.version)
