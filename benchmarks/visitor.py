"""Visitors of a Streamlit server without a browser: its own protocol, spoken by one asyncio loop for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PATIENCE_S = 180.0


class Visitor:
    """One tab: it has opened a page, and asks again for what the page wants to be asked for again."""

    def __init__(self, socket: websockets.ClientConnection, base: str, page: str, query: str) -> None:
        self._socket = socket
        self._base, self._page, self._query = base, page, query
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._rest = asyncio.Event()
        self.reruns = 0
        self.drawn = 0

    async def rerun(self, fragment_id: str = "") -> float:
        """Seconds until the script, or that part of it, has run."""
        self._rest.clear()
        began = time.monotonic()
        await self._ask(fragment_id)
        await asyncio.wait_for(self._rest.wait(), PATIENCE_S)
        return time.monotonic() - began

    async def listen(self) -> None:
        """Takes what the server sends, until the connection ends."""
        with contextlib.suppress(websockets.ConnectionClosed):
            async for data in self._socket:
                self._take(ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode()))

    def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()

    async def _ask(self, fragment_id: str = "") -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = self._query, self._page
        state.context_info.url = f"{self._base}/{self._page}"
        if fragment_id:
            state.fragment_id, state.is_auto_rerun = fragment_id, True
        await self._socket.send(message.SerializeToString())

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self.reruns += 1
            self._rest.set()
        elif kind == "auto_rerun":
            self._again(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            for fragment_id in message.stop_auto_rerun.fragment_ids:
                self._stop(fragment_id)
        elif kind == "new_session" and not message.metadata.run.fragment_ids:
            for fragment_id in list(self._timers):
                self._stop(fragment_id)
        elif kind == "delta":
            self.drawn += 1

    def _again(self, fragment_id: str, every_s: float) -> None:
        self._stop(fragment_id)
        self._timers[fragment_id] = asyncio.create_task(self._ask_every(fragment_id, every_s))

    def _stop(self, fragment_id: str) -> None:
        if timer := self._timers.pop(fragment_id, None):
            timer.cancel()

    async def _ask_every(self, fragment_id: str, every_s: float) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await asyncio.sleep(every_s)
                await self._ask(fragment_id)


@contextlib.asynccontextmanager
async def visiting(base: str, page: str = "", query: str = "") -> AsyncIterator[Visitor]:
    """A visitor whose page has been drawn once."""
    address = base.replace("http://", "ws://") + "/_stcore/stream"
    async with websockets.connect(address, subprotocols=["streamlit"], max_size=None, compression=None) as socket:
        visitor = Visitor(socket, base, page, query)
        listening = asyncio.create_task(visitor.listen())
        try:
            await visitor.rerun()
            yield visitor
        finally:
            visitor.close()
            listening.cancel()


def pss_mb(pid: int) -> float:
    """What a process holds for itself, what it shares with others in part, in MB."""
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024


def cpu_s(pid: int) -> float:
    """Seconds of processor time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
