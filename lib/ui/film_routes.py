"""What the clip player asks the server for: strip, peaks, stills, times, and the proxy of what a browser cannot play.

All under /film/<hash>, signed as the file itself is. Work is done in limited children, a few at a time, and kept.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from lib.errors import DailiesError, InputError
from lib.media import graph
from lib.media.film.blocks import Block, block_of
from lib.media.film.peaks import columns, make_peaks
from lib.media.film.proxy import make_proxy
from lib.media.film.still import make_still
from lib.media.film.strip import make_strip
from lib.media.timing import frames_of
from lib.store.views import Asset
from lib.studio import Studio
from lib.studio.derived import Making
from lib.ui.signed import FILE_HEADERS, not_there, signed_asset

PROXY = "proxy.mp4"
SOUND_FPS = 100.0
FRESH = FILE_HEADERS | {"Cache-Control": "no-store"}
Answer = Callable[[Studio, Asset, Request], Awaitable[Response]]


def film_routes(studio_of: Callable[[], Studio]) -> list[BaseRoute]:
    """The routes; `studio_of` is asked when something is."""
    return [
        Route(f"/film/{{sha256}}/{path}", _signed(studio_of, answer), methods=[method])
        for method, path, answer in (
            ("GET", "strip", strip),
            ("GET", "peaks", peaks),
            ("GET", "times", times),
            ("GET", "still/{frame:int}", still),
            ("GET", "proxy", proxy),
            ("POST", "proxy", start_proxy),
            ("DELETE", "proxy", stop_proxy),
            ("GET", PROXY, proxy_file),
        )
    ]


def _signed(studio_of: Callable[[], Studio], answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def checked(request: Request) -> Response:
        studio = await anyio.to_thread.run_sync(studio_of)
        asset = await signed_asset(studio, request)
        if asset is None:
            return not_there()
        try:
            asset = _as_clip(asset) if answer is peaks else asset
            frames_of(asset.facts)
            return await answer(studio, asset, request)
        except DailiesError as error:
            return JSONResponse({"message": error.message, "hint": error.hint}, 422, FRESH)

    return checked


async def strip(studio: Studio, asset: Asset, request: Request) -> Response:
    """One block of the timeline (?level=&block=) as sixteen small pictures in a JPEG."""
    level, number, block = _block(asset, request)

    async def make(path: Path, making: Making) -> None:
        await make_strip(_path(asset), asset.facts, block, path)

    made = await studio.derived.file(asset.sha256, f"strip-{level}-{number}.jpg", make)
    return FileResponse(made, media_type="image/jpeg", headers=FILE_HEADERS)


async def peaks(studio: Studio, asset: Asset, request: Request) -> Response:
    """The sound's outline in that block, as {"low": […], "high": […]} of numbers from -128 to 127."""
    block = _block(asset, request)[2]

    async def make(path: Path, making: Making) -> None:
        await make_peaks(_path(asset), asset.facts, path)

    made = await studio.derived.file(asset.sha256, "peaks.bin", make)
    return JSONResponse(await anyio.to_thread.run_sync(columns, made, asset.facts, block), headers=FILE_HEADERS)


async def times(studio: Studio, asset: Asset, request: Request) -> Response:
    """When each picture comes, in seconds from the first; [] where the rate says it all."""
    return JSONResponse(list(asset.facts.shown_at_s), headers=FILE_HEADERS)


async def still(studio: Studio, asset: Asset, request: Request) -> Response:
    """One picture by its number, decoded as the cuts do it."""
    frame = int(request.path_params["frame"])
    source, facts = _path(asset), asset.facts
    if facts.container not in graph.INDEXED and (found := studio.derived.find(asset.sha256, PROXY)):
        # Without an index every still would be decoded up to from the start; the proxy's pictures are the same ones.
        source, facts = found, _of_proxy(asset)

    async def make(path: Path, making: Making) -> None:
        await make_still(source, facts, path, frame)

    made = await studio.derived.file(asset.sha256, f"still-{frame}.jpg", make)
    return FileResponse(made, media_type="image/jpeg", headers=FILE_HEADERS)


async def proxy(studio: Studio, asset: Asset, request: Request) -> Response:
    """How it stands with the proxy: {"state": "none" | "waiting" | "making" | "ready" | "failed", …}."""
    return _state(studio, asset)


async def start_proxy(studio: Studio, asset: Asset, request: Request) -> Response:
    """Has it made in the background, unless it is there or on its way."""

    async def make(path: Path, making: Making) -> None:
        await make_proxy(_path(asset), asset.facts, path, on_progress=making.tell, cancelled=lambda: making.stopped)

    if studio.derived.find(asset.sha256, PROXY) is None:
        studio.derived.begin(asset.sha256, PROXY, make, large=True)
    return _state(studio, asset)


async def stop_proxy(studio: Studio, asset: Asset, request: Request) -> Response:
    """Stops making it, within a second."""
    making = studio.derived.making(asset.sha256, PROXY)
    if making:
        making.stop()
    return _state(studio, asset)


async def proxy_file(studio: Studio, asset: Asset, request: Request) -> Response:
    """The proxy itself, with ranges."""
    made = studio.derived.find(asset.sha256, PROXY)
    return FileResponse(made, media_type="video/mp4", headers=FILE_HEADERS) if made else not_there()


def _state(studio: Studio, asset: Asset) -> Response:
    making = studio.derived.making(asset.sha256, PROXY)
    if making is None:
        ready = studio.derived.find(asset.sha256, PROXY) is not None
        return JSONResponse({"state": "ready" if ready else "none"}, headers=FRESH)
    return JSONResponse(_progress(making), headers=FRESH)


def _progress(making: Making) -> dict[str, Any]:
    error = making.error()
    if making.stopped:
        return {"state": "none"}
    if error:
        return {"state": "failed", "message": error.message, "hint": error.hint}
    if making.began_s is None:
        return {"state": "waiting"}
    spent_s = time.monotonic() - making.began_s
    left_s = round(spent_s / making.fraction - spent_s, 1) if making.fraction > 0.02 else None
    return {"state": "making", "fraction": round(making.fraction, 3), "left_s": left_s}


def _as_clip(asset: Asset) -> Asset:
    """A sound alone is drawn like that of a clip of a hundred pictures a second."""
    facts = asset.facts
    if facts.kind != "audio" or not facts.duration_s:
        return asset
    frames = max(round(facts.duration_s * SOUND_FPS), 1)
    return replace(asset, facts=facts.model_copy(update={"kind": "video", "fps": SOUND_FPS, "frames": frames}))


def _block(asset: Asset, request: Request) -> tuple[int, int, Block]:
    level, number = (_whole(request.query_params.get(name, "0")) for name in ("level", "block"))
    return level, number, block_of(asset.facts, level, number)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InputError("level and block are whole numbers.", hint="Write ?level=0&block=0.")
    return int(text)


def _path(asset: Asset) -> Path:
    assert asset.path is not None
    return asset.path


def _of_proxy(asset: Asset) -> Any:
    return asset.facts.model_copy(update={"container": graph.INDEXED[0], "picture_start_s": 0.0})
