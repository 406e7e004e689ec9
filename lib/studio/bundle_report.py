"""A bundle's report: one page to read, with no scripts and no outside requests. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from typing import Any

from lib.catalog import known
from lib.catalog.form import fields
from lib.catalog.price import money
from lib.studio.clean_words import hashes

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STATES = {"done": "Done", "failed": "Failed", "cancelled": "Cancelled", "skipped": "Skipped"}
STYLE = """
:root { color-scheme: dark light; --ground: #101514; --card: #18201e; --line: #2b3734; --text: #e8efed; --soft: #9fb0ab;
  --accent: #5eccc0; }
@media (prefers-color-scheme: light) { :root { --ground: #f5f7f6; --card: #fff; --line: #d7dfdc; --text: #17211e;
  --soft: #56655f; --accent: #0c7c70; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 2.5rem 1.25rem 4rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 0; }
p { margin: .25rem 0; } .soft { color: var(--soft); } a { color: var(--accent); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; margin-top: 1rem;
  padding: 1.1rem 1.25rem; }
.head { display: flex; flex-wrap: wrap; gap: .25rem 1rem; justify-content: space-between; align-items: baseline; }
.files { display: flex; flex-wrap: wrap; gap: 1rem; margin-top: .75rem; }
figure { margin: 0; width: 15rem; max-width: 100%; }
figcaption { color: var(--soft); font-size: .85rem; margin-top: .3rem; }
img { border-radius: .4rem; display: block; height: auto; width: 100%; }
dl { display: grid; gap: .15rem 1rem; grid-template-columns: minmax(7rem, max-content) 1fr; margin: .75rem 0 0; }
dt { color: var(--soft); } dd { margin: 0; white-space: pre-wrap; } code { font-size: .8rem; }
"""


def report(
    run: Mapping[str, Any],
    ledger: Sequence[Mapping[str, Any]],
    files: Mapping[str, Mapping[str, Any]],
    posters: Mapping[str, str],
    places: Mapping[str, str],
) -> str:
    """The page of a run as the bundle holds it; `posters` are JPEGs in base64, and `places` the names in the zip, by
    the hash of their files.
    """
    shelf = _Shelf(files, posters, places)
    paid = [Decimal(line["cost_usd"]) for line in ledger if line["mode"] == "live" and line["cost_usd"] is not None]
    cost = money(sum(paid, Decimal(0))) if run["mode"] == "live" else "free"
    made = (
        "Made by models on fal." if run["mode"] == "live"
        else "A rehearsal: made by stand-in models, to show how it works, not how good a model is."
    )  # fmt: skip
    took = _length(run["created_at"], run["finished_at"])
    said = " · ".join(part for part in (_day(run["created_at"]), took, cost) if part)
    steps = "".join(_step(number, step, run, ledger, shelf) for number, step in enumerate(run["steps"], 1))
    sources = "".join(shelf.figure(sha256, name) for name, sha256 in run["inputs"].items())
    given = f'<section class="card"><h2>Given</h2><div class="files">{sources}</div></section>' if sources else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(run['name'])}</title><style>{STYLE}</style></head><body>"
        f'<h1>{escape(run["name"])}</h1><p class="soft">{escape(said)}</p><p class="soft">{made}</p>'
        f"{given}{steps}</body></html>\n"
    )


class _Shelf:
    """The bundle's files as figures."""

    def __init__(
        self, files: Mapping[str, Mapping[str, Any]], posters: Mapping[str, str], places: Mapping[str, str]
    ) -> None:
        self._files = files
        self._posters = posters
        self._places = places

    def figure(self, sha256: str, words: str) -> str:
        about, poster = self._files.get(sha256), self._posters.get(sha256)
        label = escape(words)
        if about is None:
            return f"<figure><figcaption>{label}: cleaned up before this was bundled</figcaption></figure>"
        shown = f'<img alt="{label}" src="data:image/jpeg;base64,{poster}">' if poster else ""
        words = escape(f"{about['kind']}, {about['name']}")
        name = f'<a href="{escape(self._places[sha256])}">{words}</a>'
        return f"<figure>{shown}<figcaption>{label}: {name}<br><code>{sha256[:16]}</code></figcaption></figure>"


def _step(
    number: int, step: Mapping[str, Any], run: Mapping[str, Any], ledger: Sequence[Mapping[str, Any]], shelf: _Shelf
) -> str:
    made = known(step["operation"])
    title = made.title if made else step["operation"]
    bought = [line for line in ledger if line["step"] == step["id"]]
    said = (STATES.get(step["state"], ""), _length(step["started_at"], step["finished_at"]), _cost(bought, run["mode"]))
    takes = [take for take in run["takes"] if take["step_id"] == step["id"]]
    figures = "".join(
        shelf.figure(sha256, "take" if len(takes) == 1 else f"take {take['attempt']}")
        for take in takes
        for sha256 in dict.fromkeys(hashes(take["output"]))
    )
    shown = f'<div class="files">{figures}</div>' if figures else ""
    error = f"<p>{escape(str(step['error'].get('message', '')))}</p>" if step["error"] else ""
    return (
        f'<section class="card"><div class="head"><h2>{number}. {escape(title)}</h2>'
        f'<span class="soft">{escape(" · ".join(part for part in said if part))}</span></div>'
        f'<p class="soft"><code>{escape(step["operation"])}</code></p>{error}{shown}{_told(step, bought)}</section>'
    )


def _told(step: Mapping[str, Any], bought: Sequence[Mapping[str, Any]]) -> str:
    """What it was told, and the requests that were sent for it."""
    rows = [(name, value) for name, value in (step["input"] or {}).items() if isinstance(value, str | int | float)]
    rows = [(name, value) for name, value in rows if not str(value).startswith("asset:")]
    made = known(step["operation"])
    titles = {spec.name: spec.title for spec in fields(made.input)} if made else {}
    rows = [(titles.get(name, name), value) for name, value in rows]
    rows += [("Request", line["request_id"]) for line in bought if line["request_id"]]
    words = "".join(f"<dt>{escape(str(name))}</dt><dd>{escape(str(value))}</dd>" for name, value in rows)
    return f"<dl>{words}</dl>" if words else ""


def _cost(bought: Sequence[Mapping[str, Any]], mode: str) -> str:
    if mode == "rehearsal" or not bought:
        return "free"
    known = [Decimal(line["cost_usd"]) for line in bought if line["cost_usd"] is not None]
    words = money(sum(known, Decimal(0)))
    return words if len(known) == len(bought) else f"at least {words}"


def _day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _length(began: float | None, ended: float | None) -> str:
    if began is None or ended is None or ended < began:
        return ""
    whole = round(ended - began)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"
