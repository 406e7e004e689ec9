"""All pages as people see them: accessible as Streamlit itself is, light and dark, wide and narrow, from here alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from lib.settings import ROOT
from tests.e2e.axe import Finding, axe_script, grave
from tests.e2e.bare import Bare
from tests.e2e.served import Served
from tests.e2e.walk import fill_in, furnish, grow, places, recolour, settle, turn_to, unfold

pytestmark = [pytest.mark.browser, pytest.mark.node]

HERE = Path(__file__).parent
LISTED = ROOT / "docs" / "accessibility.md"
CONTRAST = "color-contrast"
TOUCH = "target-size"
WIDE, NARROW = (1440, 900), (390, 844)
HIGHEST_PX = 12_000
# What sticks out to the right, but for what may be pushed sideways by itself.
STICKS_OUT = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  const edge = main.getBoundingClientRect().left + main.clientWidth;
  const scrolls = (one) => one && one !== main && (/auto|scroll|hidden|clip/.test(getComputedStyle(one).overflowX)
    || scrolls(one.parentElement));
  const out = [...main.querySelectorAll("*")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && box.right > edge + 1 && !scrolls(one);
  });
  return out.slice(0, 3).map((one) => one.outerHTML.slice(0, 200));
}"""

Look = Callable[..., Page]


@pytest.fixture(scope="module")
def axe(pytestconfig: pytest.Config) -> Path:
    return axe_script(pytestconfig.cache.mkdir("look"))


@pytest.fixture(scope="module")
def excused(chromium: Browser, axe: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Finding]]:
    """What is found on a page of plain Streamlit elements, light and dark, wide and narrow."""
    bare = Bare(tmp_path_factory.mktemp("bare"), HERE / "bare_page.py")
    bare.start()
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(path=axe)
    page = context.new_page()
    page.goto(bare.base)
    settle(page)
    unfold(page)
    assert page.get_by_test_id("stException").count() == 0
    yield [*_judge(page), *_judge_narrow(page)]
    context.close()
    bare.close()


@pytest.fixture
def walker(served: Served, axe: Path, visit: Look) -> Page:
    page = visit("/")
    page.context.add_init_script(path=axe)
    page.reload()
    settle(page)
    return page


def _judge(page: Page) -> list[Finding]:
    """By every rule in the light theme; in the dark one only colours are others."""
    grow(page, *WIDE, HIGHEST_PX)
    light = grave(page)
    recolour(page, "dark")
    dark = grave(page, CONTRAST)
    recolour(page, "light")
    return [*light, *dark]


def _judge_narrow(page: Page) -> list[Finding]:
    """By the size of what is to be touched."""
    grow(page, *NARROW, HIGHEST_PX)
    return grave(page, TOUCH)


def _walk(page: Page, served: Served) -> Iterator[str]:
    """The name of one state of one page after the other, with the page in it: empty lists, filled forms, results."""
    for place in places(page):
        turn_to(page, place)
        fill_in(page)
        yield place.name
    for place in furnish(served.folder):
        page.goto(served.base + place.path)
        settle(page)
        unfold(page)
        yield place.name


def test_what_is_excused_is_listed(excused: list[Finding]) -> None:
    """docs/accessibility.md names every serious finding that plain Streamlit brings along."""
    rows = re.findall(r"^\| `([a-z-]+)` \| `([^`]+)` \|", LISTED.read_text(encoding="utf-8"), re.MULTILINE)
    assert {(each.rule, each.place) for each in excused} <= set(rows)


@pytest.mark.timeout(900)  # some thirty states of pages, each looked at three times
def test_every_page_is_as_accessible_as_bare_streamlit(served: Served, walker: Page, excused: list[Finding]) -> None:
    """Axe finds nothing serious, in light or dark, that the same elements do not bring along by themselves.

    At 390 pixels nothing sticks out, and fingers find what can be pressed. Nothing asks beyond this machine.
    """
    grave_ones, sticking, seen = {}, {}, 0
    for name in _walk(walker, served):
        assert walker.get_by_test_id("stException").count() == 0, name
        found = [*_judge(walker), *_judge_narrow(walker)]
        grave_ones[name] = [each for each in found if not each.excused_by(excused)]
        sticking[name] = walker.evaluate(STICKS_OUT)
        seen += 1
    assert seen > 20
    assert {name: found for name, found in grave_ones.items() if found} == {}
    assert {name: found for name, found in sticking.items() if found} == {}
