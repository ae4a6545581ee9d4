"""The history as drawn: what it says and hides, and where its links lead."""

from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.i18n import LANGUAGES
from bot.jobs.model.job import JobState, MessageRef
from cogs.history.view import HistoryPage, Where, history_view, title_of, with_way_back
from tests.cogs.drawn import ENGLISH, GUILD, LONG, fits, parts, queued, text
from tests.ui.jobs import file_output, make_job, with_runs


def history(count: int, **changes: Any) -> HistoryPage:
    jobs = tuple(queued(number, **changes) for number in range(1, count + 1))
    names = {job.id: f"{job.id}.webp" for job in jobs}
    return HistoryPage(where=Where(user_id=7, page=1), viewer=8, total=99, jobs=jobs, thumbnails=names)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_longest_history_fits(code: str) -> None:
    page = history(5, state=JobState.FAILED, workflow_title=LONG, values={"prompt": LONG * 10})
    view = history_view(page, LANGUAGES[code])
    assert fits(view)
    assert sum("media" in part for part in parts(view)) == 5
    assert r"\@here" in text(view)
    assert all(len(option["label"]) <= 100 for part in parts(view) for option in part.get("options", []))


def test_history_hides_what_is_not_for_this_channel() -> None:
    page = history(2)
    hidden = replace(page, hidden=frozenset(job.id for job in page.jobs), thumbnails={})
    view = history_view(hidden, ENGLISH)
    assert "a red fox" not in str(view.to_components())
    assert "a red fox" in title_of(page.jobs[0], ENGLISH)


def test_a_job_with_several_files_says_how_many() -> None:
    job = with_runs(make_job(JobState.SUCCEEDED), 1)
    job = replace(job, runs=(replace(job.runs[0], outputs=(file_output("a.png"), file_output("b.png", 1))),))
    page = HistoryPage(where=Where(user_id=7), viewer=7, total=1, jobs=(job,))
    assert "2 files" in text(history_view(page, ENGLISH))


def test_only_a_message_that_others_can_open_is_linked() -> None:
    def links(message: MessageRef | None) -> list[str]:
        view = with_way_back(discord.ui.LayoutView(), make_job(message=message), Where(user_id=7), ENGLISH)
        return [str(part["url"]) for part in parts(view) if "url" in part]

    assert links(MessageRef(9, 10)) == [f"https://discord.com/channels/{GUILD}/9/10"]
    assert links(MessageRef(9, 10, ephemeral=True)) == links(MessageRef(9)) == links(None) == []
