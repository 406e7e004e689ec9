"""How long a step took, in the parts that people ask about: in the queue, at work, on the way here."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from lib.store.views import StepView
from lib.ui.text import length

SHORT_S = 0.5


def timing_words(step: StepView, moments: Mapping[str, float]) -> str:
    """ "prepared 2 s, queued 4 s, ran 1 min 2 s, downloaded 1 s"; "" for a step that was not bought, or not to its end.

    `moments` say when its request was first seen "running".
    """
    bought = step.purchase
    if bought is None or bought.settled_at is None or step.started_at is None or step.finished_at is None:
        return ""
    # A short request may be over before anybody saw it at work.
    marks = [
        ("prepared", step.started_at),
        ("queued", bought.sent_at),
        ("ran", moments.get("running")),
        ("downloaded", bought.settled_at),
    ]
    seen = [(name, at) for name, at in marks if at is not None]
    if "running" not in moments:
        seen[1] = ("queued and ran", bought.sent_at)
    lasted = [(name, after - at) for (name, at), (_, after) in pairwise([*seen, ("", step.finished_at)])]
    return ", ".join(f"{name} {length(seconds)}" for name, seconds in lasted if seconds >= SHORT_S)
