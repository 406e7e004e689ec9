"""The way out to the network: guarded client, capped download, types told by bytes."""

from __future__ import annotations

from lib.net.address import Origin, is_public, origin_of
from lib.net.client import FRESH, open_client
from lib.net.download import Downloaded, Limits, download
from lib.net.faults import TRANSPORT_ERRORS, unreachable
from lib.net.sniff import sniff

__all__ = [
    "FRESH",
    "TRANSPORT_ERRORS",
    "Downloaded",
    "Limits",
    "Origin",
    "download",
    "is_public",
    "open_client",
    "origin_of",
    "sniff",
    "unreachable",
]
