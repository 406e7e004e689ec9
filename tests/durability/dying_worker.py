"""A worker that kills itself at an instant that nobody outside can hit: just before a POST, or just after its answer.

`python tests/durability/dying_worker.py --at before_post --origin http://127.0.0.1:N`. Without `--at` it is the plain
worker at a quicker pace, so that a test does not wait for a patient search.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys

import httpcore
import httpx

from lib.net.client import GuardedTransport, resolve
from lib.settings import load_settings
from lib.worker.process import Pace, serve


class Doomed(httpx.AsyncBaseTransport):
    """The worker's own guarded transport with death waiting at submits."""

    def __init__(self, inner: httpx.AsyncBaseTransport, at: str) -> None:
        self._inner = inner
        self._at = at

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        submit = request.method == "POST" and request.url.path.startswith("/fal-ai/")
        if submit and self._at == "before_post":
            os.kill(os.getpid(), signal.SIGKILL)
        response = await self._inner.handle_async_request(request)
        if submit and self._at == "before_saved":
            await response.aread()
            os.kill(os.getpid(), signal.SIGKILL)
        return response


def main() -> int:
    """The worker's exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--at", choices=["before_post", "before_saved"])
    parser.add_argument("--origin", help="the stand-in, which is trusted as the worker trusts it")
    parser.add_argument("--search-s", type=float, default=2.0)
    parser.add_argument("--watch-s", type=float, default=0.5)
    parser.add_argument("--largest-file-bytes", type=int, help="a disk that is full: files end here")
    given = parser.parse_args()
    if given.largest_file_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (given.largest_file_bytes, resource.RLIM_INFINITY))
    transport = None
    if given.at:
        guarded = GuardedTransport(frozenset({given.origin}), resolve, httpcore.AnyIOBackend())
        transport = Doomed(guarded, given.at)
    pace = Pace(search_s=given.search_s, watch_s=given.watch_s)
    return serve(load_settings(), transport=transport, pace=pace)


if __name__ == "__main__":
    sys.exit(main())
