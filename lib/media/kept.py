"""What H.264, as it is made here, keeps of a clip's depth and colours, and what it cannot. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.media.facts import Facts

PLAIN, DEEP = "yuv420p", "yuv420p10le"
_DEEP = re.compile(r"(9|10|12|14|16)(le|be)$")
_ALPHA = re.compile(r"^(yuva|gbrap|rgba|bgra|argb|abgr|ya)")
_FINER = re.compile(r"(422|444|440)|^(gbr|rgb|bgr|argb|abgr)")


def is_deep(facts: Facts) -> bool:
    """Whether its pictures have more than 8 bits a sample."""
    return bool(_DEEP.search(facts.pixel_format or ""))


def form_of(facts: Facts, *, plain: bool = False) -> str:
    """What its pictures are encoded in: 10 bit where they have more than 8, unless it must be `plain`."""
    return DEEP if is_deep(facts) and not plain else PLAIN


def lost(facts: Facts, *, plain: bool = False) -> Iterator[str]:
    """What that form cannot keep of the clip, in sentences with the reason."""
    form, bits = facts.pixel_format or PLAIN, facts.bit_depth or (10 if is_deep(facts) else 8)
    if plain and bits > 8:
        yield f"Depth: {bits} to 8 bit, as every player and endpoint reads."
    elif bits > 10:
        yield f"Depth: {bits} to 10 bit, the most that H.264 is read with."
    if _FINER.search(form):
        yield "Colours: their resolution is halved (4:2:0), as every player and endpoint reads."
    if _ALPHA.search(form) and facts.video_codec != "gif":
        yield "Transparency is gone: H.264 has none."
    if facts.hdr == "Dolby Vision":
        yield "Dolby Vision: what it says of each scene's brightness is gone; H.264 has no place for it."
    elif facts.hdr and plain:
        yield f"{facts.hdr}: brightness stays coded as it was, in 8 bit; soft gradients may show steps."


def changes(facts: Facts) -> dict[str, str]:
    """What an encoding of the clip says of itself: nothing where all is kept."""
    sentences = " ".join(lost(facts))
    return {"changes": sentences} if sentences else {}
