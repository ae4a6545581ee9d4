"""What is told of a job or a picture fits into a message, however much there is, and ends no block too early."""

from dataclasses import replace
from typing import Any

import pytest
from simcord.components import validate_components, walk_components

from bot.i18n import LANGUAGES
from bot.jobs.model.job import Job, JobState
from bot.jobs.model.request import InputRef
from bot.ui.actions.details import details_view
from bot.users.marks import Favour
from bot.workflows.library.imprint import Imprint, Program
from cogs.message_menu.imprints import imprint_view
from tests.ui.jobs import make_job, with_runs

EN, ZH = LANGUAGES["en"], LANGUAGES["zh-CN"]
SERVERS = {"r": 1, "s": 2}


def texts(view: Any) -> list[str]:
    components = view.to_components()
    validate_components(components, flags=1 << 15)
    parts = [str(part["content"]) for part in walk_components(components) if "content" in part]
    assert sum(map(len, parts)) <= 4000
    assert sum(len(part.encode()) + 12 for part in parts) <= 10_170
    assert len(list(walk_components(components))) <= 40
    return parts


def shown(job: Job, lang: Any = EN, **options: Any) -> str:
    known = {"workflow": None, "favour": Favour(own=False, count=0), "servers": SERVERS, "operator": False}
    return "\n".join(texts(details_view(job, lang, **{**known, **options})))


@pytest.mark.parametrize("letter", ["a", "猫", "🦊", "*", "`"])
@pytest.mark.parametrize("lang", [EN, ZH], ids=["en", "zh"])
def test_however_much_there_is_it_fits(letter: str, lang: Any) -> None:
    values = {f"setting{number}": letter * 300 for number in range(60)}
    values |= {"prompt": letter * 4000, "negative_prompt": letter * 4000}
    job = make_job(JobState.SUCCEEDED, values=values)
    job = replace(job, request=replace(job.request, values=values))
    assert "command.txt" in shown(with_runs(job, *range(2**60, 2**60 + 20)), lang)
    imprint = Imprint(program=Program.WEBUI, values=job.values)
    texts(imprint_view(imprint, letter * 50, lang))


def test_everything_of_interest_is_told() -> None:
    job = make_job(JobState.SUCCEEDED)
    job = with_runs(replace(job, request=replace(job.request, count=2)), 5, 6)
    said = shown(job, favour=Favour(own=True, count=3))
    for part in ("a red fox", "Seed: 5, 6", "Steps: 20", "CFG: 7", "How many: 2", "Took 25 s", "Waited 30 s"):
        assert part in said, part
    assert "Image server: 2" in said, "its number, for its address is nobody's business"
    assert "3 people's favourites" in said
    assert "/generate prompt:a red fox workflow:txt2img seed:0 count:2" in said
    told = shown(job, operator=True)
    assert "Image server: `s`" in told
    assert "server" not in shown(job, servers={"s": 1}), "which one it was says nothing where there is one"
    assert "`p0`, `p1`" in told


def test_attached_files_are_not_told_by_our_names_for_them() -> None:
    job = make_job(JobState.SUCCEEDED)
    files = {"image": InputRef("ab" * 32, "png", 1)}
    job = replace(job, request=replace(job.request, inputs=files), values={**job.values, "image": "ab.png"})
    said = shown(job)
    assert "attach them again" in said
    assert "ab.png" not in said


@pytest.mark.parametrize("ticks", range(3, 9))
def test_words_cannot_end_the_block_they_stand_in(ticks: int) -> None:
    words = {"prompt": f"a {'`' * ticks} b @everyone"}
    job = make_job(JobState.SUCCEEDED)
    job = replace(job, request=replace(job.request, values=words), values=words)
    parts = texts(
        details_view(job, EN, workflow=None, favour=Favour(own=False, count=0), servers={}, operator=False)
    )
    block = next(part for part in parts if "/generate" in part)
    assert "@everyone" in block
    assert block.count("`") == ticks + 6
    assert block.count("```") == 2


@pytest.mark.parametrize(
    ("values", "planned", "count", "said"),
    [({"batch": 1}, 1, 1, None), ({"batch": 4}, 1, 4, "How many: 4"), ({"batch": 2}, 2, 4, "How many: 4"), ({}, 3, 3, "How many: 3")],
)  # fmt: skip
def test_how_many_is_one_number_however_they_are_made(
    values: dict[str, Any], planned: int, count: int, said: str | None
) -> None:
    job = make_job(values=values, planned=planned)
    job = replace(job, request=replace(job.request, count=count))
    lines = shown(job).splitlines()
    assert [line for line in lines if "How many" in line or "at once" in line] == ([said] if said else [])
