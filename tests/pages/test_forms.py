"""Forms as people use them: sliders, cards, links, earlier takes, and files chosen or cut right at their field."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.catalog import ENDPOINTS, OPERATIONS, operation
from lib.chain.files import ASSET
from lib.errors import RequestFailed
from lib.store.views import Take
from lib.ui.form_link import FORM, write
from lib.ui.here import FRAME, TRIM
from lib.ui.places import draft_of
from lib.ui.samples import sample_asset
from lib.ui.send import CHAIN, LIKELY, OTHERS, field_for, next_steps
from tests.pages.test_model_pages import LTX, open_model
from tests.ui.stage import QuietStudio, begin, button, field, open_app, words
from tests.ui.takes import EXTEND, UPSCALE, put_take

IMAGE_FIELD = "magi-image-to-video.image_url"
VIDEO_FIELD = "video-upscaler.video_url"


def carry_out(studio: QuietStudio, sha256: str | None) -> dict[str, Any]:
    """What the worker does with the newest run: its take is that file, or it fails. Its input."""
    run = studio.runs()[0]
    step, given = run.steps[0], run.chain["steps"][0]["input"]
    ticket = begin(studio, run.id, step.id, given)
    if sha256 is None:
        studio.store.runs.fail(ticket, RequestFailed("The clip is damaged.", hint="Choose another.").record())
        return dict(given)
    output = {"video": {"asset": sha256}}
    take = Take(run.id, run.id, step.id, 1, step.operation, run.mode, given, output, sha256, 1.0)
    studio.store.runs.finish(ticket, take)
    return dict(given)


def test_a_slider_and_its_number_are_one_value(studio: QuietStudio) -> None:
    """Moving the one moves the other, and what is sent is the number."""
    app = open_model(studio, ENDPOINTS["fal-ai/lynx"])
    key = "lynx.num_frames"
    assert (field(app, key).value, field(app, key, "slide").value) == (81, 81)
    field(app, key).set_value(33).run()
    assert field(app, key, "slide").value == 33
    field(app, key, "slide").set_value(60).run()
    assert field(app, key).value == 60
    assert draft_of(ENDPOINTS["fal-ai/lynx"], app.session_state).values() == {"num_frames": 60}


def test_cards_are_called_after_what_they_hold_and_can_be_moved(studio: QuietStudio) -> None:
    """Duplicate makes the same card, Move up puts it first; both keep their file."""
    app = open_model(studio, ENDPOINTS[LTX])
    cards = "ltx-video-13b-distilled-multiconditioning.videos"
    app.get_by_key(f"{cards}:add").click().run()
    app.get_by_key(f"{cards}.1.video_url:sample").click().run()
    assert "**Clip 1** :small[:gray[bunny.mp4]]" in words(app)
    app.get_by_key(f"{cards}.1:more").click("Duplicate").run()
    assert app.session_state[cards] == [1, 2]
    field(app, f"{cards}.2.start_frame_num").set_value(8).run()
    app.get_by_key(f"{cards}.2:more").click("Move up").run()
    assert app.session_state[cards] == [2, 1]
    sent = draft_of(ENDPOINTS[LTX], app.session_state).values()["videos"]
    assert [clip.get("start_frame_num") for clip in sent] == [8, None]
    assert sent[0]["video_url"] == sent[1]["video_url"] != ""


def test_a_link_opens_the_form_as_it_was(studio: QuietStudio) -> None:
    """In a browser that knows nothing of it: the operation, and every setting that was changed."""
    made = ENDPOINTS[EXTEND]
    form = draft_of(made, {})
    form.fill({"prompt": "the rabbit looks up", "resolution": "360p", "seed": 7, "video_url": ASSET + "a" * 64})
    app = open_app(studio, **{FORM: write(made, form)})
    app.switch_page("pages/models/pixverse.py").run()
    assert not app.exception
    assert draft_of(made, app.session_state).values() == {
        "prompt": "the rabbit looks up", "resolution": "360p", "seed": 7,
    }  # fmt: skip
    field(app, "pixverse-extend-fast.prompt").set_value("another").run()
    assert field(app, "pixverse-extend-fast.prompt").value == "another"


def test_a_hostile_link_gets_a_sentence(studio: QuietStudio) -> None:
    """The page is there all the same, as if there had been none."""
    app = open_app(studio, "models/lynx", **{FORM: "AAAA<script>"})
    assert not app.exception
    assert "This link cannot be read." in words(app)
    assert draft_of(ENDPOINTS["fal-ai/lynx"], app.session_state).values() == {}


def test_inputs_are_copied_from_an_earlier_take(studio: QuietStudio) -> None:
    """Also from another model with the same required fields; what this form does not have is left out."""
    clip = ASSET + sample_asset(studio, "bunny.mp4").sha256
    given = {"video_url": clip, "prompt": "it rains", "duration": "8", "seed": 5}
    take_id = put_take(studio, "fal-ai/pixverse/extend", given, None)
    put_take(studio, UPSCALE, {"video_url": clip}, None)
    app = open_model(studio, ENDPOINTS[EXTEND])
    app.session_state["pixverse-extend-fast:copy"] = True
    app.run()
    assert [found.key for found in app.button if str(found.key).startswith("pixverse-extend-fast:copy:")] == [
        f"pixverse-extend-fast:copy:{take_id}"
    ]
    app.get_by_key(f"pixverse-extend-fast:copy:{take_id}").click().run()
    assert not app.exception
    assert draft_of(ENDPOINTS[EXTEND], app.session_state).values() == {
        "video_url": clip, "prompt": "it rains", "seed": 5,
    }  # fmt: skip


def test_stored_files_are_found_by_what_they_are_about(studio: QuietStudio) -> None:
    """By their own name, or by the prompt of the take that gave them."""
    bunny, sound = sample_asset(studio, "bunny.mp4"), sample_asset(studio, "speech.wav")
    put_take(studio, EXTEND, {"prompt": "a lighthouse at dusk"}, bunny.sha256)
    app = open_model(studio, ENDPOINTS[UPSCALE])
    app.get_by_key(f"{VIDEO_FIELD}:way").set_value("Stored").run()
    use = f"{VIDEO_FIELD}:stored:{bunny.sha256}"
    assert sound.sha256 not in str([found.key for found in app.button])
    for said, there in (("lighthouse dusk", True), ("lighthouse noon", False), ("BUNNY", True)):
        app.get_by_key(f"{VIDEO_FIELD}:stored:words").set_value(said).run()
        assert (use in [found.key for found in app.button]) is there, said
    app.get_by_key(use).click().run()
    assert app.session_state[VIDEO_FIELD] == ASSET + bunny.sha256


def open_clip(studio: QuietStudio) -> AppTest:
    """A form for a picture, with a clip chosen to take it from."""
    app = open_model(studio, ENDPOINTS["fal-ai/magi/image-to-video"])
    app.get_by_key(f"{IMAGE_FIELD}:way").set_value("From a clip").run()
    return app.get_by_key(f"{IMAGE_FIELD}:clip:sample").click().run()


def test_a_picture_is_taken_out_of_a_clip_at_its_field(studio: QuietStudio) -> None:
    """It is a cut of its own, with its run; the form cannot run before it is there, and then has the picture."""
    app = open_clip(studio)
    app.get_by_key(f"{IMAGE_FIELD}:look:at").set_value("#24").run()
    button(app, "Use this picture").click().run()
    (run,) = studio.runs()
    assert run.steps[0].operation == FRAME
    assert "A file of this form is being cut" in words(app)
    assert button(app, "Run").disabled
    assert button(app, "Cancel")
    picture = sample_asset(studio, "bunny.mp4").sha256
    given = carry_out(studio, picture)
    assert (given["which"], given["frame"]) == ("number", 24)
    app.run()
    assert not app.exception
    assert app.session_state[IMAGE_FIELD] == ASSET + picture
    assert not button(app, "Run").disabled


def test_a_clip_is_trimmed_at_its_field(studio: QuietStudio) -> None:
    """The field is empty while it is cut, and then has the part; the clip itself stays as it is."""
    clip = sample_asset(studio, "bunny.mp4")
    app = open_model(studio, ENDPOINTS[UPSCALE])
    app.get_by_key(f"{VIDEO_FIELD}:sample").click().run()
    app.get_by_key(f"{VIDEO_FIELD}:trim").click().run()
    button(app, "Use this part").click().run()
    assert "Mark where the part begins or ends first." in words(app)
    assert studio.runs() == []
    app.get_by_key(f"{VIDEO_FIELD}:part:in").set_value("#30").run()
    app.get_by_key(f"{VIDEO_FIELD}:part:out").set_value("#90").run()
    button(app, "Use this part").click().run()
    assert app.session_state[VIDEO_FIELD] is None
    part = sample_asset(studio, "speech.wav").sha256
    given = carry_out(studio, part)
    assert given == {"video_url": ASSET + clip.sha256, "start_frame": 30, "end_frame": 90}
    assert studio.runs()[0].steps[0].operation == TRIM
    app.run()
    assert app.session_state[VIDEO_FIELD] == ASSET + part


@pytest.mark.parametrize("how", ["failed", "cancelled"])
def test_a_cut_that_ends_badly_leaves_the_field_as_it_was(studio: QuietStudio, how: str) -> None:
    """A failure is said at the field; after a cancel there is nothing to say."""
    clip = sample_asset(studio, "bunny.mp4")
    app = open_model(studio, ENDPOINTS[UPSCALE])
    app.get_by_key(f"{VIDEO_FIELD}:sample").click().run()
    app.get_by_key(f"{VIDEO_FIELD}:trim").click().run()
    app.get_by_key(f"{VIDEO_FIELD}:part:in").set_value("1.5").run()
    button(app, "Use this part").click().run()
    if how == "failed":
        carry_out(studio, None)
    else:
        button(app, "Cancel").click().run()
    app.run()
    assert app.session_state[VIDEO_FIELD] == ASSET + clip.sha256
    assert ("The clip is damaged." in words(app)) is (how == "failed")


def test_a_form_that_was_reset_waits_for_nothing(studio: QuietStudio) -> None:
    """What is still being cut becomes a file among others; it does not come into the empty form."""
    app = open_clip(studio)
    app.get_by_key(f"{IMAGE_FIELD}:look:at").set_value("0.5").run()
    button(app, "Use this picture").click().run()
    button(app, "Reset").click().run()
    assert not button(app, "Run").disabled
    carry_out(studio, sample_asset(studio, "bunny.mp4").sha256)
    app.run()
    assert not app.session_state[IMAGE_FIELD]


def test_a_file_goes_on_into_a_list_of_objects(studio: QuietStudio) -> None:
    """Continue with fills a card that has no file yet, and makes one where there is none."""
    clip = sample_asset(studio, "bunny.mp4").sha256
    app = open_app(studio, "library/takes", take=put_take(studio, UPSCALE, {"video_url": ASSET + clip}, clip))
    made = operation(LTX)
    app.menu_button[0].click(OTHERS).run()
    others = next(found for found in app.selectbox if found.label == "Continue with")
    others.select("LTX: From pictures and clips").run()
    assert not app.exception
    assert app.title[0].value == "LTX"
    assert draft_of(made, app.session_state).values() == {"videos": [{"video_url": ASSET + clip}]}


@pytest.mark.parametrize("kind", ["video", "image", "audio", "scene"])
def test_all_that_takes_a_file_is_offered_once(kind: str) -> None:
    """What is done most often comes first; nothing that takes such a file is missing."""
    likely, others = next_steps(kind)
    taking = [made.id for made in OPERATIONS.values() if field_for(made, kind) is not None]
    offered = [option for option in (*likely, *others) if not option.startswith(CHAIN)]
    assert sorted(offered) == sorted(taking)
    assert set(LIKELY.get(kind, ())) <= set(likely)


def test_a_finished_run_can_be_had_once_more(studio: QuietStudio) -> None:
    """Again sends the very same input; with another seed, only the seed differs."""
    clip = ASSET + sample_asset(studio, "bunny.mp4").sha256
    given = {"video_url": clip, "prompt": "it rains", "seed": 5}
    take = studio.store.library.get(put_take(studio, EXTEND, given, sample_asset(studio, "bunny.mp4").sha256))
    app = open_app(studio, "models/pixverse", run=take.take.run_id)
    assert "Seed 7" in words(app)
    button(app, "Again").click().run()
    assert studio.runs()[0].chain["steps"][0]["input"] == given
    app = open_app(studio, "models/pixverse", run=take.take.run_id)
    button(app, "Again with another seed").click().run()
    sent = studio.runs()[0].chain["steps"][0]["input"]
    assert sent | {"seed": 5} == given
    assert sent["seed"] != 5
    assert len(studio.runs()) == 3


def test_once_more_says_its_live_price_before_and_asks_by_the_rules_of_money(studio: QuietStudio) -> None:
    """Without a key nothing is bought; where no price is known, one press is not enough."""
    file = sample_asset(studio, "bunny.mp4")
    studio.choose(file.sha256)
    clip = ASSET + file.sha256
    priced = put_take(studio, EXTEND, {"video_url": clip, "prompt": "it rains"}, file.sha256, mode="live")
    unpriced = put_take(studio, UPSCALE, {"video_url": clip}, file.sha256, mode="live")
    app = open_app(studio, "models/pixverse", run=studio.store.library.get(priced).take.run_id)
    button(app, r"Again (\$0.40)").click().run()
    assert not app.exception
    assert "FAL_KEY" in words(app).replace("\\", "")
    assert len(studio.runs()) == 2
    app = open_app(studio, "models/upscaler", run=studio.store.library.get(unpriced).take.run_id)
    assert "the price of this is not known" in words(app)
    assert not [found for found in app.button if found.label.startswith("Again")]
