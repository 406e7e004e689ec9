"""Validation, bodies and rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from lib.catalog import operation
from lib.catalog.validation import path_of
from lib.errors import InputError

ZOOM, SPLAT, LYNX = "fal-ai/lyra-2/zoom", "fal-ai/lyra-2/splat", "fal-ai/lynx"
WAN, MAGI, AMT = "fal-ai/wan-vace-14b", "fal-ai/magi/extend-video", "fal-ai/amt-interpolation"
LTX, UPSCALE = "fal-ai/ltx-video-13b-distilled/multiconditioning", "fal-ai/video-upscaler"
EXTEND, LIPSYNC = "fal-ai/pixverse/extend/fast", "fal-ai/pixverse/lipsync"
ANIMATE, MERGE = "fal-ai/fast-animatediff/turbo/video-to-video", "fal-ai/ffmpeg-api/merge-audio-video"
CLIP, PICTURE = "https://files.example/clip.mp4", "https://files.example/picture.png"


def refused(id: str, values: Mapping[str, Any]) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        operation(id).validate(values)
    return caught.value.fields


def test_only_what_was_given_is_sent_in_documented_order() -> None:
    """Defaults are not repeated in the body, None means not sent, and order is the document's."""
    made = operation(EXTEND).validate({"seed": None, "style": None, "prompt": "up", "video_url": CLIP, "seed2": None})
    assert list(made.payload().items()) == [("video_url", CLIP), ("prompt", "up")]


def test_empty_texts_and_false_and_zero_are_sent() -> None:
    """Only None is left out: an empty text, false and 0 are values."""
    body = {"video_url": CLIP, "audio_url": CLIP, "start_offset": 0}
    assert operation(MERGE).validate(body).payload() == body
    body = {"prompt": "", "video_url": CLIP, "enable_safety_checker": False}
    assert operation(MAGI).validate(body).payload() == body


@pytest.mark.parametrize(
    ("id", "name", "given"),
    [(ZOOM, "num_frames", "161"), (MAGI, "num_inference_steps", "32"), (AMT, "output_fps", "60")],
)
def test_digits_as_text_are_sent_as_numbers(id: str, name: str, given: str) -> None:
    """A number that arrives as text, as some defaults are printed, goes out as a whole number."""
    sent = operation(id).validate({**operation(id).example, name: given}).payload()[name]
    assert type(sent) is int
    assert sent == int(given)


@pytest.mark.parametrize("given", ["82", 82, "٨١", "81.5", True])
def test_frames_outside_the_list_are_refused(given: object) -> None:
    """Text, foreign digits and numbers that are not on the list stay refused, with the list in the message."""
    fields = refused(ZOOM, {"image_url": PICTURE, "prompt": "x", "num_frames": given})
    assert fields == {"num_frames": "Must be 81, 161, 241, 321, 401 or 481."}


def test_whole_floats_are_sent_as_integers_and_others_stay() -> None:
    """2.0 goes out as 2, as the documents write it; 1.5 and numbers too large to be exact stay as they are."""
    for given, sent in ((2.0, 2), (1.5, 1.5), (1e300, 1e300)):
        value = operation(UPSCALE).validate({"video_url": CLIP, "scale": given}).payload()["scale"]
        assert (type(value), value) == (type(sent), sent)


def test_every_wrong_field_gets_its_own_sentence() -> None:
    """Missing, unknown, too large and of the wrong type are told apart, each at its field."""
    fields = refused(LYNX, {"prompt": 3, "num_frames": 101, "frames_per_second": 4, "resolution": "8k", "colour": 1})
    assert fields == {
        "image_url": "This field is required.",
        "prompt": "Must be text.",
        "num_frames": "Must be at most 100.",
        "frames_per_second": "Must be at least 5.",
        "resolution": "Must be '480p', '580p' or '720p'.",
        "colour": "There is no such field.",
    }


def test_none_for_a_required_field_is_missing() -> None:
    """A form that has no file yet says that the field is required, not that None is no text."""
    assert refused(UPSCALE, {"video_url": None}) == {"video_url": "This field is required."}


def test_the_ends_of_stated_bounds_are_allowed() -> None:
    """\"between 81 to 241 (inclusive)\": 81 and 241 pass, 80 and 242 do not."""
    body = dict(operation(WAN).example)
    for frames in (81, 241):
        assert operation(WAN).validate({**body, "num_frames": frames}).payload()["num_frames"] == frames
    assert refused(WAN, {**body, "num_frames": 80}) == {"num_frames": "Must be at least 81."}
    assert refused(WAN, {**body, "num_frames": 242}) == {"num_frames": "Must be at most 241."}


@pytest.mark.parametrize(
    ("id", "name", "value"),
    [
        (UPSCALE, "scale", 0),
        (UPSCALE, "scale", -2),
        (AMT, "output_fps", 0),
        (AMT, "recursive_interpolation_passes", -1),
        (SPLAT, "max_frames", 0),
        (ZOOM, "frames_per_second", 0),
        (LYNX, "num_inference_steps", 0),
        (LTX, "num_frames", 0),
        (MAGI, "start_frame", -1),
        (ANIMATE, "first_n_seconds", 0),
        (UPSCALE, "scale", float("nan")),
        (UPSCALE, "scale", float("inf")),
    ],
)
def test_values_that_cannot_mean_anything_are_refused(id: str, name: str, value: float) -> None:
    """No frames, no speed, no size: refused by rule where the document states no bound."""
    assert list(refused(id, {**operation(id).example, name: value})) == [name]


@pytest.mark.parametrize(
    ("id", "name", "value"),
    [
        (LYNX, "guidance_scale", 30),
        (SPLAT, "max_frames", 5000),
        (LTX, "frame_rate", 120),
        (UPSCALE, "scale", 12.5),
        (AMT, "recursive_interpolation_passes", 0),
        (ANIMATE, "num_inference_steps", 40),
        (MERGE, "start_offset", -1.5),
    ],
)
def test_no_bound_is_made_up(id: str, name: str, value: float) -> None:
    """What neither the document nor a newer page limits passes."""
    assert operation(id).validate({**operation(id).example, name: value}).payload()[name] == value


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("zoom_in_strength", 2.01, "Must be at most 2."),
        ("zoom_out_strength", -0.1, "Must be at least 0."),
        ("guidance_scale", 20, "Must be at most 15."),
        ("num_inference_steps", 101, "Must be at most 100."),
        ("frames_per_second", 30, "Must be at most 24."),
    ],
)
def test_what_a_newer_page_limits_is_refused_before_it_is_sent(name: str, value: float, message: str) -> None:
    """Nobody has to submit a zoom to learn the limits that the document leaves open."""
    assert refused(ZOOM, {**operation(ZOOM).example, name: value}) == {name: message}


def test_what_newer_types_limit_inside_lists_is_refused_at_its_place() -> None:
    """Frames, strengths and places of LTX conditions are held to the newer types; a clip's strength has no limits."""
    image, video = {"image_url": PICTURE}, {"video_url": CLIP}
    body = {
        "prompt": "x",
        "num_frames": 8,
        "images": [{**image, "strength": 1}, {**image, "strength": 1.5, "start_frame_num": 7}],
        "videos": [{**video, "strength": 1.5, "start_frame_num": 12}],
    }
    assert refused(LTX, body) == {
        "num_frames": "Must be at least 9.",
        "images.1.strength": "Must be at most 1.",
        "images.1.start_frame_num": "Must be a multiple of 8.",
        "videos.0.start_frame_num": "Must be a multiple of 8.",
    }


def test_a_required_file_must_be_named_except_where_the_document_leaves_it_empty() -> None:
    """An empty address is refused, also in a list, but Wan's own example has one: there it is a remark."""
    assert refused(UPSCALE, {"video_url": ""}) == {"video_url": "Choose a file."}
    images = [{"image_url": PICTURE}, {"image_url": ""}]
    assert refused(LTX, {"prompt": "x", "images": images}) == {"images.1.image_url": "Choose a file."}
    wan = operation(WAN).validate({"prompt": "x", "video_url": ""})
    assert [name for name, _ in wan.remarks()] == ["video_url"]


def test_messages_inside_lists_have_a_path() -> None:
    """The message stands at loras.0.path, so that the form can show it there."""
    assert refused(LTX, {"prompt": "x", "loras": [{"scale": 1}]}) == {"loras.0.path": "This field is required."}
    assert path_of(("body", "loras", 0, "path")) == "loras.0.path"
    assert path_of(("body",)) == ""
    assert path_of(("note", "body")) == "note.body"


def test_items_that_cannot_mean_anything_are_refused() -> None:
    """A picture before the first frame and a clip at no frame rate are refused where they stand."""
    body = {"prompt": "x", "images": [{"image_url": PICTURE, "start_frame_num": -8}]}
    assert refused(LTX, body) == {"images.0.start_frame_num": "Must be at least 0."}
    assert refused(LTX, {"prompt": "x", "videos": [{"video_url": CLIP, "target_fps": 0}]}) == {
        "videos.0.target_fps": "Must be at least 1."
    }


def test_ltx_items_are_sent_with_what_was_given() -> None:
    """A list item goes out with its given fields alone, None left out there too, an empty list as a list."""
    videos = [{"video_url": CLIP, "conditioning_type": "pose", "start_frame_num": 8}]
    loras = [{"path": "https://files.example/style.safetensors", "weight_name": None, "scale": 1.0}]
    sent = operation(LTX).validate({"prompt": "x", "videos": videos, "images": [], "loras": loras}).payload()
    assert sent["videos"][0] == videos[0]
    assert sent["images"] == []
    assert sent["loras"] == [{"path": "https://files.example/style.safetensors", "scale": 1}]


def test_remarks_warn_of_what_is_allowed_but_probably_not_meant() -> None:
    """A picture after the last frame, a task without its fields, a lip-sync with nothing to say."""
    late = {"prompt": "x", "num_frames": 81, "images": [{"image_url": PICTURE, "start_frame_num": 120}]}
    assert [name for name, _ in operation(LTX).validate(late).remarks()] == ["images.0.start_frame_num"]
    silent = operation(LIPSYNC).validate({"video_url": CLIP})
    assert [name for name, _ in silent.remarks()] == ["text"]
    hole = operation(WAN).validate({"prompt": "x", "video_url": CLIP, "task": "inpainting"})
    assert [name for name, _ in hole.remarks()] == ["mask_video_url"]
    assert list(operation(LIPSYNC).validate({"video_url": CLIP, "text": "Hello"}).remarks()) == []
