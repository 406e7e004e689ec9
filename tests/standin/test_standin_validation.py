"""What is refused: types by the schema, bounds by the documents, files by their bytes; and what a success costs."""

from __future__ import annotations

import base64
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from lib.catalog import ENDPOINTS
from lib.catalog.fields import Input
from lib.catalog.schema import json_schema
from lib.errors import BadMedia, InputError, MediaError, TooLarge, TooLong
from lib.media.facts import Facts
from lib.standin.limits import BOUNDS, check_media, check_values
from lib.standin.rates import charge
from tests.standin.conftest import FREE, Standin, until
from tests.standin.perform_stage import make_clip, perform

UPSCALER = "fal-ai/video-upscaler"


def _refused(standin: Standin, endpoint: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The first item of the 422's detail."""
    request = standin.submit(endpoint, payload)
    answer = standin.finished(request)
    assert answer.status_code == 422, answer.text
    assert answer.headers["x-fal-billable-units"] == "0"
    assert standin.status(request)["error"] == "Invalid status code: 422"
    return dict(answer.json()["detail"][0])


def item_of(model: type[BaseModel], name: str) -> type[BaseModel]:
    """What the list field of that name is a list of."""
    (item,) = (one for one in parts_of(model.model_fields[name].annotation) if isinstance(one, type))
    return item


def parts_of(annotation: Any) -> list[Any]:
    """The types at the ends of a type, None left out."""
    inner = [end for part in get_args(annotation) if part is not type(None) for end in parts_of(part)]
    return inner or [annotation]


def numbers_of(model: type[BaseModel], under: str = "") -> list[tuple[str, dict[str, Any]]]:
    """(path, JSON schema) of every number of an input but its seed, "images.*.strength" for items of lists."""
    schema = json_schema(model)
    found = []
    for name, shown in schema["properties"].items():
        if shown.get("type") in ("integer", "number") and "enum" not in shown and name != "seed":
            found.append((f"{under}{name}", shown))
        if "$ref" in shown.get("items", {}):
            found += numbers_of(item_of(model, name), f"{under}{name}.*.")
    return found


def with_number(id: str, path: str, value: float) -> Input:
    """The example with that number, however wrong, put past all validation."""
    endpoint, (*lists, name) = ENDPOINTS[id], path.split(".*.")
    missing = {
        group: [dict.fromkeys(json_schema(item_of(endpoint.input, group))["required"], "https://files.example/file")]
        for group in lists[:1]
        if not endpoint.example.get(group)
    }
    holder: Any = (made := endpoint.validate({**endpoint.example, **missing}))
    for group in lists:
        holder = getattr(holder, group)[0]
    setattr(holder, name, value)
    return made


def refused_by_the_catalog(id: str, made: Input) -> dict[str, str]:
    """The messages of the form, none where the catalog would send it."""
    try:
        ENDPOINTS[id].validate(made.model_dump(warnings=False))
    except InputError as error:
        return error.fields
    return {}


def test_types_are_refused_with_the_schema_s_words(standin: Standin) -> None:
    """A wrong enum names the field under body, keeps pydantic's type and ctx, and links the error."""
    item = _refused(standin, FREE, {"prompt": "x", "duration": "7s"})
    assert item["loc"] == ["body", "duration"]
    assert item["type"] == "literal_error"
    assert item["url"] == "https://docs.fal.ai/errors#literal_error"
    assert item["input"] == "7s"
    assert "5s" in item["ctx"]["expected"]
    assert standin.bill()["lines"] == []


def test_a_missing_field_is_named(standin: Standin) -> None:
    """An absent prompt is of type missing."""
    item = _refused(standin, FREE, {})
    assert (item["loc"], item["type"]) == (["body", "prompt"], "missing")


@pytest.mark.parametrize(
    ("endpoint", "field", "value", "kind", "ctx"),
    [
        ("fal-ai/wan-vace-14b", "num_frames", 80, "greater_than_equal", {"ge": 81}),
        ("fal-ai/wan-vace-14b", "num_frames", 242, "less_than_equal", {"le": 241}),
        ("fal-ai/wan-vace-14b", "frames_per_second", 31, "less_than_equal", {"le": 30}),
        ("fal-ai/magi/extend-video", "num_frames", 95, "greater_than_equal", {"ge": 96}),
        ("fal-ai/magi/extend-video", "num_frames", 193, "less_than_equal", {"le": 192}),
        ("fal-ai/lynx", "num_frames", 101, "less_than_equal", {"le": 100}),
        ("fal-ai/lynx", "frames_per_second", 4, "greater_than_equal", {"ge": 5}),
        ("fal-ai/lyra-2/zoom", "zoom_in_strength", 2.5, "less_than_equal", {"le": 2}),
        ("fal-ai/lyra-2/zoom", "frames_per_second", 30, "less_than_equal", {"le": 24}),
        ("fal-ai/ltx-video-13b-distilled/multiconditioning", "num_frames", 8, "greater_than_equal", {"ge": 9}),
    ],
)
def test_documented_bounds_hold(
    standin: Standin, endpoint: str, field: str, value: float, kind: str, ctx: dict[str, float]
) -> None:
    """The bounds of documents and newer pages are refused with the limit that was crossed."""
    item = _refused(standin, endpoint, dict(ENDPOINTS[endpoint].example) | {field: value})
    assert (item["loc"], item["type"], item["ctx"]) == (["body", field], kind, ctx)


def test_limits_stand_on_their_own() -> None:
    """The stand-in's bounds act even on a model that was built without validation."""
    lynx = ENDPOINTS["fal-ai/lynx"]
    made = lynx.input.model_construct(**{**lynx.example, "num_frames": 500})
    assert [problem.type for problem in check_values(lynx.id, made)] == ["less_than_equal"]


NUMBERS = [(of, *place) for of, made in ENDPOINTS.items() for place in numbers_of(made.input)]


@pytest.mark.parametrize(("id", "path", "shown"), NUMBERS, ids=[f"{of} {path}" for of, path, _ in NUMBERS])
def test_catalog_and_stand_in_draw_the_same_lines(id: str, path: str, shown: dict[str, Any]) -> None:
    """On each limit of either, and a step to both sides, they say the same: no surprise after submitting.

    The stand-in's limits are asked apart from the model's, which it would check first.
    """
    limits = {*BOUNDS.get(id, {}).get(path, ()), *(shown.get(key) for key in ("minimum", "maximum", "multipleOf"))}
    edges = {0.0, *(float(limit) for limit in limits if limit is not None)}
    step = 1 if shown["type"] == "integer" else 0.25
    values = sorted({edge + off for edge in edges for off in (-step, 0, step)} | {-1e6, 1e6})
    for value in (int(value) for value in values) if step == 1 else values:
        made = with_number(id, path, value)
        said = {".".join(map(str, problem.loc)) for problem in check_values(id, made)}
        assert (path.replace("*", "0") in said) is (path.replace("*", "0") in refused_by_the_catalog(id, made)), value


def test_every_limit_of_the_stand_in_is_on_a_number_of_the_catalog() -> None:
    """A misspelt field would limit nothing."""
    known = {(of, path) for of, path, _ in NUMBERS}
    assert {(of, path) for of, fields in BOUNDS.items() for path in fields} <= known


@pytest.mark.parametrize(
    ("id", "values"),
    [
        ("fal-ai/amt-interpolation", {"recursive_interpolation_passes": 7}),
        ("fal-ai/amt-interpolation", {"recursive_interpolation_passes": 6}),
        (UPSCALER, {"scale": 60}),
    ],
)
@pytest.mark.anyio
async def test_what_only_a_rehearsal_cannot_do_is_said_to_be_its_own_limit(
    tmp_path: Path, id: str, values: dict[str, float]
) -> None:
    """Too many passes, frames or pixels for this machine: the catalog lets them through, the model is not blamed."""
    ENDPOINTS[id].validate({**ENDPOINTS[id].example, **values})
    clip = make_clip(tmp_path / "long.mp4", frames=70, size=(96, 64))
    with pytest.raises(InputError) as caught:
        await perform(tmp_path, id, values, {"video_url": clip})
    assert list(caught.value.fields) == list(values)
    assert "rehearsal stops at" in next(iter(caught.value.fields.values()))


def test_ltx_conditions_are_checked_at_their_place(standin: Standin) -> None:
    """A start frame that is no multiple of 8 is refused under its index."""
    endpoint = "fal-ai/ltx-video-13b-distilled/multiconditioning"
    images = [{"image_url": "http://127.0.0.1/files/x", "start_frame_num": 7}]
    item = _refused(standin, endpoint, {"prompt": "x", "images": images})
    assert (item["loc"], item["type"]) == (["body", "images", 0, "start_frame_num"], "multiple_of")


def test_wan_needs_something_to_look_at(standin: Standin) -> None:
    """The document's own example has an empty video, which cannot work for its task."""
    item = _refused(standin, "fal-ai/wan-vace-14b", dict(ENDPOINTS["fal-ai/wan-vace-14b"].example))
    assert (item["loc"], item["type"]) == (["body", "video_url"], "missing")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://v3.fal.media/files/x.mp4", "rehearsal"),
        ("http://10.0.0.1/clip.mp4", "rehearsal"),
        ("file:///etc/passwd", "rehearsal"),
        ("http://127.0.0.1:1/files/b/00000000/none.mp4", "no such file"),
        ("http://127.0.0.1:1/_standin/bill", "no such file"),
        ("data:video/mp4;base64,###", "cannot be decoded"),
        ("data:video/mp4;base64,", "cannot be decoded"),
        ("", "empty"),
    ],
)
def test_an_unreachable_file_is_a_download_error(standin: Standin, url: str, why: str) -> None:
    """Only uploaded files and data URIs are inputs; the message says why another is not."""
    item = _refused(standin, UPSCALER, {"video_url": url})
    assert (item["loc"], item["type"]) == (["body", "video_url"], "file_download_error")
    assert why in item["msg"].lower()


def test_a_file_of_the_wrong_kind_is_refused(standin: Standin, tmp_path: Path) -> None:
    """A text is no video, whatever its name and announced type."""
    text = tmp_path / "clip.mp4"
    text.write_text("not a video at all")
    item = _refused(standin, UPSCALER, {"video_url": standin.upload(text, "video/mp4")})
    assert (item["loc"], item["type"]) == (["body", "video_url"], "unsupported_video_format")


def test_a_video_is_no_image(standin: Standin) -> None:
    """An image field refuses a clip."""
    url = standin.upload(standin.stage.clip, "image/png")
    item = _refused(standin, "fal-ai/lynx", dict(ENDPOINTS["fal-ai/lynx"].example) | {"image_url": url})
    assert (item["loc"], item["type"]) == (["body", "image_url"], "image_load_error")


@pytest.mark.parametrize("as_data_uri", [False, True])
def test_a_real_file_reaches_the_performer_with_its_facts(standin: Standin, as_data_uri: bool) -> None:
    """Uploaded or inline, the performer gets a local file, its facts and a seed that follows from the request."""
    data = base64.b64encode(standin.stage.clip.read_bytes()).decode()
    uri = f"data:video/mp4;base64,{data}"
    url = uri if as_data_uri else standin.upload(standin.stage.clip, "video/mp4")
    answer = standin.finished(standin.submit(UPSCALER, {"video_url": url, "scale": 2}))
    assert answer.status_code == 200, answer.text
    (task,) = standin.stage.tasks
    assert task.facts["video_url"].width == 64
    assert task.made.model_dump()["scale"] == 2
    assert not task.folder.exists()


def test_nested_files_are_found_by_their_path(standin: Standin) -> None:
    """Files in lists of models are named like images.0.image_url."""
    endpoint = "fal-ai/ltx-video-13b-distilled/multiconditioning"
    url = standin.upload(standin.stage.clip, "video/mp4")
    loras = [{"path": "someone/some-lora"}]
    payload = {"prompt": "x", "videos": [{"video_url": url, "start_frame_num": 0}], "loras": loras}
    assert standin.finished(standin.submit(endpoint, payload)).status_code == 200
    assert list(standin.stage.tasks[0].files) == ["videos.0.video_url"]


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (InputError("no", fields={"prompt": "Not that."}), 422, "value_error"),
        (BadMedia("broken"), 422, "unsupported_video_format"),
        (TooLarge("huge"), 422, "file_too_large"),
        (TooLong("slow"), 504, "generation_timeout"),
        (MediaError("ffmpeg failed"), 500, "internal_error"),
        (RuntimeError("a bug"), 500, "internal_error"),
    ],
)
def test_a_failing_performer_fails_its_own_request_only(
    standin: Standin, error: Exception, code: int, kind: str
) -> None:
    """The failure has a status and a type, nothing is billed, and the next request is performed."""
    standin.stage.error = error
    request = standin.submit()
    assert standin.finished(request).status_code == code
    assert standin.status(request)["error_type"] == kind
    standin.stage.error = None
    until(lambda: standin.finished(standin.submit()).status_code == 200)
    assert len(standin.bill()["lines"]) == 1


def test_the_bill_has_a_line_per_success(standin: Standin) -> None:
    """Endpoint, payload hash, units and dollars; an unpublished price is null, and the total leaves it out."""
    standin.finished(standin.submit(payload={"prompt": "x", "resolution": "720p"}))
    url = standin.upload(standin.stage.clip, "video/mp4")
    standin.finished(standin.submit(UPSCALER, {"video_url": url}))
    bill = standin.bill()
    assert [(line["endpoint"], line["units"], line["usd"]) for line in bill["lines"]] == [
        (FREE, 2.0, 1.0),
        (UPSCALER, 1.0, None),
    ]
    assert bill["total_usd"] == 1.0
    assert bill["accepted"][0]["payload"] == {"prompt": "x", "resolution": "720p"}


@pytest.mark.parametrize(
    ("endpoint", "values", "output_s", "usd"),
    [
        ("fal-ai/lyra-2/zoom", {"num_frames": 161, "zoom_direction": "both", "resolution": "480p"}, 20, "0.60"),
        ("fal-ai/luma-dream-machine/ray-2/modify", {}, 4.2, "1.75"),
        ("fal-ai/wan-vace-14b", {"num_frames": 80, "resolution": "580p"}, 9, "0.30"),
        ("fal-ai/ltx-video-13b-distilled/multiconditioning", {}, 4, "0.04"),
        ("fal-ai/magi/extend-video", {"num_frames": 120, "resolution": "480p"}, 9, "0.50"),
        ("fal-ai/pixverse/extend/fast", {"resolution": "540p"}, 9, "0.30"),
        ("fal-ai/pixverse/lipsync", {"audio_url": None, "text": "a" * 101}, 2.5, "0.60"),
        ("fal-ai/pixverse/lipsync", {"text": "a" * 101}, 2.5, "0.12"),
        ("fal-ai/ffmpeg-api/merge-audio-video", {}, 10, "0.0020"),
        ("fal-ai/video-upscaler", {}, 10, None),
    ],
)
def test_published_rates(endpoint: str, values: dict[str, Any], output_s: float, usd: str | None) -> None:
    """The dollars of one success follow the published rate."""
    model = ENDPOINTS[endpoint]
    made = model.input.model_construct(**{**model.example, **values})
    assert charge(endpoint, made, output_s).usd == (None if usd is None else Decimal(usd))


def test_wan_counts_sixteen_frames_for_a_second() -> None:
    """A matched clip is billed by its frames: 48 of them are three seconds, however fast they are played."""
    made = ENDPOINTS["fal-ai/wan-vace-14b/reframe"].input.model_construct(resolution="480p")
    assert charge("fal-ai/wan-vace-14b/reframe", made, 4.0, frames=48).usd == Decimal("0.12")


@pytest.mark.parametrize("path", ["extend", "v4.5/text-to-video", "v4.5/image-to-video", "v3.5/image-to-video"])
def test_full_hd_is_limited_to_five_seconds(path: str) -> None:
    """Form and stand-in both refuse 8 s at 1080p, at the duration; either alone is fine."""
    endpoint = f"fal-ai/pixverse/{path}"
    for resolution, duration, refused in (("1080p", "8", {"duration"}), ("1080p", "5", set()), ("720p", "8", set())):
        made = ENDPOINTS[endpoint].validate(ENDPOINTS[endpoint].example)
        made = made.model_copy(update={"resolution": resolution, "duration": duration})
        assert {str(problem.loc[0]) for problem in check_values(endpoint, made)} == refused
        assert set(refused_by_the_catalog(endpoint, made)) == refused


@pytest.mark.parametrize(
    ("endpoint", "values", "frames", "fps", "field"),
    [
        ("fal-ai/wan-vace-14b/reframe", {}, 80, 16, "video_url"),
        ("fal-ai/wan-vace-14b/reframe", {}, 242, 16, "video_url"),
        ("fal-ai/wan-vace-14b/reframe", {}, 100, 31, "video_url"),
        ("fal-ai/wan-vace-14b/reframe", {}, 81, 29.97, None),
        ("fal-ai/wan-vace-14b/depth", {"prompt": "x"}, 10, 60, None),
        ("fal-ai/wan-vace-14b", {"prompt": "x", "match_input_num_frames": True}, 10, 24, "video_url"),
        ("fal-ai/magi/extend-video", {"prompt": ""}, 32, 24, "video_url"),
        ("fal-ai/magi/extend-video", {"prompt": ""}, 33, 24, None),
        ("fal-ai/magi/extend-video", {"prompt": "", "start_frame": 10}, 12, 24, None),
        ("fal-ai/magi/extend-video", {"prompt": "", "start_frame": 13}, 12, 24, "start_frame"),
    ],
)
def test_a_clip_outside_the_stated_limits_is_refused(
    endpoint: str, values: dict[str, Any], frames: int, fps: float, field: str | None
) -> None:
    """Where count and rate follow the input, the limits of the output are those of the input."""
    clip = Facts(kind="video", content_type="video/mp4", size_bytes=1, frames=frames, fps=fps, duration_s=frames / fps)
    made = ENDPOINTS[endpoint].validate({"video_url": "https://files.example/clip.mp4"} | values)
    found = check_media(endpoint, made, {"video_url": clip})
    assert [".".join(map(str, one.loc)) for one in found] == ([field] if field else [])
