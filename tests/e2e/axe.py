"""What axe-core, the usual checker, finds on a page that is open in a browser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.witness.environments import node_home

PINS = Path(__file__).with_name("package.json")
GRAVE = ("serious", "critical")
# The place is what Streamlit calls the element around, or the class of ours inside a component's shadow.
FIND = """async (options) => {
  const plain = new Set(["stElementContainer", "stVerticalBlock", "stHorizontalBlock", "stMarkdownContainer"]);
  const place = (node) => {
    for (let at = node; at; at = at.parentNode ?? at.host) {
      if (at instanceof ShadowRoot) return "ours: " + (node.className || node.tagName);
      const name = at.dataset?.testid;
      if (name?.startsWith("st") && !plain.has(name)) return name;
    }
    return "page";
  };
  const at = (node) => `${place(node)} ${node.tagName.toLowerCase()}`;
  const found = await axe.run(document, { resultTypes: ["violations"], elementRef: true, ...options });
  return found.violations.flatMap((rule) => rule.nodes.map((node) => ({
    rule: rule.id, impact: node.impact, place: at(node.element), html: node.html.slice(0, 300),
    ratio: node.any[0]?.data?.contrastRatio ?? null,
  })));
}"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that is broken at one kind of place; `ratio` is the contrast, where it is about that."""

    rule: str
    place: str
    ratio: float | None
    html: str

    def excused_by(self, others: list[Finding]) -> bool:
        """Whether one of the others is the same, and of no better contrast."""
        same = [each for each in others if (each.rule, each.place) == (self.rule, self.place)]
        return any(self.ratio is None or each.ratio is None or self.ratio >= each.ratio for each in same)


def axe_script(cache: Path) -> Path:
    """The checker's file for the browser, installed once; skips the test where that cannot be."""
    return node_home(cache, PINS) / "node_modules" / "axe-core" / "axe.min.js"


def grave(page: Page, *rules: str) -> list[Finding]:
    """All serious and critical findings on the page as it stands, by these rules or by all that are on by default."""
    options: dict[str, Any] = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    found = page.evaluate(FIND, options)
    return [
        Finding(each["rule"], each["place"], each["ratio"], each["html"]) for each in found if each["impact"] in GRAVE
    ]
