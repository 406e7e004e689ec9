"""Any other model: from a pasted id to a form, a take, and its inputs opened again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.catalog import known, operation
from lib.catalog.form import fields
from lib.catalog.openapi import endpoint_of, read_document
from lib.chain.model import make_chain
from lib.errors import AccessRefused, UnknownRequest, Unreachable
from lib.settings import ROOT
from lib.standin.guests import Guests
from lib.store.views import Mode, Take, Ticket
from lib.studio.models import AddedModels
from lib.ui.draft import slug_of
from lib.ui.form_link import write
from lib.ui.places import draft_of
from lib.ui.samples import sample_asset
from lib.ui.send import field_for, put_file
from tests.ui.stage import QuietStudio, button, field, open_app, quiet, words

PAINTER, MOVING = "rehearsal/painter", "rehearsal/moving-picture"
CHANGED = {
    "type": "object",
    "properties": {"prompt": {"type": "string"}, "size": {"type": "integer"}},
    "required": ["prompt"],
}


class Library:
    """Documents by id; `asked` are the questions, `gone` says that nobody answers."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {name: Guests(Path("nowhere")).document(name) for name in (PAINTER, MOVING)}
        self.asked: list[tuple[str, Mode]] = []
        self.gone = False

    def __call__(self, endpoint_id: str, source: Mode) -> dict[str, Any]:
        self.asked.append((endpoint_id, source))
        if self.gone:
            raise Unreachable("fal.ai cannot be reached (name not found).", hint="Check the network connection.")
        if endpoint_id not in self.documents:
            raise UnknownRequest("404")
        return dict(self.documents[endpoint_id])

    def publish(self, endpoint_id: str, schema: Any) -> None:
        told = {"content": {"application/json": {"schema": schema}}}
        self.documents[endpoint_id] = {"paths": {f"/{endpoint_id}": {"post": {"requestBody": told}}}}


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def studio(tmp_path: Path, library: Library) -> Iterator[QuietStudio]:
    made = quiet(tmp_path / "data")
    made.models = AddedModels(made.settings, made.store, library)
    yield made
    made.close()


def paste(app: AppTest, text: str) -> AppTest:
    app.get_by_key("any:text").set_value(text)
    return button(app, "Read its form").click().run()  # type: ignore[no-any-return]


def is_there(app: AppTest, key: str) -> bool:
    """Whether a person can set the field: its own widget, or the first part of its box."""
    for part in (":~0", ":way", ":add", ":there"):
        try:
            app.get_by_key(f"{key}{part}")
        except KeyError:
            continue
        return True
    return False


def finish(studio: QuietStudio, run_id: str) -> str:
    """Gives the run's step the take that a worker would: its input with the seed, and a picture."""
    step = studio.run(run_id).steps[0]
    sha256 = sample_asset(studio, "portrait.jpg").sha256
    given = studio.run(run_id).chain["steps"][0]["input"] | {"seed": 7}
    ticket = Ticket(run_id, step.id, step.attempt, step.resume)
    studio.store.runs.begin(ticket, given)
    take = Take(
        id="t" * 32, run_id=run_id, step_id=step.id, attempt=1, operation=step.operation, mode="rehearsal", input=given,
        output={"images": [{"url": "", "asset": sha256}], "seed": 7}, sha256=sha256, created_at=1.0,
    )  # fmt: skip
    studio.store.runs.finish(ticket, take)
    return take.id


def test_from_an_id_to_a_take_and_back(studio: QuietStudio, library: Library) -> None:
    """The whole journey: paste, fill in, run; the take is in the library and opens the same form with what was sent."""
    app = paste(open_app(studio, "models/any"), PAINTER)
    assert not app.exception
    made = operation(PAINTER)
    assert app.session_state["any:endpoint"] == made.id
    assert "paints pictures of words" in words(app)
    slug = slug_of(made)
    field(app, f"{slug}.prompt").set_value("a harbour").run()
    field(app, f"{slug}.styles").set_value(["ink", "chalk"]).run()
    button(app, "Run").click().run()
    (run,) = studio.runs()
    assert run.steps[0].operation == made.id  # with the hash of its document
    assert run.chain["steps"][0]["input"] == {"prompt": "a harbour", "styles": ["ink", "chalk"]}

    take_id = finish(studio, run.id)
    library.gone = True  # from here on without a network
    app = open_app(studio, "library/takes", take=take_id)
    assert "Painter" in words(app)
    button(app, "Use these inputs again").click().run()
    app = app.switch_page("pages/models/any.py").run()
    assert not app.exception
    assert field(app, f"{slug}.prompt").value == "a harbour"
    assert field(app, f"{slug}.styles").value == ["ink", "chalk"]
    assert field(app, f"{slug}.seed").value == 7


def test_every_field_of_an_odd_model_can_be_set(studio: QuietStudio) -> None:
    """Objects, lists of them, unions and open maps: each has its place on the page, and the example runs."""
    app = paste(open_app(studio, "models/any"), MOVING)
    made = operation(MOVING)
    slug = slug_of(made)
    assert [spec.name for spec in fields(made.input) if not is_there(app, f"{slug}.{spec.name}")] == []
    app.get_by_key(f"{slug}.camera:there").click().run()
    field(app, f"{slug}.camera.speed").set_value(0.5).run()
    app.get_by_key(f"{slug}.shots:add").click().run()
    field(app, f"{slug}.shots.1.prompt").set_value("it turns").run()
    field(app, f"{slug}.size").set_value('{"width": 320, "height": 180}').run()
    field(app, f"{slug}.duration").set_value("4").run()
    field(app, f"{slug}.extra").set_value('{"grain": tru').run()
    app.get_by_key(f"{slug}.start:sample").click().run()
    field(app, f"{slug}.prompt").set_value("the tide").run()
    button(app, "Run").click().run()
    assert "This is not JSON: look at line 1" in words(app).replace("\\", "")
    assert studio.runs() == []
    field(app, f"{slug}.extra").set_value('{"grain": true}').run()
    button(app, "Run").click().run()
    sent = studio.runs()[0].chain["steps"][0]["input"]
    assert sent.pop("start").startswith("asset:")
    assert sent == {
        "prompt": "the tide", "duration": 4, "size": {"width": 320, "height": 180}, "camera": {"speed": 0.5},
        "shots": [{"prompt": "it turns"}], "extra": {"grain": True},
    }  # fmt: skip


def test_read_again_says_what_changed_and_old_takes_keep_their_form(studio: QuietStudio, library: Library) -> None:
    """Both versions stay; the newest is shown, the older one is there for the takes that were made with it."""
    app = paste(open_app(studio, "models/any"), PAINTER)
    old = operation(PAINTER).id
    library.publish(PAINTER, CHANGED)
    button(app, "Read again").click().run()
    assert "Its form has changed" in words(app)
    assert "New: Size." in words(app).replace("\\", "")
    assert "Gone: Styles." in words(app).replace("\\", "")
    newest = operation(PAINTER)
    assert newest.id != old
    assert app.session_state["any:endpoint"] == newest.id
    assert next(iter(fields(operation(old).input))).name == "prompt"
    button(app, "Read again").click().run()
    assert "The form is the same" in words(app)

    app = open_app(studio)
    app.session_state["any:endpoint"] = old
    app.switch_page("pages/models/any.py").run()
    assert "older form" in words(app)
    button(app, "Use the newest form").click().run()
    assert app.session_state["any:endpoint"] == newest.id


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not a model", "This names no model"),
        ("https://example.com/models/a/b", "not that of a model's page"),
        ("fal-ai/lynx", "has a page of its own"),
        ("fal-ai/no-such-model", "fal knows no model fal-ai/no-such-model"),
        ("broken/model", "does not say what the model takes"),
    ],
)
def test_what_cannot_be_read_is_said(studio: QuietStudio, library: Library, text: str, said: str) -> None:
    """A sentence below the field, and nothing is kept."""
    library.documents["broken/model"] = {"paths": {}}
    app = paste(open_app(studio, "models/any"), text)
    assert not app.exception
    assert said in words(app).replace("\\", "")
    assert studio.models.all() == []


def test_an_address_names_its_model_too(studio: QuietStudio, library: Library) -> None:
    """The page, its API tab, the queue and the description all lead to the same id, which is asked for at fal."""
    library.publish("own/model/fast", CHANGED)
    app = open_app(studio, "models/any")
    for address in (
        "https://fal.ai/models/own/model/fast", "https://fal.ai/models/own/model/fast/api?x=1#y", " own/model/fast/ ",
        "https://queue.fal.run/own/model/fast",
        "https://fal.ai/api/openapi/queue/openapi.json?endpoint_id=own%2Fmodel%2Ffast",
    ):  # fmt: skip
        paste(app, address)
        assert library.asked[-1] == ("own/model/fast", "live"), address


def test_a_model_of_rehearsals_is_never_bought(studio: QuietStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even with a key and a yes to any price."""
    monkeypatch.setenv("FAL_KEY", "id:secret")
    studio.models.read(PAINTER, "rehearsal")
    with pytest.raises(AccessRefused, match="only rehearsals know it"):
        studio.start_one(PAINTER, {"prompt": "x"}, mode="live", accept_unknown_price=True)


def test_a_studio_that_is_closed_knows_no_models_any_more(tmp_path: Path, library: Library) -> None:
    """Nobody asks a store that is gone."""
    closed = quiet(tmp_path / "other")
    AddedModels(closed.settings, closed.store, library).read(PAINTER, "rehearsal")
    assert known(PAINTER) is not None
    closed.close()
    assert known(PAINTER) is None


def test_an_added_model_is_a_step_of_a_chain(studio: QuietStudio) -> None:
    """Its output goes into a documented model; what does not fit is told as for every other."""
    studio.models.read(PAINTER, "rehearsal")
    steps = [
        {"id": "paint", "operation": PAINTER, "input": {"prompt": "a harbour"}},
        {"id": "move", "operation": "fal-ai/lynx", "input": {"image_url": "$paint.images.0", "prompt": "it moves"}},
    ]
    run = studio.run(studio.start(make_chain({"name": "both", "steps": steps})))
    assert [step.operation for step in run.steps] == [known(PAINTER).id, "fal-ai/lynx"]  # type: ignore[union-attr]
    steps[1] = {"id": "up", "operation": "fal-ai/video-upscaler", "input": {"video_url": "$paint.images.0"}}
    with pytest.raises(Exception, match="takes a video, but"):
        studio.start(make_chain({"name": "both", "steps": steps}))


def test_a_link_opens_an_added_model_with_its_values(studio: QuietStudio) -> None:
    """What it says of an object and of written JSON too; without the model it says what to do."""
    app = paste(open_app(studio, "models/any"), MOVING)
    made = operation(MOVING)
    given = {"prompt": "a gate", "camera": {"speed": 0.5}, "extra": {"grain": True}}
    draft = draft_of(made, {})
    draft.fill(given)
    code = write(made, draft)
    app = open_app(studio, "models/any", form=code)
    assert not app.exception
    assert draft_of(made, app.session_state).values() == draft.values()

    other = quiet(studio.settings.data_dir.parent / "other")
    assert "add it here first" in words(open_app(other, "models/any", form=code))
    other.close()


def test_a_file_goes_into_an_object_of_a_form() -> None:
    """Sent on from a result, it lies in the object's field, which then counts as there."""
    made = endpoint_of(
        read_document((ROOT / "tests/catalog/openapi/conditioned_video.json").read_bytes()), "fal-ai/conditioned"
    )
    draft, way = draft_of(made, {}), field_for(made, "video")
    assert way is not None
    put_file(draft, way, "asset:" + "a" * 64)
    for spec in draft.specs:
        draft.ensure(spec, spec.name)
    assert "asset:" + "a" * 64 in str(draft.values())
