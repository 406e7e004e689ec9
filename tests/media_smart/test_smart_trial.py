"""Random cuts over every sort of clip: each shows exactly the pictures asked for, however it was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.media_smart.family import MAKERS
from tests.media_smart.trial import table, trial

pytestmark = pytest.mark.anyio
NAMES = tuple(MAKERS)
GROUPS = [NAMES[place::4] for place in range(4)]


@pytest.mark.parametrize("group", range(4))
async def test_sixty_cuts(tmp_path: Path, group: int) -> None:
    """Fifteen random cuts in each quarter of the family: right to the picture, the bit and the sound."""
    verdicts = await trial(15, 100 + group, tmp_path, GROUPS[group])

    assert not [one for one in verdicts if one.faults], table(verdicts)
    assert sum(one.made.method == "smart" for one in verdicts if one.made) >= 4, table(verdicts)


@pytest.mark.long
async def test_a_thousand_cuts(tmp_path: Path) -> None:
    """The same for a thousand cuts over the whole family."""
    verdicts = await trial(1000, 3, tmp_path)

    print(table(verdicts))
    assert not [one for one in verdicts if one.faults], table(verdicts)
