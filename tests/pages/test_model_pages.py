"""Model pages: every field of every endpoint, examples that run as documented, messages beside the field."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.catalog import ENDPOINTS, FAMILIES
from lib.catalog.form import FieldSpec, fields
from lib.catalog.operation import Endpoint
from lib.ui.draft import slug_of
from lib.ui.samples import sample_asset, with_samples
from lib.ui.widgets import Face, draw
from tests.sampling import documented
from tests.ui.stage import QuietStudio, button, field, open_app, words

LTX = "fal-ai/ltx-video-13b-distilled/multiconditioning"


def open_model(studio: QuietStudio, made: Endpoint) -> AppTest:
    """The page of the endpoint's family with that endpoint chosen."""
    app = open_app(studio, f"models/{made.family}")
    family = next(family for family in FAMILIES if family.slug == made.family)
    if len(family.operations) > 1:
        app.get_by_key(f"{family.slug}:endpoint").set_value(made.title).run()
    return app


def is_there(app: AppTest, made: Endpoint, spec: FieldSpec) -> bool:
    """Whether a person can set the field: its own widget, or the first part of its box."""
    key = f"{slug_of(made)}.{spec.name}"
    for part in (":~0", ":way", ":address", ":add"):
        try:
            app.get_by_key(f"{key}{part}")
        except KeyError:
            continue
        return True
    return False


@pytest.mark.parametrize("made", [documented(made) for made in ENDPOINTS.values()])
def test_the_form_shows_every_field(studio: QuietStudio, made: Endpoint) -> None:
    """No field of the model is missing from its page."""
    app = open_model(studio, made)
    assert [spec.name for spec in fields(made.input) if not is_there(app, made, spec)] == []


@pytest.mark.parametrize("made", [documented(made) for made in ENDPOINTS.values()])
def test_the_example_runs_as_documented(studio: QuietStudio, made: Endpoint) -> None:
    """Use the example, Run: the step's input is the documented body, its files replaced by samples."""
    app = open_model(studio, made)
    button(app, "Use the example").click().run()
    button(app, "Run").click().run()
    assert not app.exception
    (run,) = studio.runs()
    assert run.chain["steps"][0]["operation"] == made.id
    given = run.chain["steps"][0]["input"]
    assert all(given.get(spec.name) for spec in fields(made.input) if spec.kind == "media" and spec.required)
    sent = made.validate(given).payload()
    assert sent == made.validate(with_samples(studio, made, made.example)).payload()
    assert app.query_params["run"] == run.id


def test_a_guessed_id_says_so(studio: QuietStudio) -> None:
    """One line under the id, with the reason; none where a document states the id."""
    assert "The id is a guess. The documents print" in words(open_model(studio, ENDPOINTS["fal-ai/magi"]))
    assert "guess" not in words(open_model(studio, ENDPOINTS["fal-ai/magi/extend-video"]))


def test_a_field_for_any_file_takes_a_sound_too(studio: QuietStudio) -> None:
    """Clip, picture and sound can all be put on a track."""
    app = open_model(studio, ENDPOINTS["fal-ai/ffmpeg-api/metadata"])
    sound = sample_asset(studio, "speech.wav")
    assert sound.path is not None
    app.file_uploader[0].upload("voice.wav", sound.path.read_bytes()).run()
    assert app.session_state["ffmpeg-api-metadata.media_url"] == f"asset:{sound.sha256}"
    app.get_by_key("ffmpeg-api-metadata.media_url:change").click().run()
    app.get_by_key("ffmpeg-api-metadata.media_url:way").set_value("Stored").run()
    app.get_by_key(f"ffmpeg-api-metadata.media_url:stored:{sound.sha256}").click().run()
    assert app.session_state["ffmpeg-api-metadata.media_url"] == f"asset:{sound.sha256}"


def test_an_empty_form_is_answered_at_the_fields(studio: QuietStudio) -> None:
    """Run without a clip: the message stands at the clip, and nothing was started."""
    app = open_model(studio, ENDPOINTS["fal-ai/pixverse/extend/fast"])
    button(app, "Run").click().run()
    said = [element.value for element in app.markdown if "This field is required" in element.value]
    assert len(said) == 2  # the clip and the prompt
    assert "2 fields need a change: Video, Prompt." in words(app).replace("\\", "")
    assert "video_url" not in words(app)  # the wire's names are nobody's business here
    assert studio.runs() == []


def test_a_message_inside_a_list_stands_in_its_card(studio: QuietStudio) -> None:
    """The second picture of three has no file: the message is in that card only."""
    app = open_model(studio, ENDPOINTS[LTX])
    field(app, "ltx-video-13b-distilled-multiconditioning.prompt").set_value("a wave").run()
    add = app.get_by_key("ltx-video-13b-distilled-multiconditioning.images:add")
    add.click().run()
    app.get_by_key("ltx-video-13b-distilled-multiconditioning.images.1.image_url:sample").click().run()
    app.get_by_key("ltx-video-13b-distilled-multiconditioning.images:add").click().run()
    button(app, "Run").click().run()
    assert app.session_state["ltx-video-13b-distilled-multiconditioning:errors"].keys() == {"images.1.image_url"}
    assert sum("This field is required" in element.value for element in app.markdown) == 1
    assert "One field needs a change: Picture 2: Image." in words(app).replace("\\", "")


def test_a_field_without_effect_is_disabled_and_says_why(studio: QuietStudio) -> None:
    """With a voice recording chosen, nothing is read aloud."""
    app = open_model(studio, ENDPOINTS["fal-ai/pixverse/lipsync"])
    assert not field(app, "pixverse-lipsync.text").disabled
    app.get_by_key("pixverse-lipsync.audio_url:sample").click().run()
    assert field(app, "pixverse-lipsync.text").disabled
    assert "No effect: The given audio is used; no speech is made." in words(app)


def test_an_upload_is_kept_and_shown_with_its_facts(studio: QuietStudio) -> None:
    """The file is stored at once, and its widget is fresh again so that its bytes leave the memory."""
    app = open_model(studio, ENDPOINTS["fal-ai/video-upscaler"])
    sample = sample_asset(studio, "bunny.mp4")
    assert sample.path is not None
    app.file_uploader[0].upload("[my](http://clip) film.mp4", sample.path.read_bytes()).run()
    assert app.session_state["video-upscaler.video_url"] == f"asset:{sample.sha256}"
    assert app.session_state["video-upscaler.video_url:turn"] == 1
    assert "640 x 360" in words(app)


def test_a_wrong_file_is_answered_at_the_field(studio: QuietStudio) -> None:
    """A text with the name of a film is no film; a sound is no video."""
    app = open_model(studio, ENDPOINTS["fal-ai/video-upscaler"])
    app.file_uploader[0].upload("film.mp4", b"this is no film").run()
    assert "video-upscaler.video_url" in app.session_state
    assert app.session_state["video-upscaler.video_url"] is None
    assert app.session_state["video-upscaler:errors"]["video_url"]
    sound = sample_asset(studio, "speech.wav").path
    assert sound is not None
    app.file_uploader[0].upload("voice.mp4", BytesIO(sound.read_bytes()).getvalue()).run()
    assert "takes a video" in app.session_state["video-upscaler:errors"]["video_url"]


def test_a_stored_file_and_an_address_can_be_chosen(studio: QuietStudio) -> None:
    """By its name from what is there, or pasted; half an address is refused."""
    asset = sample_asset(studio, "bunny.mp4")
    app = open_model(studio, ENDPOINTS["fal-ai/video-upscaler"])
    app.get_by_key("video-upscaler.video_url:way").set_value("Stored").run()
    app.get_by_key(f"video-upscaler.video_url:stored:{asset.sha256}").click().run()
    assert app.session_state["video-upscaler.video_url"] == f"asset:{asset.sha256}"
    app.get_by_key("video-upscaler.video_url:change").click().run()
    app.get_by_key("video-upscaler.video_url:way").set_value("Address").run()
    app.get_by_key("video-upscaler.video_url:address").set_value("v3.fal.media/a.mp4").run()
    assert "https://" in app.session_state["video-upscaler:errors"]["video_url"]
    app.get_by_key("video-upscaler.video_url:address").set_value("https://v3.fal.media/a.mp4").run()
    assert app.session_state["video-upscaler.video_url"] == "https://v3.fal.media/a.mp4"


def test_the_price_follows_the_values(studio: QuietStudio) -> None:
    """Another resolution, another price, before anything is sent."""
    app = open_model(studio, ENDPOINTS["fal-ai/pixverse/extend/fast"])
    button(app, "Use the example").click().run()
    assert "$0.40" in words(app).replace("\\", "")
    field(app, "pixverse-extend-fast.resolution").set_value("360p").run()
    assert "$0.30" in words(app).replace("\\", "")


def test_values_survive_a_visit_to_another_page(studio: QuietStudio) -> None:
    """What was typed is still there on return."""
    app = open_model(studio, ENDPOINTS["fal-ai/lynx"])
    field(app, "lynx.prompt").set_value("a quiet street").run()
    app.switch_page("pages/library/settings.py").run()
    app.switch_page("pages/models/lynx.py").run()
    assert field(app, "lynx.prompt").value == "a quiet street"


def test_a_kind_without_a_widget_is_an_error() -> None:
    """Never a field that silently vanishes."""
    unknown: Any = "tensor"
    spec = FieldSpec(name="x", title="X", help="", kind=unknown, required=True)
    with pytest.raises(TypeError, match="tensor"):
        draw(spec, Face("x.x", disabled=False))


def test_a_seed_can_be_drawn_to_be_kept(studio: QuietStudio) -> None:
    """Draw puts a seed into the field, which is then sent; open, each take draws its own."""
    made = ENDPOINTS["fal-ai/ltx-video-13b-distilled/multiconditioning"]
    app = open_model(studio, made)
    key = f"{slug_of(made)}.seed"
    assert field(app, key).value is None
    app.get_by_key(f"{key}:dice").click().run()
    first = field(app, key).value
    assert isinstance(first, int)
    app.get_by_key(f"{key}:dice").click().run()
    assert field(app, key).value != first


def test_a_changed_negative_prompt_can_be_put_back(studio: QuietStudio) -> None:
    """The way back to the documented text is there once it was changed, and only then."""
    made = next(made for made in ENDPOINTS.values() for spec in fields(made.input) if _has_default_text(spec))
    spec = next(spec for spec in fields(made.input) if _has_default_text(spec))
    app = open_model(studio, made)
    key = f"{slug_of(made)}.{spec.name}"
    with pytest.raises(KeyError):
        app.get_by_key(f"{key}:default")
    field(app, key).set_value("blurry").run()
    app.get_by_key(f"{key}:default").click().run()
    assert field(app, key).value == spec.default


def _has_default_text(spec: FieldSpec) -> bool:
    return spec.kind == "long_text" and bool(spec.default)
