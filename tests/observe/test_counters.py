"""Counters add up, by label."""

import pytest

from bot.observe import Counters
from bot.observe.counters import Count


def test_counts_are_kept_by_name_and_labels() -> None:
    counters = Counters()
    counters.add("jobs", state="done", server="a")
    counters.add("jobs", 2, server="b", state="done")
    counters.add("jobs", state="failed", server="a")
    counters.add("edits", 0.5)
    assert counters.value("jobs") == 4
    assert counters.value("jobs", state="done") == 3
    assert counters.value("jobs", state="done", server="b") == 2
    assert counters.value("unknown") == 0
    assert next(iter(counters)) == Count("edits", (), 0.5)
    assert len(list(counters)) == 4
    with pytest.raises(ValueError, match="down"):
        counters.add("jobs", -1)
