"""The address guard: properties over many addresses, and the known traps."""

from __future__ import annotations

import random
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest

from lib.errors import InputError
from lib.net.address import is_public, origin_of

CLOSED_V4 = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "168.63.129.16/32",
    "255.255.255.255/32",
]
CLOSED_V6 = [
    "::/128",
    "::1/128",
    "::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    "4000::/3",
    "8000::/1",
]
OPEN_V4 = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1", "172.15.255.255"]
OPEN_V4 += [
    "172.32.0.1",
    "169.253.255.255",
    "169.255.0.1",
    "192.167.255.255",
    "192.169.0.1",
    "198.17.255.255",
    "198.20.0.1",
]
OPEN_V4 += ["223.255.255.255", "11.0.0.1", "9.255.255.255"]
OPEN_V6 = ["2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001:81b::200e", "2400:cb00::1"]


def embeddings(inner: IPv4Address) -> list[IPv6Address]:
    """Every way in which an IPv6 address can lead to an IPv4 one."""
    number = int(inner)
    prefix = int(IPv6Address("2a00::"))
    return [
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address((0x2002 << 112) | (number << 80) | 1),
        IPv6Address(int(IPv6Address("64:ff9b::")) | number),
        IPv6Address(prefix | (0x00005EFE << 32) | number),
        IPv6Address(prefix | (0x02005EFE << 32) | number),
    ]


def samples(net: IPv4Network | IPv6Network, rng: random.Random, count: int) -> list[IPv4Address | IPv6Address]:
    inside = [net[rng.randrange(net.num_addresses)] for _ in range(count)]
    return [net[0], net[-1], *inside]


@pytest.mark.parametrize("net", CLOSED_V4)
def test_closed_ipv4_stays_closed_however_it_is_wrapped(net: str) -> None:
    """Both ends and a hundred addresses of every closed block are refused, plain and inside IPv6."""
    for address in samples(IPv4Network(net), random.Random(net), 100):
        assert isinstance(address, IPv4Address)
        assert not is_public(str(address))
        assert [str(wrapped) for wrapped in embeddings(address) if is_public(str(wrapped))] == []


@pytest.mark.parametrize("net", CLOSED_V6)
def test_closed_ipv6_stays_closed(net: str) -> None:
    """Both ends and a hundred addresses of every closed IPv6 block are refused."""
    for address in samples(IPv6Network(net), random.Random(net), 100):
        assert not is_public(str(address)), address


def test_neighbours_of_closed_blocks_are_open() -> None:
    """The guard does not refuse the addresses beside the closed blocks, plain, mapped or behind NAT64."""
    for text in OPEN_V4:
        assert is_public(text)
        mapped, sixtofour, nat64, *_ = embeddings(IPv4Address(text))
        assert is_public(str(mapped))
        assert is_public(str(sixtofour))
        assert is_public(str(nat64))
    assert all(map(is_public, OPEN_V6))


def test_what_is_open_is_global_unicast() -> None:
    """Of ten thousand random IPv6 addresses none outside 2000::/3 is let through, and most inside are."""
    rng, inside = random.Random(3), IPv6Network("2000::/3")
    drawn = [IPv6Address(rng.getrandbits(128)) for _ in range(10_000)]
    opened = [address for address in drawn if is_public(str(address))]
    assert all(address in inside for address in opened)
    assert len(opened) > 0.95 * sum(address in inside for address in drawn)


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "0x7f000001", "1.2.3.4/32", "fe80::1%eth0", "::ffff:7f00:1"]
)
def test_what_is_no_plain_address_is_not_public(text: str) -> None:
    """Short, hexadecimal and scoped forms are not let through."""
    assert not is_public(text)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Queue.Fal.run/a?b#c", "https://queue.fal.run:443"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("http://[::1]/x", "http://[::1]:80"),
        ("https://queue.fal.run@evil.example/", "https://evil.example:443"),
        ("https://evil.example#@queue.fal.run/", "https://evil.example:443"),
    ],
)
def test_an_origin_is_what_is_really_asked(url: str, origin: str) -> None:
    """The origin is the one the request would go to, port included."""
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url", ["ftp://a/b", "file:///etc/passwd", "a.example/x", "//a/b", "data:,x", "http://", "http://a:b/"]
)
def test_other_schemes_have_no_origin(url: str) -> None:
    """Anything that is not http or https is refused with a sentence."""
    with pytest.raises(InputError):
        origin_of(url)
