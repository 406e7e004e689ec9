"""The truth: runs, takes, the ledger's rows, files. The only SQL."""

from __future__ import annotations

import time
from pathlib import Path

from lib.store.assets import Assets
from lib.store.boards import Boards
from lib.store.cleaning import Cleaning
from lib.store.database import Clock, Database
from lib.store.gates import Gates
from lib.store.library import Library
from lib.store.models import Models
from lib.store.progress import ProgressRows
from lib.store.purchases import Purchases
from lib.store.reuse import Reuses
from lib.store.runs import Runs


class Store:
    """Everything that is kept in one data folder. `desk` says who writes files here: "front" or "worker"."""

    def __init__(self, data_dir: Path, *, clock: Clock = time.time, desk: str = "front") -> None:
        self.data_dir = data_dir
        self.database = Database(data_dir / "dailies.sqlite")
        self.runs = Runs(self.database, clock)
        self.gates = Gates(self.database, clock)
        self.purchases = Purchases(self.database, clock)
        self.assets = Assets(self.database, data_dir / "assets", clock, desk)
        self.cleaning = Cleaning(self.database, self.assets, data_dir, clock)
        self.library = Library(self.database, clock)
        self.models = Models(self.database, clock)
        self.boards = Boards(self.database, clock)
        self.reuses = Reuses(self.database)
        self.progress = ProgressRows(self.database, clock)

    def close(self) -> None:
        self.database.close()
