"""Exit codes; other programs rely on them."""

from __future__ import annotations

DONE, FAILED, USAGE, UNCERTAIN, REFUSED = 0, 1, 2, 3, 4
INTERRUPTED = 130
