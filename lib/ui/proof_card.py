"""How a cut was made and that it is right: one line, and the whole proof behind a click."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import streamlit as st

from lib.ui.text import plain

SAID = ("method", "reason", "copied_pictures", "encoded_pictures", "proof")
"""What the line says, of a cut's output."""
WAYS = {"smart": "Smart cut", "exact": "Exact re-encode"}


def proof_line(output: Mapping[str, Any], key: str, picture: str | None = None) -> None:
    """ "Smart cut: 130 pictures copied, 2 encoded" and, folded, what was counted and compared.

    `picture` is the address of the proof sheet, drawn when somebody asks for it.
    """
    proof = output.get("proof")
    if words := method_words(output):
        st.caption(plain(words))
    if not isinstance(proof, Mapping):
        return
    with st.popover("Proven", icon=":material/verified:", type="tertiary", key=key):
        st.markdown("**Checked before it was handed over**")
        seen = list(_seams(proof))
        is_clip = any(one["How"] != "taken" for one in seen)  # a still is the picture itself
        if is_clip and picture and st.toggle("Show the compared pictures side by side", key=f"{key}:sheet"):
            st.image(picture, alt="Pictures of the result beside those of the source")  # with the same numbers on it
            return
        st.table(dict(rows(proof)), border="horizontal")
        if seen:
            st.caption("Pictures of the result, compared with the source:")
            st.table(seen, border="horizontal")


def method_words(output: Mapping[str, Any]) -> str:
    """How it was made, and why pictures had to be encoded that could have been copied; "" where it does not say."""
    way = WAYS.get(str(output.get("method")))
    if way is None:
        return ""
    copied, encoded = output.get("copied_pictures", 0), output.get("encoded_pictures", 0)
    counts = f"{copied} pictures copied, {encoded} encoded" if copied else f"all {encoded} pictures encoded"
    reason = str(output.get("reason") or "")
    return f"{way}: {counts}. {reason}".strip() if reason else f"{way}: {counts}."


def rows(proof: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(what, figure) for people; what a proof does not speak of has no row."""
    if proof.get("frames") is not None:
        wanted = proof.get("wanted_frames", proof["frames"])
        yield "Pictures", f"{proof['frames']:,} of {wanted:,}"
    if proof.get("duration_s") is not None:
        yield "Picture ends at", f"{proof['duration_s']:.3f} s"
    rate, samples = proof.get("sample_rate"), proof.get("sound_samples")
    if rate and samples is not None:
        off = samples - (proof.get("wanted_samples") or samples)
        yield "Sound ends at", f"{samples / rate:.3f} s ({off:+d} samples)" if off else f"{samples / rate:.3f} s"
    if proof.get("offset_s") is not None:
        yield "Sound against picture", f"{proof['offset_s'] * 1000:+.1f} ms"
    equal = [one for one in proof.get("seen", ()) if one["check"]["how"] == "copied"]
    if equal:
        yield "Copied pictures looked at", f"{sum(one['equal'] for one in equal)} of {len(equal)} equal to the bit"
    for title, hows in (("Encoded pictures looked at", ("encoded", "mixed")), ("Pictures read back", ("taken",))):
        if alike := [one["ssim"] for one in proof.get("seen", ()) if one["check"]["how"] in hows]:
            yield title, f"likeness (SSIM) {min(alike):.4f} or more"


def _seams(proof: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for one in proof.get("seen", ()):
        check = one["check"]
        like = "equal to the bit" if one["equal"] else f"SSIM {one['ssim']:.4f}"
        yield {"Result": f"#{check['made']}", "Source": f"#{check['source']}", "How": check["how"], "Likeness": like}
