"""What some cuts show above their form: the clip itself, on which one cuts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lib.studio import Studio
from lib.ui.draft import Draft

Stage = Callable[[Studio, Draft], frozenset[str]]
"""Draws, and says which fields of the form it has drawn."""

STAGES: Mapping[str, Stage] = {}
