"""What has to be known of H.264 (ITU-T H.264, 7.3) to copy it: parameter sets, their numbers, kinds of pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lib.errors import BadMedia, Unsupported

IDR, SPS, PPS, EXTENSION = 5, 7, 8, 13
PROFILES = {66: "baseline", 77: "main", 100: "high", 110: "high10", 122: "high422", 244: "high444"}


@dataclass(frozen=True, slots=True)
class Parameters:
    """An avcC record (ISO 14496-15, 5.3.3): its first four bytes, length size, parameter sets, what follows them."""

    head: bytes
    length_size: int
    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]
    rest: bytes

    @classmethod
    def parse(cls, body: bytes) -> Parameters:
        sets: list[list[bytes]] = [[], []]
        try:
            at = 5
            for found, mask in zip(sets, (31, 255), strict=True):
                count, at = body[at] & mask, at + 1
                for _ in range(count):
                    length = int.from_bytes(body[at : at + 2])
                    found.append(body[at + 2 : at + 2 + length])
                    at += 2 + length
        except IndexError as error:
            raise BadMedia("The clip's coding parameters are damaged.", hint="") from error
        return cls(body[:4], (body[4] & 3) + 1, tuple(sets[0]), tuple(sets[1]), body[at:])

    def build(self) -> bytes:
        sps, pps = (b"".join(len(one).to_bytes(2) + one for one in found) for found in (self.sps, self.pps))
        head = self.head + bytes([0xFC | self.length_size - 1, 0xE0 | len(self.sps)])
        return head + sps + bytes([len(self.pps)]) + pps + self.rest

    def free_number(self) -> int:
        """One that neither a sequence nor a picture parameter set has (0 to 31)."""
        taken = {sps_number(one) for one in self.sps} | {pps_number(one) for one in self.pps}
        taken |= {sps_of_pps(one) for one in self.pps}
        free = next((number for number in range(32) if number not in taken), None)
        if free is None:
            raise Unsupported("The clip uses every number that a parameter set can have.", hint="")
        return free

    def joined(self, other: Parameters) -> Parameters:
        """Both kinds of pictures under one record. Raises Unsupported where a number would mean two things."""
        sps = _union(self.sps, other.sps, sps_number)
        return replace(self, sps=sps, pps=_union(self.pps, other.pps, pps_number))


def _union(mine: tuple[bytes, ...], others: tuple[bytes, ...], number: object) -> tuple[bytes, ...]:
    new = [one for one in others if one not in mine]
    every = [*mine, *new]
    if callable(number) and len({number(one) for one in every}) != len(every):
        raise Unsupported("The clips' coding parameters contradict each other.", hint="")
    return tuple(every)


def nals(sample: bytes, length_size: int) -> Iterator[bytes]:
    """The units of a sample, each behind its length. Raises BadMedia."""
    at = 0
    while at < len(sample):
        length = int.from_bytes(sample[at : at + length_size])
        at += length_size
        if length == 0 or at + length > len(sample):
            raise BadMedia("A picture of the clip is damaged.", hint="")
        yield sample[at : at + length]
        at += length


def from_annexb(data: bytes) -> list[bytes]:
    """The units of a byte stream with start codes."""
    return [unit.rstrip(b"\0") for unit in data.split(b"\0\0\1")[1:]]


def to_sample(units: list[bytes], length_size: int) -> bytes:
    return b"".join(len(unit).to_bytes(length_size) + unit for unit in units)


def kind(unit: bytes) -> int:
    return unit[0] & 31


def is_reference(unit: bytes) -> bool:
    """Whether other pictures may need this one (nal_ref_idc)."""
    return bool(unit[0] & 0x60)


def sps_number(sps: bytes) -> int:
    return _exp_golomb(sps[4:], 1)[0]  # after the unit's head, profile, constraints and level


def pps_number(pps: bytes) -> int:
    return _exp_golomb(pps[1:], 2)[0]


def sps_of_pps(pps: bytes) -> int:
    return _exp_golomb(pps[1:], 2)[1]


def _exp_golomb(data: bytes, count: int) -> list[int]:
    """The first `count` numbers in ue(v) coding."""
    bits = "".join(f"{byte:08b}" for byte in data[:16].replace(b"\0\0\3", b"\0\0"))
    found, at = [], 0
    for _ in range(count):
        zeros = bits.find("1", at) - at
        if zeros < 0 or zeros > 16:
            raise BadMedia("The clip's coding parameters are damaged.", hint="")
        found.append(int(bits[at + zeros : at + 2 * zeros + 1], 2) - 1)
        at += 2 * zeros + 1
    return found
