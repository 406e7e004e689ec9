"""`python -m lib`: Dailies without a browser."""

from __future__ import annotations

import sys

try:
    from lib.cli import main

    code = main()
except KeyboardInterrupt:  # while it is still starting
    code = 130
sys.exit(code)
