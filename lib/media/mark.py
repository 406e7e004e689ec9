"""The word by which a file says of itself that the stand-in made it."""

from __future__ import annotations

REHEARSAL_MARK = "dailies-rehearsal"
