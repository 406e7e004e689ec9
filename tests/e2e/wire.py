"""A line between browser and server that can be held in the middle of an upload, cut, and mended."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType

PIECE_BYTES = 64 * 1024


class Wire:
    """Forwards every connection to `port`. Only uploads (PATCH) are ever held, so that the page itself stays alive."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._change = threading.Condition()
        self._left: int | None = None
        self._is_cut = False
        self._lost = 0
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def hold_after(self, size_bytes: int) -> None:
        """So many bytes of uploads still pass; then they stand still."""
        with self._change:
            self._left = size_bytes

    def let_go(self) -> None:
        """Everything passes again."""
        with self._change:
            self._left, self._is_cut = None, False
            self._change.notify_all()

    def lose(self) -> None:
        """What stands still never arrives: a browser that left has taken its unsent bytes along."""
        with self._change:
            self._lost += 1
            self._change.notify_all()

    def cut(self) -> None:
        """Every connection breaks now, and no other comes about until `let_go`."""
        with self._change:
            self._is_cut, broken = True, list(self._open)
            self._change.notify_all()
        for end in broken:
            _close(end)

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.cut()
        _close(self._listening)

    def _accept(self) -> None:
        while True:
            try:
                browser, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(browser,), daemon=True).start()

    def _connect(self, browser: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._port))
        except OSError:
            return _close(browser)
        with self._change:
            self._open |= {browser, server}
            is_cut = self._is_cut
        if is_cut:
            _close(browser)
            _close(server)
        threading.Thread(target=self._pump, args=(server, browser), daemon=True).start()
        return self._pump(browser, server, may_hold=True)

    def _pump(self, source: socket.socket, to: socket.socket, *, may_hold: bool = False) -> None:
        is_upload = False
        with suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                is_upload = may_hold and (is_upload or b"PATCH /" in piece)  # one more may come on a kept connection
                if is_upload:
                    self._wait(len(piece))
                to.sendall(piece)
        _close(source)
        _close(to)
        with self._change:
            self._open -= {source, to}

    def _wait(self, size_bytes: int) -> None:
        with self._change:
            lost = self._lost
            self._change.wait_for(lambda: self._left is None or self._left > 0 or self._is_cut or self._lost > lost)
            if self._lost > lost:
                raise ConnectionResetError
            if self._left is not None:
                self._left -= size_bytes


def _close(end: socket.socket) -> None:
    with suppress(OSError):  # it may be closed already
        end.shutdown(socket.SHUT_RDWR)
    end.close()
