"""Random kills, the short form; `python -m tests.durability.chaos` is the long one."""

from __future__ import annotations

from pathlib import Path

from tests.durability.place import place_in
from tests.durability.storm import Storm, blow


def test_six_kills_over_four_chains_with_a_declared_list(tmp_path: Path) -> None:
    """Every chain completes, each step stands on the bill once, every file is whole, nothing is left running."""
    with place_in(tmp_path / "data") as place:
        place.start_standin(list_complete_after_s=1.0, list_lag_s=0.5)
        found = blow(place, Storm(kills=6, chains=4, seed=20), declared=True)
        assert not found.faults, found
        assert found.done == found.runs >= 4


def test_four_kills_over_four_chains_as_live_with_the_standin_dying_too(tmp_path: Path) -> None:
    """Every run completes or is in question; nothing is bought twice although both sides die."""
    with place_in(tmp_path / "data") as place:
        place.start_standin(list_complete_after_s=None, list_lag_s=0.5)
        found = blow(place, Storm(kills=4, chains=4, seed=21, standin_kills=0.5), declared=False)
        assert not found.faults, found
        assert found.done + found.uncertain == found.runs >= 4
