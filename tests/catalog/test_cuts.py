"""Cuts as operations: described, validated and free, and they really cut."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lib.catalog.cuts import CUTS
from lib.catalog.cuts.frames import FRAME, FRAMES, SHEET
from lib.catalog.cuts.join import JOIN
from lib.catalog.cuts.sound import SOUND, SPEECH
from lib.catalog.cuts.trim import TRIM
from lib.catalog.form import fields
from lib.catalog.operation import Cut
from lib.catalog.price import Estimate
from lib.errors import InputError
from lib.media.asked import Trimming
from lib.media.probe import probe
from lib.media.samples import sample
from lib.media.work import carry_out

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("cut", CUTS.values(), ids=list(CUTS))
def test_described(cut: Cut) -> None:
    """Every cut has a valid example, a text for each field, media marks on both sides, and costs nothing."""
    made = cut.validate(cut.example)
    assert made.payload() == cut.example
    assert all(field.description for field in cut.input.model_fields.values())
    assert cut.media_in() or cut is SPEECH
    assert len(cut.media_out()) == 1
    price = cut.estimate(made, {})
    assert isinstance(price, Estimate)
    assert price.high_usd == Decimal(0)


@pytest.mark.parametrize("cut", CUTS.values(), ids=list(CUTS))
def test_a_format_decides_the_ending(cut: Cut) -> None:
    """Where a cut lets choose a format, each choice has an ending of its own."""
    spec = next((spec for spec in fields(cut.input) if spec.name == "format"), None)
    assert set(cut.endings) == set(spec.choices if spec else ())


def test_media_marks() -> None:
    """Chains see what goes in and out by the same marks as on endpoints, lists included."""
    assert {name: mark.kind for name, mark in JOIN.media_in().items()} == {"video_urls": "video"}
    assert {name: mark.kind for name, mark in SOUND.media_in().items()} == {"video_url": "video", "audio_url": "audio"}
    assert {name: mark.kind for name, mark in FRAME.media_out().items()} == {"image": "image"}
    assert {name: mark.kind for name, mark in TRIM.media_out().items()} == {"video": "video"}


@pytest.mark.parametrize(
    ("cut", "body", "field"),
    [
        (TRIM, {"video_url": "x", "start_s": 3, "end_s": 2}, "end_s"),
        (TRIM, {"video_url": "x", "start_frame": 30, "end_frame": 30}, "end_frame"),
        (TRIM, {"video_url": "x", "start_s": -1}, "start_s"),
        (TRIM, {"video_url": "x", "until": 4}, "until"),
        (TRIM, {"video_url": "x", "parts": [{"start": 1}, {"start": "soon"}]}, "parts.1.start"),
        (TRIM, {"video_url": "x", "parts": [{"start": 1, "end": "1,5"}]}, "parts.0.end"),
        (TRIM, {"video_url": "x", "keep": "none"}, "keep"),
        (JOIN, {"video_urls": ["x"]}, "video_urls"),
        (FRAME, {"video_url": "x", "which": "middle"}, "which"),
        (FRAMES, {"video_url": "x", "start_s": 2, "end_s": 2}, "end_s"),
        (FRAMES, {"video_url": "x", "start_frame": 9, "end_frame": 9}, "end_frame"),
        (FRAMES, {"video_url": "x", "count": 501}, "count"),
        (SOUND, {"video_url": "x"}, "audio_url"),
    ],
)
def test_wrong_fields(cut: Cut, body: dict[str, Any], field: str) -> None:
    """A wrong value is an error at its field."""
    with pytest.raises(InputError) as caught:
        cut.validate(body)
    assert list(caught.value.fields) == [field]


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({"parts": [{"start": 0.4, "end": "#20"}, {"start": "00:00:04:00"}]}, [(10, 20), (100, 132)]),
        ({"parts": [{"start": "4"}, {"end": "0.4"}], "keep": "rest"}, [(10, 100)]),
        ({"start_s": 1, "end_s": 2, "keep": "rest"}, [(0, 25), (50, 132)]),
        ({"start_frame": 3}, [(3, 132)]),
    ],
)
async def test_trim_keeps_what_is_meant(more: dict[str, Any], kept: list[tuple[int, int]]) -> None:
    """Parts in any form are kept or taken out; one part may still be given by seconds or numbers."""
    made = TRIM.validate({"video_url": "x", **more})
    facts = await probe(sample("bunny.mp4"))
    work = TRIM.build(made, {"video_url": Path("x")}, {"video_url": facts}, Path("out.mp4"))
    assert isinstance(work, Trimming)
    assert [(part.first, part.end) for part in work.parts] == kept


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"parts": [{"start": 1, "end": 2}, {"start": "9"}]}, "parts.1.start"),
        ({"parts": [{"start": 2, "end": "00:00:01:00"}]}, "parts.0.end"),
        ({"parts": [{"start": 2, "end": "00:00:04:25"}]}, "parts.0.end"),
        ({"parts": [{"start": 2, "end": 3}, {"start": 1, "end": 2}]}, "parts.1.start"),
        ({"parts": [{}], "keep": "rest"}, "parts"),
        ({"keep": "rest"}, "keep"),
    ],
)
async def test_parts_that_cannot_be(more: dict[str, Any], field: str) -> None:
    """What the clip does not have is an error at the part's own field."""
    made = TRIM.validate({"video_url": "x", **more})
    facts = await probe(sample("bunny.mp4"))
    with pytest.raises(InputError) as caught:
        TRIM.build(made, {"video_url": Path("x")}, {"video_url": facts}, Path("out.mp4"))
    assert list(caught.value.fields) == [field]


@pytest.mark.parametrize(
    ("cut", "body", "expected"),
    [
        (TRIM, {"video_url": "bunny.mp4", "start_s": 2.2, "end_s": 2.6}, {"frames": 10, "duration_s": 0.4}),
        (JOIN, {"video_urls": ["bunny.mp4", "bunny.mp4"]}, {"frames": 264, "width": 640}),
        (FRAME, {"video_url": "bunny.mp4"}, {"kind": "image", "width": 640}),
        (FRAMES, {"video_url": "bunny.mp4", "count": 1, "format": "webp"}, {"content_type": "image/webp"}),
        (SHEET, {"video_url": "bunny.mp4", "rows": 2, "format": "jpeg"}, {"content_type": "image/jpeg"}),
        (SOUND, {"video_url": "bunny.mp4", "audio_url": "speech.wav"}, {"frames": 132, "duration_s": 5.28}),
    ],
)
async def test_cuts_the_samples(cut: Cut, body: dict[str, Any], expected: dict[str, Any], tmp_path: Path) -> None:
    """Each cut, built from its input as a chain would, makes what it says out of the shipped samples."""
    made = cut.validate(body)
    files: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    for name in cut.media_in():
        given = body[name]
        files[name] = [sample(one) for one in given] if isinstance(given, list) else sample(given)
        facts[name] = [await probe(one) for one in files[name]] if isinstance(given, list) else await probe(files[name])
    await carry_out(cut.build(made, files, facts, tmp_path / f"{'%04d' if cut.many else 'out'}{cut.ending(made)}"))
    (output,) = tmp_path.iterdir()
    result = (await probe(output)).as_json()
    assert {name: result[name] for name in expected} == pytest.approx(expected)
