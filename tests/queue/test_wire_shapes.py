"""What our client really sends, compared with the shapes that the facts state (tests/wire/*.json)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from lib.errors import AuthRefused, InputError
from lib.queue.client import QueueClient
from lib.queue.options import Lifecycle, SubmitOptions
from lib.queue.platform import openapi, prices, recent_requests
from lib.queue.upload import upload
from lib.queue.webhook import KeyRing
from tests.queue.server import Seen, Server
from tests.queue.test_webhook import BODY as WEBHOOK
from tests.queue.test_webhook import NOW, signed

WIRE = sorted((Path(__file__).parents[1] / "wire").glob("*.json"))
ENDPOINT = "fal-ai/luma-dream-machine/ray-2/modify"
REQUEST = "019da11f-0000-7000-8000-000000000001"
INPUT = {
    "video_url": "https://v3b.fal.media/files/b/0a000000/in.mp4",
    "prompt": "snow — ½",
    "mode": "flex_1",
    "seed": 7,
}
OPTIONS = SubmitOptions(
    webhook_url="https://me.example/hook?take=42&n=1",
    max_queue_length=8,
    start_within_s=90,
    priority="low",
    runner_hint="same-as-before",
    lifecycle=Lifecycle(expires_after_s=3600, initial_acl={"default": "hide"}),
    store_payloads=False,
    retry_at_provider=False,
    allow_fallback=False,
    tags={"run": "a1", "step": "extend"},
)
CLIP = b"clip bytes: 30 of them, no mor"


async def _stream(client: QueueClient) -> None:
    async for _ in client.stream(client.reference(ENDPOINT, REQUEST)):
        pass


async def _keys(client: QueueClient) -> None:
    with pytest.raises(AuthRefused):
        await KeyRing(client, lambda: NOW).verify(signed(), WEBHOOK)


def calls(folder: Path) -> dict[str, Callable[[QueueClient], Awaitable[Any]]]:
    clip = folder / "clip.mp4"
    clip.write_bytes(CLIP)
    hour = [datetime(2026, 1, 1, number, tzinfo=UTC) for number in (12, 13)]
    parts = {"single_most_bytes": 25, "part_bytes": 20}
    return {
        "submit": lambda client: client.submit(ENDPOINT, INPUT),
        "submit_options": lambda client: client.submit(ENDPOINT, INPUT, OPTIONS),
        "status": lambda client: client.status(client.reference(ENDPOINT, REQUEST)),
        "status_without_logs": lambda client: client.status(client.reference(ENDPOINT, REQUEST), logs=False),
        "stream": _stream,
        "result": lambda client: client.result(client.reference(ENDPOINT, REQUEST)),
        "cancel": lambda client: client.cancel(client.reference(ENDPOINT, REQUEST)),
        "upload_single": lambda client: upload(client, clip, "video/mp4", "clip.mp4"),
        "upload_parts": lambda client: upload(client, clip, "video/mp4", "clip.mp4", **parts),
        "upload_fallback": lambda client: upload(client, clip, "video/mp4", "clip.mp4"),
        "recent_requests": lambda client: recent_requests(client, ENDPOINT, hour[0], until=hour[1]),
        "prices": lambda client: prices(client, ["fal-ai/lynx", "fal-ai/video-upscaler"]),
        "openapi": lambda client: openapi(client, "fal-ai/lynx"),
        "webhook_keys": _keys,
    }


def test_every_call_has_its_shape(tmp_path: Path) -> None:
    """Each kind of request the client makes is written down in tests/wire, and nothing else is."""
    assert [path.stem for path in WIRE] == sorted(calls(tmp_path))


@pytest.mark.anyio
@pytest.mark.parametrize("path", WIRE, ids=lambda path: path.stem)
async def test_the_client_sends_what_the_facts_say(
    client: QueueClient, server: Server, tmp_path: Path, path: Path
) -> None:
    """Method, path, query, the headers that matter, the ones that must be absent, and the body, in number and order."""
    wire = json.loads(path.read_text().replace("{origin}", server.origin))
    for exchange in wire["exchanges"]:
        asked = exchange["request"]
        server.on(asked["method"], asked["path"], _response(exchange["response"]))
    await calls(tmp_path)[wire["call"]](client)
    expected = [exchange["request"] for exchange in wire["exchanges"]]
    seen = sorted(server.seen, key=lambda one: [asked["path"] for asked in expected].index(one.path))
    assert [_shape(one, asked) for one, asked in zip(seen, expected, strict=True)] == expected


def _shape(seen: Seen, asked: dict[str, Any]) -> dict[str, Any]:
    """What was seen, in the form and with the headers that the fact speaks of."""
    absent = [name for name in asked["absent"] if name not in seen.headers]
    headers = {name: seen.headers.get(name) for name in asked["headers"]}
    shape = {"method": seen.method, "path": seen.path, "query": seen.query, "headers": headers, "absent": absent}
    if "json" in asked:
        shape["json"] = seen.json
    if "text" in asked:
        shape["text"] = seen.body.decode()
    return shape


def _response(stated: dict[str, Any]) -> Response:
    body = json.dumps(stated["json"]) if "json" in stated else stated.get("text", "")
    return Response(body, stated["status"], stated.get("headers"), "application/json")


def test_plain_options_send_nothing() -> None:
    """Without wishes no header and no parameter is added."""
    assert SubmitOptions().headers() == {}
    assert SubmitOptions().params() == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("webhook_url", "not an address"),
        ("webhook_url", "ftp://me.example/x"),
        ("start_within_s", 1),
        ("start_within_s", float("nan")),
        ("max_queue_length", -1),
        ("runner_hint", "a\r\nX-Evil: 1"),
        ("tags", {"Upper": "x"}),
        ("tags", {"fal.reserved": "x"}),
        ("tags", {"a": "x,b=y"}),
        ("tags", {"a": ""}),
        ("tags", {f"k{number}": "v" for number in range(11)}),
        ("tags", {f"k{number}": "v" * 256 for number in range(4)}),
    ],
)
def test_options_that_cannot_be_sent_are_refused(field: str, value: object) -> None:
    """Each limit of the facts is checked before anything is sent, and the option is named."""
    with pytest.raises(InputError) as caught:
        SubmitOptions(**{field: value})  # type: ignore[arg-type]
    assert list(caught.value.fields) == [field]
