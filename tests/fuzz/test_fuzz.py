"""A few interactions at random in the ordinary run; `python -m tests.fuzz` makes ten thousand."""

from pathlib import Path

import pytest

from tests.fuzz.run import fuzz


@pytest.mark.parametrize("seed", [1, 2])
async def test_what_people_do_at_random_is_answered(tmp_path: Path, seed: int) -> None:
    report = await fuzz(tmp_path, count=40, seed=seed)
    assert report.broken == []
    assert report.figures.done.total() == 40
