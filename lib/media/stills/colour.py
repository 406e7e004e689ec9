"""Colours that a usual screen cannot show (HDR, wide gamuts), brought to those that it can.

libswscale could do it as well, but prepares for seconds (of processor time) before its first picture.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Any

import numpy as np
from av.sidedata.sidedata import Type

from lib.media.proof.measure import Array

PQ, HLG = 16, 18  # transfers (ISO 23091-2)
TO_709 = {  # by primaries: BT.2020 (ITU-R BT.2087), P3 with the white of cinemas taken for D65, P3
    9: [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    11: [[1.2249, -0.2249, 0.0], [-0.0421, 1.0421, 0.0], [-0.0196, -0.0786, 1.0983]],
    12: [[1.2249, -0.2249, 0.0], [-0.0421, 1.0421, 0.0], [-0.0196, -0.0786, 1.0983]],
}
LUMA_2020 = np.array([0.2627, 0.6780, 0.0593], np.float32)
PAPER_NITS = 203.0  # a white page in HDR (ITU-R BT.2408)
USUAL_PEAK_NITS, PQ_NITS = 1000.0, 10_000.0
STEPS = np.linspace(0, 1, 65536, dtype=np.float64)
ROWS = 128  # at a time, so that little of it is in memory


def brought_in(codes: Array, frame: Any) -> Array:
    """Rows of 16 bit RGB(A) in the clip's colours as 8 bit in a screen's."""
    strips = [codes[top : top + ROWS] for top in range(0, len(codes), ROWS)]
    return np.concatenate([_strip(strip, frame) for strip in strips])


def _strip(codes: Array, frame: Any) -> Array:
    to_709 = np.array(TO_709.get(frame.color_primaries, np.eye(3)), np.float32).T
    if frame.color_trc in (PQ, HLG):
        light = _light_of(frame.color_trc)[codes[..., :3]]
        if frame.color_trc == HLG:  # a screen of 1000 nits is a little steeper than what was seen (BT.2100)
            light *= np.power(light @ LUMA_2020, 0.2)[..., None] * USUAL_PEAK_NITS / PAPER_NITS
        shown = SRGB[_steps(compressed(light @ to_709, peak_nits(frame) / PAPER_NITS))]
    else:
        shown = CAMERA_BACK[_steps(CAMERA[codes[..., :3]] @ to_709)]
    return np.concatenate([shown, (codes[..., 3:] >> 8).astype(np.uint8)], axis=2)


def compressed(light: Array, peak: float) -> Array:
    """Light, in which 1 is paper, so that all up to `peak` is within 1; hues are kept.

    Darkness stays nearly as it is, paper comes to about half of the light that a screen has (Reinhard, extended).
    """
    strongest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    mapped: Array = light * (1 + strongest / peak**2) / (1 + strongest)
    return mapped


def peak_nits(frame: Any) -> float:
    """The brightest that the clip says it holds; where it does not say, what is usual."""
    level, mastering = (
        frame.side_data.get(kind) for kind in (Type.CONTENT_LIGHT_LEVEL, Type.MASTERING_DISPLAY_METADATA)
    )
    said = float(struct.unpack_from("=I", bytes(level))[0]) if level is not None else 0.0
    if not said and mastering is not None:
        above, below, _, known = struct.unpack_from("=iiii", bytes(mastering), 72)  # AVMasteringDisplayMetadata
        said = above / below if known and below else 0.0
    return min(max(said or USUAL_PEAK_NITS, PAPER_NITS), PQ_NITS)


def _steps(light: Array) -> Array:
    steps: Array = (np.clip(light, 0, 1) * (len(STEPS) - 1) + 0.5).astype(np.uint16)
    return steps


@cache
def _light_of(transfer: int) -> Array:
    """Code -> light: for PQ 1 is paper, for HLG the brightest."""
    if transfer == PQ:  # SMPTE ST 2084
        code = STEPS ** (1 / 78.84375)
        nits = (np.maximum(code - 0.8359375, 0) / (18.8515625 - 18.6875 * code)) ** (1 / 0.1593017578125) * PQ_NITS
        return (nits / PAPER_NITS).astype(np.float32)
    high = (np.exp((STEPS - 0.55991073) / 0.17883277) + 0.28466892) / 12  # ARIB STD-B67
    return np.where(STEPS <= 0.5, STEPS**2 / 3, high).astype(np.float32)


def _bytes(shown: Array) -> Array:
    whole: Array = np.round(shown * 255).astype(np.uint8)
    return whole


SRGB = _bytes(np.where(STEPS <= 0.0031308, 12.92 * STEPS, 1.055 * STEPS ** (1 / 2.4) - 0.055))
CAMERA = np.where(STEPS < 0.081, STEPS / 4.5, ((STEPS + 0.099) / 1.099) ** (1 / 0.45)).astype(np.float32)  # BT.709
CAMERA_BACK = _bytes(np.where(STEPS < 0.018, 4.5 * STEPS, 1.099 * STEPS**0.45 - 0.099))
