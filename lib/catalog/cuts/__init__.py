"""Cuts: local ffmpeg work with the same face as a hosted model, free of charge."""

from __future__ import annotations

from lib.catalog.cuts import fit, frames, join, sound, trim
from lib.catalog.operation import Cut, Family

CUT_FAMILIES: tuple[Family[Cut], ...] = (trim.FAMILY, join.FAMILY, frames.FAMILY, sound.FAMILY, fit.FAMILY)
CUTS: dict[str, Cut] = {cut.id: cut for family in CUT_FAMILIES for cut in family.operations}
