"""What a clip's colours are where it does not say so, and the filters that bring them to another clip's. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.media.facts import Facts
from lib.media.kept import form_of
from lib.media.tags import MATRICES, PRIMARIES, TRANSFERS

# Numbers of ITU-T H.273.
RGB, UNKNOWN, BT709, BT601, BT2020, LINEAR = 0, 2, 1, 5, 9, 8
PQ, HLG = 16, 18
FULL = 2
HD_LINES = 720
SCALED = (BT709, 4, BT601, 6, 7, BT2020)  # matrices that ffmpeg's scaler knows
_RGB = re.compile(r"(gbr|rgb|bgr|argb|abgr|0rgb|0bgr|pal8|x2rgb|x2bgr)")
WHITE_NITS = 203  # of paper white among HDR pictures (ITU-R BT.2408)
MAPPED_NITS = 100  # what white becomes of HDR pictures that are brought to the usual range


@dataclass(frozen=True, slots=True)
class Colours:
    """Primaries, transfer, matrix (ITU-T H.273) and range (2 is the full one), all known."""

    primaries: int
    transfer: int
    matrix: int
    range: int

    @property
    def is_hdr(self) -> bool:
        return self.transfer in (PQ, HLG)

    def as_zscale(self, end: str = "") -> dict[str, int]:
        """As options of zscale; those of its input `end` in "in"."""
        return {f"p{end}": self.primaries, f"t{end}": self.transfer, f"m{end}": self.matrix}


def matrix_of(said: int | None, height: int | None) -> int:
    """The colour matrix as players take it: what is said, else BT.709 for large pictures and BT.601 for small ones."""
    if said not in (None, UNKNOWN):
        return said
    return BT709 if (height or 0) >= HD_LINES else BT601


def is_rgb(facts: Facts) -> bool:
    """Whether its pictures have no colour matrix at all."""
    return bool(_RGB.match(facts.pixel_format or ""))


def as_seen(stream: Any, facts: Facts, height: int | None) -> Any:
    """Pictures of that height for a coding with a matrix: where nobody says which, the one that players take it for."""
    wanted = matrix_of(None, height)
    if is_rgb(facts):
        tags = {"color_primaries": BT709, "color_trc": BT709, "colorspace": wanted, "range": "tv"}
        stream = stream.filter("scale", out_color_matrix=wanted, out_range="tv", flags="bicubic+accurate_rnd")
        return stream.filter("format", form_of(facts)).filter("setparams", **tags)
    own = matrix_of(None, facts.height)
    if facts.colour_matrix or own == wanted:
        return stream
    return stream.filter("scale", in_color_matrix=own, out_color_matrix=wanted, flags="bicubic+accurate_rnd")


def numbers_of(facts: Facts) -> tuple[int, int, int, int]:
    """Primaries, transfer, matrix and whether luma takes the full range, as numbers (2 where it is not said)."""
    primaries, transfer, matrix = (
        _number(names, name)
        for names, name in (
            (PRIMARIES, facts.colour_primaries),
            (TRANSFERS, facts.colour_transfer),
            (MATRICES, facts.colour_matrix),
        )
    )
    return primaries, transfer, matrix, int(facts.colour_range == "pc")


def colours_of(facts: Facts, said: tuple[int, ...] = ()) -> Colours:
    """The clip's colours as players take them; what `said` knows comes first, what nobody says is as usual."""
    own = numbers_of(facts)
    primaries, transfer, matrix, full = (
        one if one != UNKNOWN else other for one, other in zip(said or own, own, strict=True)
    )
    usual = BT2020 if transfer in (PQ, HLG) else None
    matrix = RGB if is_rgb(facts) and not said else matrix_of(usual if matrix == UNKNOWN else matrix, facts.height)
    if primaries == UNKNOWN:
        primaries = usual or BT709
    return Colours(primaries, BT709 if transfer == UNKNOWN else transfer, matrix, FULL if full else 1)


def toned(own: Colours, wanted: Colours) -> bool:
    """Whether brightness or primaries must be brought to others as well, as between HDR and the usual range."""
    wide = own.primaries == BT2020
    other = (own.is_hdr or wanted.is_hdr) and own.transfer != wanted.transfer
    return other or wide != (wanted.primaries == BT2020)


def scaling(own: Colours, wanted: Colours) -> dict[str, Any]:
    """What the scaler is told so that the pictures get the wanted matrix and range."""
    told: dict[str, Any] = {"out_range": "pc" if wanted.range == FULL else "tv"}
    if own.matrix == RGB:
        return told | {"out_color_matrix": wanted.matrix}
    if _scaled(own.matrix) == _scaled(wanted.matrix) or not {own.matrix, wanted.matrix} <= {*SCALED, 10}:
        return told
    return told | {"in_color_matrix": _scaled(own.matrix), "out_color_matrix": _scaled(wanted.matrix)}


def mapped(stream: Any, own: Colours, wanted: Colours, pixel_format: str) -> Any:
    """The pictures, in their own colours and the wanted range, with the wanted brightness, primaries and matrix."""
    span = {"rin": int(wanted.range == FULL), "r": int(wanted.range == FULL)}
    if wanted.is_hdr or not own.is_hdr:
        options = own.as_zscale("in") | wanted.as_zscale() | span | {"npl": WHITE_NITS}
        return stream.filter("zscale", **options).filter("format", pixel_format)
    stream = stream.filter("zscale", **own.as_zscale("in"), rin=span["rin"], t=LINEAR, npl=MAPPED_NITS)
    stream = stream.filter("format", "gbrpf32le").filter("zscale", p=wanted.primaries)
    stream = stream.filter("tonemap", tonemap="hable", desat=0)
    stream = stream.filter("zscale", t=wanted.transfer, m=wanted.matrix, r=span["r"])
    return stream.filter("format", pixel_format)


def _scaled(matrix: int) -> int:
    """The number that the scaler has for it: two of BT.601 and two of BT.2020 are the same to it."""
    return {6: BT601, 10: BT2020}.get(matrix, matrix)


def _number(names: Mapping[int, str], name: str | None) -> int:
    return next((number for number, one in names.items() if one == name), UNKNOWN)
