"""A short campaign with a fixed seed; `python -m tests.campaign` runs long ones."""

from pathlib import Path

from tests.campaign.run import campaign


def test_no_job_is_lost_doubled_stuck_or_shown_to_the_wrong_person(tmp_path: Path) -> None:
    figures = campaign(tmp_path, jobs=40, seed=3)
    assert figures.broken == []
    assert figures.jobs >= 40
    assert figures.lives >= 2
    assert sum(figures.injected.values()) >= 20


def test_a_process_of_its_own_does_the_same_over_sockets_alone(tmp_path: Path) -> None:
    figures = campaign(tmp_path, jobs=12, seed=4, memory=True)
    assert figures.broken == []
    assert figures.jobs >= 12
    assert list(figures.rss) == [12]
