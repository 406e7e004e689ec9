"""Drives fal's own Python client against the stand-in: `python drive.py ORIGIN sync|async SCENARIO OPTIONS`, JSON out.

Runs in the client's own environment, so nothing of this project can be imported here.
"""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import fal_client
import fal_client.client as wire

UPSCALER = "fal-ai/video-upscaler"
LOOK_S = 0.02


class Client:
    """The client's functions in one flavour, both awaited alike."""

    def __init__(self, suffix: str) -> None:
        self._suffix = suffix

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        return partial(done, getattr(fal_client, name + self._suffix))


async def done(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """What the function, a coroutine or not, gives."""
    found = function(*args, **options)
    return await found if inspect.isawaitable(found) else found


async def each(found: Any) -> AsyncIterator[Any]:
    if hasattr(found, "__aiter__"):
        async for one in found:
            yield one
    else:
        for one in found:
            yield one


async def refusal(call: Awaitable[Any]) -> dict[str, Any]:
    """How the client reports that the call failed."""
    try:
        return {"returned": await call}
    except fal_client.FalClientTimeoutError as error:
        return {"timeout": error.timeout, "request_id": error.request_id}
    except fal_client.FalClientHTTPError as error:
        kept = {name: error.response_headers.get(name) for name in ("x-fal-request-id", "x-fal-billable-units")}
        said = {"status": error.status_code, "message": error.message, "error_type": error.error_type}
        return said | {"body": error.response.json(), "headers": kept}


def shown(status: fal_client.Status) -> dict[str, Any]:
    return {"kind": type(status).__name__, **dataclasses.asdict(status)}


async def subscribe(fal: Client, video: str, endpoint: str, given: dict[str, Any]) -> Any:
    enqueued: list[str] = []
    updates: list[dict[str, Any]] = []
    result = await fal.subscribe(
        endpoint, {"video_url": await fal.upload_file(video), **given}, with_logs=True, interval=LOOK_S,
        on_enqueue=enqueued.append, on_queue_update=lambda status: updates.append(shown(status)),
    )  # fmt: skip
    return {"enqueued": enqueued, "updates": updates, "result": result}


async def by_id(fal: Client, video: str) -> Any:
    """Submits, then asks with nothing but the endpoint and the id."""
    given = {"video_url": fal_client.encode_file(video), "scale": 1.5}
    handle = await fal.submit(UPSCALER, given, priority="low", hint="lane-1", start_timeout=60)
    result = await done(handle.get, interval=LOOK_S)
    return {
        "request_id": handle.request_id,
        "urls": [handle.status_url, handle.response_url, handle.cancel_url],
        "result": result,
        "again": await fal.result(UPSCALER, handle.request_id),
        "status": shown(await fal.status(UPSCALER, handle.request_id, with_logs=True)),
        "without_logs": shown(await fal.status(UPSCALER, handle.request_id)),
        "too_late": await refusal(fal.cancel(UPSCALER, handle.request_id)),
        "unknown": await refusal(fal.status(UPSCALER, "no-such-request")),
    }


async def cancel(fal: Client, endpoint: str, video: str, scale: float, once: str) -> Any:
    """Cancels when the request's status is `once`."""
    handle = await fal.submit(endpoint, {"video_url": await fal.upload_file(video), "scale": scale})
    while type(status := await done(handle.status)).__name__ != once:
        await asyncio.sleep(LOOK_S)
    await fal.cancel(endpoint, handle.request_id)
    ended = await refusal(done(handle.get, interval=LOOK_S))
    final = shown(await done(handle.status))
    return {"request_id": handle.request_id, "before": shown(status), "ended": ended, "final": final}


async def uploads(fal: Client, video: str) -> Any:
    data = Path(video).read_bytes()
    short = fal_client.StorageSettings(expires_in=1)
    return {
        "bytes": await fal.upload(data, "video/mp4"),
        "text": await fal.upload("a line", "text/plain", file_name="two words.txt"),
        "file": await fal.upload_file(video),
        "other": await fal.upload(data, "video/mp4", file_name="clip.mp4", repository="fal"),
        "short": await fal.upload(data, "video/mp4", file_name="short.mp4", lifecycle=short),
    }


async def upload(fal: Client, file: str) -> Any:
    return {"file": await fal.upload_file(file)}


async def webhook(fal: Client, video: str, url: str, scale: float) -> Any:
    given = {"video_url": await fal.upload_file(video), "scale": scale}
    handle = await fal.submit(UPSCALER, given, webhook_url=url)
    return {"request_id": handle.request_id}


async def direct(fal: Client, video: str) -> Any:
    """Without the queue: one answer, and the same as a stream."""
    given = {"video_url": await fal.upload_file(video)}
    stream = getattr(fal_client, "stream" + fal._suffix)(UPSCALER, given)
    return {"result": await fal.run(UPSCALER, given), "events": [event async for event in each(stream)]}


async def refused(fal: Client, endpoint: str, given: dict[str, Any], **options: Any) -> Any:
    return await refusal(fal.subscribe(endpoint, given, interval=LOOK_S, **options))


async def submit(fal: Client, given: dict[str, Any]) -> Any:
    handle = await fal.submit(UPSCALER, given)
    return {"request_id": handle.request_id}


SCENARIOS = (subscribe, by_id, cancel, uploads, upload, webhook, direct, refused, submit)

if __name__ == "__main__":
    origin, flavour, scenario, options = sys.argv[1:]
    wire.QUEUE_URL_FORMAT = f"{origin}/"
    wire.RUN_URL_FORMAT = f"{origin}/fal-run/"
    wire.REST_URL = wire.CDN_URL = origin
    asked = next(one for one in SCENARIOS if one.__name__ == scenario)
    client = Client("_async" if flavour == "async" else "")
    print(json.dumps(asyncio.run(asked(client, **json.loads(options)))))
