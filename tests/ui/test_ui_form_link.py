"""A form in an address: what it carries, and what becomes of a hostile one."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from lib.catalog import ENDPOINTS, OPERATIONS
from lib.catalog.form import fields
from lib.catalog.operation import Operation
from lib.errors import InputError
from lib.ui.draft import Draft
from lib.ui.form_link import MOST_LETTERS, read, told_values, write
from lib.ui.places import draft_of

LTX = ENDPOINTS["fal-ai/ltx-video-13b-distilled/multiconditioning"]


def coded(told: Any) -> str:
    text = told if isinstance(told, bytes) else json.dumps(told).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def filled(made: Operation, values: dict[str, Any]) -> Draft:
    form = draft_of(made, {})
    form.fill(values)
    return form


@pytest.mark.parametrize("made", OPERATIONS.values(), ids=lambda made: made.id)
def test_a_link_restores_what_it_carries(made: Operation) -> None:
    """Every value of the example that is no file and no default comes back as it was."""
    form = filled(made, dict(made.example))
    opened = read(write(made, form))
    assert (opened.made, opened.left_out) == (made, ())
    assert opened.values == told_values(form.specs, form.values())
    again = filled(made, opened.values)
    assert told_values(again.specs, again.values()) == opened.values


def test_a_link_names_no_file() -> None:
    """Neither a stored one nor an address, in lists neither; the cards themselves are there."""
    images = [{"image_url": "asset:" + "a" * 64, "strength": 0.5}, {"image_url": "https://secret.example/x.png?key=1"}]
    code = write(LTX, filled(LTX, {"prompt": "a wave", "images": images}))
    said = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode()
    assert "asset:" not in said
    assert "secret.example" not in said
    assert read(code).values == {"prompt": "a wave", "images": [{"strength": 0.5}, {}]}


def test_too_much_text_for_a_link_gets_a_sentence() -> None:
    """It is not cut off, and not made either."""
    with pytest.raises(InputError, match="too much text"):
        write(LTX, filled(LTX, {"prompt": "wörd " * 2000}))


@pytest.mark.parametrize(
    "code",
    [
        "", "%%%", "a", "x" * (MOST_LETTERS + 1), coded(b"\xff\xfe"), coded(b"[" * 4000), coded(b"{}"), coded([1]),
        coded({"operation": LTX.id}),
        coded({"operation": ["x"], "values": {}}), coded({"operation": LTX.id, "values": [1]}),
        coded({"operation": "no/such", "values": {}}), coded(b'{"operation":"' + b"9" * 3000 + b'","values":{}}'),
        coded(b'{"operation":"x","values":{"a":' + b"9" * 4400 + b"}}"), "ünïcode", coded(b"null"),
    ],
)  # fmt: skip
def test_what_is_no_link_of_ours_gets_a_sentence(code: str) -> None:
    """Whatever stands there: one sentence, and what to do."""
    with pytest.raises(InputError) as said:
        read(code)
    assert said.value.message.startswith("This link ")
    assert said.value.hint


def test_hostile_values_are_left_out_and_named() -> None:
    """What the form cannot hold is left as it was."""
    values = {"prompt": "fine", "num_frames": 10**9, "loras": [{"path": "https://evil.example/w"}], "<b>": 1}
    opened = read(coded({"operation": LTX.id, "values": values}))
    assert opened.values == {"prompt": "fine", "loras": [{}]}
    assert opened.left_out == ("Number of frames", "<b>")
    assert [spec.name for spec in fields(LTX.input) if spec.title == "Number of frames"] == ["num_frames"]
