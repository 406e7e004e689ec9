"""The library: takes that are found, opened, deleted and brought back; what compared ones differ in; the reference."""

from __future__ import annotations

import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from lib.catalog import OPERATIONS, operation
from lib.catalog.form import fields
from lib.store import tables as t
from lib.store.library import Wanted
from lib.ui.compare_page import LETTERS, table
from lib.ui.differences import differences
from lib.ui.places import draft_of, family_of
from lib.ui.samples import sample_asset
from tests.ui.stage import QuietStudio, button, finish, golden_run, open_app, words
from tests.ui.takes import EXTEND, TRIM, UPSCALE, put_take

PROMPT = "the rabbit looks up"


def clip(studio: QuietStudio) -> str:
    return sample_asset(studio, "bunny.mp4").sha256


def extended(studio: QuietStudio, prompt: str = PROMPT, **how: object) -> str:
    sha256 = clip(studio)
    given = {"video_url": f"asset:{sha256}", "prompt": prompt, "seed": 41, "resolution": "360p"}
    return put_take(studio, EXTEND, given, sha256, **how)  # type: ignore[arg-type]


def opens(app: AppTest) -> list[str]:
    """The takes on this page, in order."""
    return [str(made.key).removeprefix("open:") for made in app.button if made.label == "Open"]


def test_an_empty_library_leads_to_the_start(studio: QuietStudio) -> None:
    """Who has no takes reads how to get one."""
    assert "There are no takes yet" in words(open_app(studio, "library/takes"))


def test_takes_are_listed_newest_first_with_what_matters(studio: QuietStudio) -> None:
    """What it was told, who made it, where, and what it cost."""
    old = extended(studio, label="Ada *L*", created_at=1)
    new = extended(studio, "a train", mode="live", cost_usd="0.30", created_at=2)
    app = open_app(studio, "library/takes")
    assert opens(app) == [new, old]
    said = words(app).replace("\\", "")
    for word in (PROMPT, "a train", "Ada *L* · ", "Rehearsal", "Live", "$0.30", "2 takes"):
        assert word in said


def test_the_search_and_the_filter_narrow_the_list(studio: QuietStudio) -> None:
    """By words of the prompt, by family, mode, cost and name; what is set is said and can be cleared."""
    rehearsed, cut = extended(studio, created_at=3, label="Ada"), put_take(studio, TRIM, {}, clip(studio), created_at=2)
    bought = extended(studio, "a train", mode="live", cost_usd="0.30", created_at=1)
    app = open_app(studio, "library/takes")
    app.get_by_key("takes:words").set_value("TRAIN").run()
    assert opens(app) == [bought]
    app.get_by_key("takes:words").set_value("trim").run()
    assert opens(app) == [cut]
    app.get_by_key("takes:words").set_value("").run()
    for key, value, finds in (
        ("family", "PixVerse", [rehearsed, bought]), ("mode", "On this machine", [cut]),
        ("mode", "Rehearsal", [rehearsed]), ("cost", "Paid for", [bought]), ("cost", "Free", [rehearsed, cut]),
        ("label", "Ada", [rehearsed]), ("when", "Today", []),
    ):  # fmt: skip
        app.get_by_key(f"takes:{key}").set_value(value).run()
        assert opens(app) == finds, value
        assert value in words(app)
        button(app, "Clear").click().run()
        assert opens(app) == [rehearsed, cut, bought]
    assert not app.exception


def test_thousands_of_takes_come_in_pages(studio: QuietStudio) -> None:
    """24 of 2,000 are drawn; another question is answered from its first page on."""
    extended(studio)
    run_id = golden_run(studio)
    row = {"run_id": run_id, "step_id": "extend", "operation": EXTEND, "mode": "rehearsal", "output": {}}
    own = (
        {"id": f"{at:032}", "attempt": at, "created_at": at + 2.0, "input": {"prompt": f"no {at}"}}
        for at in range(1999)
    )
    with studio.store.database.write() as c:
        c.execute(sa.insert(t.take), [row | each for each in own])
    app = open_app(studio, "library/takes")
    assert opens(app) == [f"{at:032}" for at in range(1998, 1974, -1)]
    assert "1 to 24 of 2000 takes" in words(app)
    app.session_state["takes:page"] = 84
    app.run()
    assert len(opens(app)) == 2000 - 83 * 24
    app.get_by_key("takes:words").set_value("1234").run()
    assert opens(app) == [f"{1234:032}"]
    assert not app.exception


def test_the_exact_inputs_are_opened_again(studio: QuietStudio) -> None:
    """The form of the operation holds what was sent, the seed included, and would send the very same."""
    take_id = extended(studio)
    app = open_app(studio, "library/takes")
    app.get_by_key(f"open:{take_id}").click().run()
    assert app.query_params["take"] == take_id
    button(app, "Use these inputs again").click().run()
    assert app.title[0].value == family_of(operation(EXTEND)).title
    sent = studio.store.library.get(take_id).take.input
    assert draft_of(operation(EXTEND), app.session_state).values() == sent


def test_a_take_is_deleted_and_had_back(studio: QuietStudio) -> None:
    """Undo right after it, or later from the shelf of the deleted."""
    take_id = extended(studio)
    app = open_app(studio, "library/takes", take=take_id)
    app.switch_page("pages/library/takes.py").run()
    app.get_by_key(f"open:{take_id}").click().run()
    button(app, "Delete").click().run()
    assert (opens(app), "take" in app.query_params) == ([], False)
    button(app, "Undo").click().run()
    assert opens(app) == [take_id]
    app.get_by_key(f"open:{take_id}").click().run()
    button(app, "Delete").click().run()
    app.get_by_key("takes:shelf").set_value("Deleted").run()
    app.get_by_key(f"back:{take_id}").click().run()
    app.get_by_key("takes:shelf").set_value("All").run()
    assert opens(app) == [take_id]


def test_a_paid_take_is_never_deleted_without_saying_so(studio: QuietStudio) -> None:
    """The first press says what it cost; only the second deletes it, and Keep it does not."""
    take_id = extended(studio, mode="live", cost_usd="0.30")
    app = open_app(studio, "library/takes")
    app.get_by_key(f"open:{take_id}").click().run()
    button(app, "Delete").click().run()
    assert "This take cost $0.30" in words(app).replace("\\", "")
    button(app, "Keep it").click().run()
    assert opens(app) == [take_id]
    button(app, "Delete").click().run()
    button(app, "Delete the paid take").click().run()
    assert opens(app) == []


def test_a_star_and_a_note_stay(studio: QuietStudio) -> None:
    """The star leads to Favourites; the note is on the card and is searched."""
    take_id, _ = extended(studio, created_at=2), extended(studio)
    app = open_app(studio, "library/takes")
    app.get_by_key(f"list:star:{take_id}").click().run()
    app.get_by_key("takes:shelf").set_value("Favourites").run()
    assert opens(app) == [take_id]
    app.get_by_key(f"open:{take_id}").click().run()
    app.get_by_key(f"take:note:{take_id}").set_value("for the *trailer*").run()
    assert words(app).count("for the \\*trailer\\*") == 1
    app.get_by_key("takes:words").set_value("trailer").run()
    assert opens(app) == [take_id]


def test_chosen_takes_go_to_the_comparison(studio: QuietStudio) -> None:
    """Two ticks and a press; a fifth cannot be ticked."""
    made = [extended(studio, created_at=at) for at in range(5)]
    app = open_app(studio, "library/takes")
    app.get_by_key(f"compare:{made[0]}").check().run()
    assert app.get_by_key("takes:compare").disabled
    for take_id in made[1:4]:
        app.get_by_key(f"compare:{take_id}").check().run()
    assert app.get_by_key(f"compare:{made[4]}").disabled
    app.get_by_key("takes:compare").click().run()
    assert app.title[0].value == "Compare"
    assert app.query_params["takes"] == ",".join(made[:4])
    assert not app.exception


def test_only_what_differs_is_in_the_table(studio: QuietStudio) -> None:
    """An equal field has no row, a default stands for what was not sent, and cost and time are always there."""
    sha256 = clip(studio)
    other = sample_asset(studio, "portrait.jpg").sha256
    first = put_take(studio, EXTEND, {"video_url": f"asset:{sha256}", "prompt": "a | b", "seed": 1}, sha256)
    given = {"video_url": f"asset:{sha256}", "prompt": "c", "seed": 1, "resolution": "360p"}
    second = put_take(studio, EXTEND, given, other, mode="live", cost_usd="0.30")
    takes = studio.store.library.some([first, second])
    rows = dict(differences(studio, takes))
    assert list(rows) == ["Mode", "Prompt", "Resolution", "Cost", "Time"]
    assert rows["Prompt"] == ["a \\| b", "c"]
    assert rows["Resolution"] == ["720p :small[:gray[default]]", "360p"]
    assert rows["Cost"] == ["free", "\\$0.30"]
    lines = table(list(rows.items())).splitlines()
    assert lines[0] == f"|  | {LETTERS[0]} | {LETTERS[1]} |"
    assert {line.replace("\\|", "").count("|") for line in lines} == {4}


def test_fields_of_one_operation_only_are_said_too(studio: QuietStudio) -> None:
    """Two different operations: the operation is a row, and what one of them does not have is a dash."""
    sha256 = clip(studio)
    takes = [extended(studio), put_take(studio, UPSCALE, {"video_url": f"asset:{sha256}", "scale": 2}, sha256)]
    rows = dict(differences(studio, studio.store.library.some(takes)))
    assert rows["Operation"] == ["Extend a clip (fast)", "Upscale a clip"]
    assert rows["Scale"] == ["–", "2"]
    assert "Video" not in rows


def test_an_address_of_takes_that_are_gone_is_no_failure(studio: QuietStudio) -> None:
    """An unknown take is left out, and who has fewer than two reads what to do."""
    app = open_app(studio, "library/compare", takes=f"{extended(studio)},{'0' * 32}")
    assert not app.exception
    assert "Nothing to compare yet" in words(app)
    assert "There is no such take" in words(open_app(studio, "library/takes", take="0" * 32))


def test_a_done_step_shows_its_code(studio: QuietStudio) -> None:
    """A finished chain of endpoints: each done step as code, in the exact words of its purchase where it has one."""
    run_id = golden_run(studio)
    finish(studio, run_id, "extend")
    app = open_app(studio, run=run_id)
    assert [box.label for box in app.expander if box.label == "As code"] == ["As code"]
    take_id = extended(studio)
    code = [block.value for block in open_app(studio, "library/takes", take=take_id).code]
    assert [text.split("\n")[0] for text in code][:2] == ["import fal_client", 'import { fal } from "@fal-ai/client";']
    assert len(code) == 4
    assert all(PROMPT in text for text in code)


def test_the_reference_has_every_operation_and_field(studio: QuietStudio) -> None:
    """Each by its id; each field by its name; each model with its source."""
    said = words(open_app(studio, "library/reference"))
    missing = [made.id for made in OPERATIONS.values() if f"`{made.id}`" not in said]
    missing += [
        spec.name for made in OPERATIONS.values() for spec in fields(made.input) if f"`{spec.name}`" not in said
    ]
    assert missing == []
    assert said.count("**Price**") == len(OPERATIONS)
    assert said.count("Source: ") == sum(not made.local for made in OPERATIONS.values())


def test_the_reference_is_searched_by_field(studio: QuietStudio) -> None:
    """Words of a field's name or meaning lead to the operations that have it; nonsense is answered kindly."""
    app = open_app(studio, "library/reference")
    app.get_by_key("reference:words").set_value("lipsync audio_url").run()
    assert [head.value for head in app.subheader] == [operation("fal-ai/pixverse/lipsync").title]
    app.get_by_key("reference:words").set_value("zzz").run()
    assert "No operation matches" in words(app)


def test_an_address_names_one_operation(studio: QuietStudio) -> None:
    """The link beside a form leads to that operation alone; Show all leads to the others."""
    app = open_app(studio, "library/reference", operation=EXTEND)
    app.query_params["operation"] = EXTEND
    app.run()
    assert [head.value for head in app.subheader] == [operation(EXTEND).title]
    button(app, "Show all").click().run()
    assert len(app.subheader) == len(OPERATIONS)


def test_what_the_filter_finds_is_what_the_store_finds(studio: QuietStudio) -> None:
    """A take of a model that this version does not know is still found, opened and drawn."""
    take_id = put_take(studio, "fal-ai/some/other", {"prompt": "x"}, clip(studio))
    app = open_app(studio, "library/takes", take=take_id)
    app.query_params["take"] = take_id
    app.run()
    assert not app.exception
    assert "fal-ai/some/other" in words(app)
    app.get_by_key("takes:family").set_value("Other models").run()
    assert opens(app) == [take_id]
    assert [kept.take.id for kept in studio.store.library.find(Wanted())[0]] == [take_id]
