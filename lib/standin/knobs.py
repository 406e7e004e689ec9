"""What tests may set on a running stand-in; kept across restarts."""

from __future__ import annotations

import sqlite3
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from lib.standin.clock import Bell, Clock
from lib.standin.database import keep, recall


class Knobs(BaseModel):
    """`list_complete_after_s` is the promise that /_standin/info makes about the request list; None promises nothing.

    `list_lag_s` is how long an accepted request really stays out of that list. `keys` None accepts every key.
    `variant` goes to the performers ({"extend": "continuation"}: answer with the new part alone).
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    list_complete_after_s: float | None = Field(1.0, ge=0)
    list_lag_s: float = Field(0.0, ge=0)
    time_scale: float = Field(1.0, ge=0)
    queue_delay_s: float = Field(0.0, ge=0)
    strict_paths: bool = False
    keys: list[str] | None = None
    variant: dict[str, str] = {}


class Board:
    """The knobs in force. `turn` changes some of them, on disk first."""

    def __init__(self, db: sqlite3.Connection, clock: Clock, bell: Bell) -> None:
        self._db = db
        self._bell = bell
        self._clock = clock
        kept = recall(db, "knobs")
        self.knobs = Knobs(time_scale=clock.scale) if kept is None else Knobs.model_validate_json(kept)
        clock.scale = self.knobs.time_scale

    def turn(self, changes: dict[str, Any]) -> Knobs:
        """The knobs after the change. Raises pydantic's ValidationError for what is no knob."""
        turned = Knobs.model_validate(self.knobs.model_dump() | changes)
        keep(self._db, "knobs", turned.model_dump_json())
        self.knobs = turned
        self._clock.scale = turned.time_scale
        self._bell.ring()  # a shorter wait may be over already
        return turned
