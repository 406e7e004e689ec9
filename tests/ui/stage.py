"""A studio on a folder of its own that never starts a process, and runs put into its store in any state."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from lib.chain.presets import preset
from lib.errors import Doubtful, InputRefused, RequestFailed, Uncertain
from lib.settings import ROOT, Settings
from lib.store.purchases import Order
from lib.store.views import StepView, Take, Ticket
from lib.studio import Studio
from lib.ui.samples import sample_asset
from lib.ui.session import STUDIO

GOLDEN = "extend-lipsync-upscale"


class QuietStudio(Studio):
    """Everything but the other two processes; counts how often they were asked for."""

    woken = 0

    def wake(self) -> None:
        self.woken += 1


def quiet(folder: Path, *, access_code: str = "", public: bool = False) -> QuietStudio:
    return QuietStudio(Settings(folder, Decimal(5), access_code), public=public)


def open_app(studio: Studio, page: str = "", **query: str) -> AppTest:
    """The app as a browser has it after the first visit, on `page` ("models/ltx")."""
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    app.session_state[STUDIO] = studio
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    return app.switch_page(f"pages/{page}.py").run() if page else app


def button(app: AppTest, label: str) -> Any:
    """The button with that label. Raises StopIteration where there is none."""
    return next(found for found in app.button if found.label == label)


def words(app: AppTest) -> str:
    """Everything that stands on the page, as text."""
    kinds = (app.title, app.markdown, app.caption, app.info, app.warning, app.error, app.success, app.text, app.code)
    shown = [str(element.value) for kind in kinds for element in kind]
    titles = [str(getattr(box.proto, "title", "")) for kind in (app.info, app.warning, app.error) for box in kind]
    badges = [str(getattr(badge, "value", "")) for badge in app.get("badge")]
    return "\n".join([*shown, *titles, *badges])


def golden_run(studio: Studio) -> str:
    """A run of the golden chain that nobody works on yet."""
    return studio.start(preset(GOLDEN))


def finish(studio: Studio, run_id: str, *step_ids: str) -> None:
    """Gives these steps the sample as their take."""
    sha256 = sample_asset(studio, "bunny.mp4").sha256
    for step_id in step_ids:
        ticket = begin(studio, run_id, step_id)
        take = Take(
            id=f"{run_id[:24]}{step_id[:8]}", run_id=run_id, step_id=step_id, attempt=ticket.attempt,
            operation=studio.run(run_id).step(step_id).operation, mode=studio.run(run_id).mode, input={"seed": 7},
            output={"video": {"url": "https://example.com/v.mp4", "asset": sha256}, "seed": 7}, sha256=sha256,
            created_at=1.0,
        )  # fmt: skip
        studio.store.runs.finish(ticket, take)


def begin(studio: Studio, run_id: str, step_id: str, sent: dict[str, Any] | None = None) -> Ticket:
    step = studio.run(run_id).step(step_id)
    ticket = Ticket(run_id, step_id, step.attempt, step.resume)
    studio.store.runs.begin(ticket, sent or {"prompt": "a wave", "video_url": "asset:" + "0" * 64})
    return ticket


def tell(studio: Studio, run_id: str, step_id: str, phase: str, **how: Any) -> None:
    studio.store.progress.tell(begin(studio, run_id, step_id), phase, **how)
    studio.store.progress.flush()


def fail(studio: Studio, run_id: str, step_id: str) -> None:
    error = RequestFailed("The model could not read the clip.", hint="Try a shorter one.")
    studio.store.runs.fail(begin(studio, run_id, step_id), error.record())


def refuse(studio: Studio, run_id: str, step_id: str, fields: dict[str, str]) -> None:
    """As the worker does on a 422: what the model says names the fields as the wire does."""
    said = "; ".join(f"{path}: {message}" for path, message in fields.items())
    error = InputRefused(f"The provider refused the input. It says: {said}", hint="Correct the input.", fields=fields)
    step = studio.run(run_id).step(step_id)
    studio.store.runs.fail(begin(studio, run_id, step_id, _written(studio, run_id, step)), error.record())


def _written(studio: Studio, run_id: str, step: StepView) -> dict[str, Any]:
    written = next(each["input"] for each in studio.run(run_id).chain["steps"] if each["id"] == step.id)
    sample = "asset:" + sample_asset(studio, "bunny.mp4").sha256
    return {k: sample if str(v).startswith("$") else v for k, v in written.items()} | {"seed": 7}


def doubt(studio: Studio, run_id: str, step_id: str, *found: dict[str, Any]) -> Ticket:
    """The step's take (the sample) waits for a person, because of what was found in it."""
    ticket, sha256 = begin(studio, run_id, step_id), sample_asset(studio, "bunny.mp4").sha256
    run = studio.run(run_id)
    take = Take(
        id=f"{run_id[:24]}{step_id[:8]}", run_id=run_id, step_id=step_id, attempt=ticket.attempt,
        operation=run.step(step_id).operation, mode=run.mode, input={"seed": 7},
        output={"video": {"asset": sha256}}, sha256=sha256, created_at=1.0,
    )  # fmt: skip
    error = Doubtful(" ".join(str(one["said"]) for one in found), hint="Decide below.")
    studio.store.gates.ask(ticket, take, found, error.record())
    return ticket


def make_uncertain(studio: Studio, run_id: str, step_id: str) -> None:
    """As after a lost answer to a submit."""
    ticket = begin(studio, run_id, step_id)
    run = studio.run(run_id)
    order = Order(ticket, run.mode, run.step(step_id).operation, {"prompt": "a wave"}, "hash", Decimal("0.30"))
    studio.store.purchases.open(order, day_cap_usd=Decimal(5))
    studio.store.purchases.hold(ticket.key)
    error = Uncertain("Nobody knows whether this was accepted.", hint="Decide below.", run=run_id, step=step_id)
    studio.store.runs.hold(ticket, error.record())


def field(app: AppTest, key: str, by: str = "") -> Any:
    """The widget that the value under `key` is lent to now (see lib.ui.lend)."""
    turn = app.session_state.get(f"{key}:{by}:turn", 0)
    return app.get_by_key(f"{key}:{by}~{turn}")
