"""Every page draws, on an empty store and on a full one."""

from __future__ import annotations

import pytest

from lib.catalog import CUT_FAMILIES, FAMILIES
from lib.settings import ROOT
from tests.ui.stage import QuietStudio, finish, golden_run, open_app, words

PAGES = sorted(str(path.relative_to(ROOT / "pages"))[:-3] for path in (ROOT / "pages").rglob("*.py"))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_draws_without_a_failure(studio: QuietStudio, page: str) -> None:
    """No exception, no error box, and a title."""
    app = open_app(studio, page)
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1


@pytest.mark.parametrize("page", PAGES)
def test_a_page_draws_with_a_run_in_the_address(studio: QuietStudio, page: str) -> None:
    """An address that was carried over from another page disturbs nobody."""
    run_id = golden_run(studio)
    finish(studio, run_id, "extend")
    app = open_app(studio, page, run=run_id)
    assert not app.exception
    assert not app.error


def test_every_family_has_a_page_and_every_page_a_family() -> None:
    """A family added to the catalog without its page is noticed here."""
    models = {path.stem for path in (ROOT / "pages" / "models").glob("*.py")}
    assert models == {*(family.slug for family in FAMILIES), "any"}
    assert {path.stem for path in (ROOT / "pages" / "cut").glob("*.py")} == {family.slug for family in CUT_FAMILIES}


def test_a_page_file_says_what_and_not_how() -> None:
    """Page files stay short and have no Streamlit in them."""
    for path in (ROOT / "pages").rglob("*.py"):
        text = path.read_text()
        assert len(text.splitlines()) <= 60, path
        assert "import streamlit" not in text, path


@pytest.mark.parametrize("page", ["start/home", "chains/runs"])
def test_an_unknown_run_gets_a_sentence(studio: QuietStudio, page: str) -> None:
    """Whoever follows a wrong address reads what is wrong."""
    assert "There is no such run" in words(open_app(studio, page, run="0" * 32))
