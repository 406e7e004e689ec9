"""What a cut can be judged by: its parts played at once before they are cut, and the proof as a picture afterwards.

Under /preview/<hash> and /proof/<run>/<step>, signed, made in limited children and kept beside the clip.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio.to_thread
import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from lib.catalog import operation
from lib.chain.files import assets
from lib.errors import DailiesError, InputError
from lib.media.facts import Facts
from lib.media.proof.sheet import proof_of
from lib.media.proof.show import proof_sheet
from lib.media.smart.preview import preview
from lib.media.trim import Span
from lib.store.views import Asset
from lib.studio import Studio
from lib.studio.derived import Making
from lib.ui.links import signature
from lib.ui.session import BASE_URL
from lib.ui.signed import FILE_HEADERS, not_there, signed_asset

MOST_PARTS = 101  # what is left when a hundred parts are taken out
PART = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")


def proof_routes(studio_of: Callable[[], Studio]) -> list[BaseRoute]:
    """The routes; `studio_of` is asked when something is."""

    async def previewed(request: Request) -> Response:
        studio = await anyio.to_thread.run_sync(studio_of)
        asset = await signed_asset(studio, request)
        return not_there() if asset is None else await _said(_preview(studio, asset, request))

    async def proven(request: Request) -> Response:
        studio = await anyio.to_thread.run_sync(studio_of)
        text = _text(request.path_params["run_id"], request.path_params["step_id"])
        if not studio.signer.valid(text, request.query_params.get("key", "")):
            return not_there()
        return await _said(_proof(studio, request.path_params["run_id"], request.path_params["step_id"]))

    return [
        Route("/preview/{sha256}", previewed, methods=["GET"]),
        Route("/proof/{run_id}/{step_id}", proven, methods=["GET"]),
    ]


def preview_address(studio: Studio, asset: Asset, parts: tuple[tuple[int, int], ...]) -> str | None:
    """Where a browser gets those parts to look at; None in a plain script, which has no routes."""
    base = st.session_state.get(BASE_URL)
    words = ",".join(f"{first}-{end}" for first, end in parts)
    return f"{base}/preview/{asset.sha256}?parts={words}&key={signature(studio, asset.sha256)}" if base else None


def proof_address(studio: Studio, run_id: str, step_id: str) -> str | None:
    """Where a browser gets the proof of a step's take as a picture; None in a plain script."""
    base = st.session_state.get(BASE_URL)
    key = signature(studio, _text(run_id, step_id))
    return f"{base}/proof/{run_id}/{step_id}?key={key}" if base else None


async def _said(answer: Any) -> Response:
    try:
        made: Response = await answer
    except DailiesError as error:
        return JSONResponse({"message": error.message, "hint": error.hint}, 422, {"Cache-Control": "no-store"})
    return made


async def _preview(studio: Studio, asset: Asset, request: Request) -> Response:
    words = request.query_params.get("parts", "")
    parts = list(_spans(words))

    async def make(path: Path, making: Making) -> None:
        await preview(studio.store.assets.file(asset.sha256), asset.facts, path, parts)

    name = f"preview-{hashlib.sha256(words.encode()).hexdigest()[:16]}.mp4"
    made = await studio.derived.file(asset.sha256, name, make)
    return FileResponse(made, media_type="video/mp4", headers=FILE_HEADERS)


async def _proof(studio: Studio, run_id: str, step_id: str) -> Response:
    step = (await anyio.to_thread.run_sync(studio.run, run_id)).step(step_id)
    if step.take is None or step.take.sha256 is None or "proof" not in step.take.output:
        return not_there()
    said, sha256 = step.take.output, step.take.sha256
    clips = [_clip(studio, one) for _, one in assets(operation(step.operation), step.input or {})]

    async def make(path: Path, making: Making) -> None:
        method, reason = (str(said.get(name) or "") for name in ("method", "reason"))
        proof, result = proof_of(said["proof"]), studio.store.assets.file(sha256)
        await proof_sheet(result, clips, proof, path, method=method, reason=reason)

    made = await studio.derived.file(sha256, f"proof-{run_id}-{step_id}-{step.attempt}.png", make)
    return FileResponse(made, media_type="image/png", headers=FILE_HEADERS)


def _clip(studio: Studio, sha256: str) -> tuple[Path, Facts]:
    return studio.store.assets.file(sha256), studio.asset(sha256).facts


def _spans(words: str) -> Iterator[Span]:
    """ "12-73,90-120" as spans. Raises InputError."""
    for word in words.split(",")[:MOST_PARTS]:
        found = PART.fullmatch(word)
        if found is None:
            raise InputError("The parts are written as 12-73,90-120.", hint="Open the preview from the Trim page.")
        yield Span(int(found[1]), int(found[2]))


def _text(run_id: str, step_id: str) -> str:
    return f"proof/{run_id}/{step_id}"
