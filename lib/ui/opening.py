"""What the server runs for every visitor: the router, as soon as it is loaded."""

from __future__ import annotations

from lib.ui import early

early.router().show_page(with_routes=True)
