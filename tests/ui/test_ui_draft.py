"""What a form would send, from what stands in it."""

from __future__ import annotations

from typing import Any

import pytest

from lib.catalog import CUTS, ENDPOINTS
from lib.catalog.form import FieldSpec, fields
from lib.catalog.operation import Endpoint
from lib.ui.defaults import to_defaults
from lib.ui.draft import Draft, slug_of


def draft(endpoint_id: str, **values: Any) -> Draft:
    made = ENDPOINTS[endpoint_id]
    state = {f"{slug_of(made)}.{name}": value for name, value in values.items()}
    return Draft(slug_of(made), fields(made.input), state)


@pytest.mark.parametrize("made", ENDPOINTS.values(), ids=lambda made: made.id)
def test_an_example_that_nobody_changed_is_sent_as_documented(made: Endpoint) -> None:
    """Filling in the example gives exactly the documented body, defaults and empty texts included."""
    filled = Draft(slug_of(made), fields(made.input), {})
    filled.fill(made.example)
    assert made.validate(filled.values()).payload() == made.validate(made.example).payload()


@pytest.mark.parametrize("made", ENDPOINTS.values(), ids=lambda made: made.id)
def test_an_example_alarms_nobody(made: Endpoint) -> None:
    """Values that the example gave do not count as changed; one that a person moves does."""
    filled = Draft(slug_of(made), fields(made.input), {})
    filled.fill(made.example)
    assert filled.changed(filled.specs) == 0
    others = {"number": 0.123, "integer": 123}
    moved = next((spec for spec in filled.specs if spec.kind in ("text", "long_text", "media", *others)), None)
    if moved is None:  # nothing but a list of cards
        filled.add_row(filled.specs[0], filled.specs[0].name)
    else:
        filled.state[filled.key(moved.name)] = others.get(moved.kind, "https://a.example/other")
    assert filled.changed(filled.specs) == 1


def test_an_untouched_form_sends_nothing() -> None:
    """Defaults are the model's to apply; only what a person chose is sent."""
    assert draft("fal-ai/wan-vace-14b").values() == {}


def test_what_has_no_effect_is_not_sent() -> None:
    """A text that was typed before a voice was chosen stays at home."""
    both = draft("fal-ai/pixverse/lipsync", video_url="https://a.example/v.mp4", text="hello")
    assert both.values()["text"] == "hello"
    both.state["pixverse-lipsync.audio_url"] = "https://a.example/a.wav"
    assert set(both.values()) == {"video_url", "audio_url"}


def test_a_default_text_that_was_emptied_is_sent_empty() -> None:
    """An emptied negative prompt means none, not the default one."""
    assert draft("fal-ai/lynx", negative_prompt="").values() == {"negative_prompt": ""}


def test_removing_a_card_keeps_the_values_of_the_others() -> None:
    """Cards are known by lasting numbers; messages are placed by position."""
    form = draft("fal-ai/ltx-video-13b-distilled/multiconditioning")
    images = next(spec for spec in form.specs if spec.name == "images")
    rows = [form.add_row(images, "images") for _ in range(3)]
    for row in rows:
        form.state[form.key(f"images.{row}.image_url")] = f"https://a.example/{row}.png"
    form.remove_row("images", rows[0])
    left = [item["image_url"] for item in form.values()["images"]]
    assert left == [f"https://a.example/{row}.png" for row in rows[1:]]
    assert form.place(f"images.{rows[2]}.image_url") == "images.1.image_url"


def test_cards_change_places_and_are_doubled_with_all_they_hold() -> None:
    """A copy stands right after its card, lists inside with rows of their own; nothing that is moved is lost."""
    form = draft("fal-ai/ffmpeg-api/compose")
    form.fill(ENDPOINTS["fal-ai/ffmpeg-api/compose"].example)
    tracks = form.values()["tracks"]
    first = form.rows("tracks")[0]
    copied = form.copy_row(form.specs[0], "tracks", first)
    assert form.rows("tracks")[:2] == [first, copied]
    assert form.values()["tracks"] == [tracks[0], *tracks]
    keyframe = form.rows(f"tracks.{copied}.keyframes")[0]
    form.state[form.key(f"tracks.{copied}.keyframes.{keyframe}.timestamp")] = 777.0
    assert [track["keyframes"][0]["timestamp"] for track in form.values()["tracks"][:2]] == [0.0, 777.0]
    form.move_row("tracks", copied, -1)
    assert form.rows("tracks")[:2] == [copied, first]
    form.move_row("tracks", copied, -1)
    assert form.rows("tracks")[:2] == [copied, first]


def test_a_message_does_not_stay_with_a_place_that_another_card_took() -> None:
    """Messages of the list go when its cards change places; those of other fields stay."""
    form = draft("fal-ai/ltx-video-13b-distilled/multiconditioning")
    images = next(spec for spec in form.specs if spec.name == "images")
    rows = [form.add_row(images, "images") for _ in range(2)]
    form.put_errors({"images.1.image_url": "No.", "prompt": "No."})
    form.move_row("images", rows[0], 1)
    assert form.errors == {"prompt": "No."}


def test_a_message_deep_in_lists_finds_its_place() -> None:
    """A keyframe of a track: both row numbers become places."""
    form = draft("fal-ai/ffmpeg-api/compose")
    tracks = form.specs[0]
    keyframes = next(spec for spec in tracks.item if spec.name == "keyframes")
    track = form.add_row(tracks, "tracks")
    rows = [form.add_row(keyframes, f"tracks.{track}.keyframes") for _ in range(2)]
    assert form.place(f"tracks.{track}.keyframes.{rows[1]}.url") == "tracks.0.keyframes.1.url"


def test_clearing_goes_back_to_the_defaults() -> None:
    """After a reset nothing is left of what stood there, messages included."""
    form = draft("fal-ai/lynx")
    form.fill(ENDPOINTS["fal-ai/lynx"].example)
    form.put_errors({"prompt": "No."})
    form.clear()
    assert form.values() == {}
    assert form.errors == {}


def test_a_reset_keeps_the_files() -> None:
    """Settings and messages go back; the clip, and the clips of a list, stay in their order."""
    form = draft("fal-ai/lynx")
    form.fill(ENDPOINTS["fal-ai/lynx"].example)
    form.put_errors({"prompt": "No."})
    to_defaults(form)
    assert form.values() == {"image_url": ENDPOINTS["fal-ai/lynx"].example["image_url"]}
    assert form.errors == {}
    join = Draft("join", fields(CUTS["cut/join"].input), {})
    join.fill({"video_urls": ["asset:1", "asset:2"], "transition": "black"})
    to_defaults(join)
    assert join.values() == {"video_urls": ["asset:1", "asset:2"]}


def test_a_reset_keeps_the_cards_that_hold_files() -> None:
    """Their settings go back as well; a card without a file goes."""
    form = draft("fal-ai/ltx-video-13b-distilled/multiconditioning")
    cards = [{"image_url": "asset:1", "strength": 0.2}, {"strength": 0.7}, {"image_url": "asset:2"}]
    form.fill({"prompt": "a wave", "images": cards, "num_frames": 97})
    to_defaults(form)
    assert form.values() == {"images": [{"image_url": "asset:1"}, {"image_url": "asset:2"}]}


def test_a_list_that_was_emptied_is_sent_as_empty() -> None:
    """It has words by default; who takes them all out wants none of them."""
    spec = FieldSpec(name="styles", title="Styles", help="", kind="text_list", required=False, default=["sharp"])
    form = Draft("x", (spec,), {})
    form.fill({})
    assert form.values() == {}
    form.state[form.key("styles")] = []
    assert form.values() == {"styles": []}


def test_cards_change_places() -> None:
    """As far as there are places; what they hold goes with them."""
    join = Draft("join", fields(CUTS["cut/join"].input), {})
    join.fill({"video_urls": ["asset:1", "asset:2", "asset:3"]})
    first, _, last = join.rows("video_urls")
    join.move_row("video_urls", last, -1)
    assert join.values()["video_urls"] == ["asset:1", "asset:3", "asset:2"]
    join.move_row("video_urls", first, -1)
    assert join.values()["video_urls"] == ["asset:1", "asset:3", "asset:2"]
    join.move_row("video_urls", first, 5)
    assert join.values()["video_urls"] == ["asset:3", "asset:2", "asset:1"]
