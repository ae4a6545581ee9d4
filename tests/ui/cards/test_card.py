"""The card in every state."""

from dataclasses import replace
from typing import Any

import discord
import pytest
from simcord.components import validate_components, walk_components

from bot.comfy import OutputKind
from bot.errors import UserError
from bot.i18n import LANGUAGES
from bot.jobs.model.failure import Failure, Reason
from bot.jobs.model.job import JobOutput, JobState
from bot.jobs.model.request import Origin, OriginKind
from bot.ui.cards.card import alt_text, card, further_card, note_card
from bot.ui.cards.shown import Shown, TooLarge
from tests.ui.jobs import (
    ID,
    NOW,
    STATES,
    file_output,
    make_job,
    make_snapshot,
    text_output,
    with_outputs,
    with_runs,
)

EN, ZH = LANGUAGES["en"], LANGUAGES["zh-CN"]


def drawn(snapshot: Any, shown: Shown | None = None, lang: Any = EN, **options: Any) -> list[dict[str, Any]]:
    return card(snapshot, lang, shown or Shown(), now=NOW, **options).to_components()


def text(components: list[dict[str, Any]]) -> str:
    return "\n".join(str(part["content"]) for part in walk_components(components) if "content" in part)


def buttons(components: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {part["label"]: part for part in walk_components(components) if part["type"] == 2}


async def test_a_waiting_job_says_where_it_stands_and_when_it_starts() -> None:
    shown = drawn(make_snapshot(position=3, ahead=2, wait=90.0))
    assert "number 3 in the queue" in text(shown)
    assert f"<t:{round((NOW + 90) / 15) * 15}:R>" in text(shown)
    assert list(buttons(shown)) == ["Cancel", "Notify me when it is done"], "a minute and more is long"
    assert list(buttons(drawn(make_snapshot(position=3, wait=9.0)))) == ["Cancel"]
    assert buttons(shown)["Cancel"]["custom_id"] == f"job:cancel:{ID}"


async def test_the_next_one_is_called_that() -> None:
    assert "next up" in text(drawn(make_snapshot(position=1, wait=0.0)))
    assert "Starts" not in text(drawn(make_snapshot(position=1, wait=0.0)))


async def test_a_running_job_says_what_it_does_and_how_far_it_is() -> None:
    snapshot = make_snapshot(
        JobState.RUNNING, fraction=0.42, node_title="KSampler *main*", step=8, steps=20, remaining=33.0
    )
    shown = text(drawn(snapshot, Shown(preview="preview.jpg")))
    assert "42 %" in shown
    assert r"KSampler \*main\*: step 8 of 20" in shown
    assert f"<t:{round((NOW + 33) / 5) * 5}:R>" in shown
    assert "attachment://preview.jpg" in str(drawn(snapshot, Shown(preview="preview.jpg")))


async def test_progress_never_says_all_before_the_end() -> None:
    assert "99 %" in text(drawn(make_snapshot(JobState.RUNNING, fraction=1.0)))


async def test_several_runs_are_counted() -> None:
    snapshot = make_snapshot(job=replace(make_job(JobState.RUNNING), planned=3), run=1)
    assert "2 of 3" in text(drawn(snapshot))


async def test_the_result_shows_everything_needed_to_repeat_it() -> None:
    job = with_outputs(make_job(JobState.SUCCEEDED), file_output("a.png"), file_output("b.png", 1))
    there = Shown(gallery=("a.png", "b.png"), files=("c.flac",), sides=((1024, 1536),))
    shown = drawn(make_snapshot(job=job), there)
    said = text(shown)
    assert "Done" in said
    assert "25 s" in said
    assert "Seed 0" in said
    assert "1024×1536" in said, "the size of the files, whatever was asked for"
    assert "512×768" not in said
    assert "Steps 20" in said
    rows = [
        [each["label"] for each in part["components"]] for part in walk_components(shown) if part["type"] == 1
    ]
    assert rows == [
        ["Again", "Vary", "Upscale", "Edit", "Use as input"],
        ["Details", "Favourite", "Spoiler"],
    ]
    items = [item for part in walk_components(shown) if part["type"] == 12 for item in part["items"]]
    assert [item["description"] for item in items] == ["a red fox", "a red fox"]
    assert any(part["type"] == 13 for part in walk_components(shown))


@pytest.mark.parametrize(
    ("state", "made", "offered"),
    [
        (JobState.SUCCEEDED, [text_output("a poem")], "Again Vary Edit Details Favourite"),
        (
            JobState.SUCCEEDED,
            [file_output("a.mp4", kind=OutputKind.VIDEO)],
            "Again Vary Edit Details Favourite Spoiler",
        ),
        (JobState.FAILED, [], "Again Edit Details"),
        (
            JobState.CANCELLED,
            [file_output("a.png")],
            "Again Upscale Edit Use as input Details Spoiler",
        ),
    ],
)
async def test_only_what_can_be_done_is_offered(state: JobState, made: list[JobOutput], offered: str) -> None:
    job = with_outputs(make_job(state), *made)
    assert " ".join(buttons(drawn(make_snapshot(job=job)))) == offered


async def test_a_spoiler_stays_one_whenever_the_card_is_drawn() -> None:
    job = with_outputs(make_job(JobState.SUCCEEDED), file_output("a.png"))
    job = replace(job, request=replace(job.request, spoiler=True))
    shown = drawn(make_snapshot(job=job), Shown(gallery=("a.png",), files=("c.flac",)))
    items = [item for part in walk_components(shown) if part["type"] == 12 for item in part["items"]]
    assert [item["spoiler"] for item in items] == [True]
    assert [part["spoiler"] for part in walk_components(shown) if part["type"] == 13] == [True]
    assert "No spoiler" in buttons(shown)


@pytest.mark.parametrize(
    ("kind", "english", "chinese"),
    [
        (OriginKind.PICTURE, "the picture itself, changed a little", "稍作改动"),
        (OriginKind.SEED, "the same settings with another seed", "换了种子"),
        (OriginKind.VARIATION_SEED, "mixed with a little of another one", "混入少许"),
        (OriginKind.UPSCALE, "Upscaled from", "放大"),
        (OriginKind.USE, "Made from", "生成"),
    ],
)
async def test_a_card_says_what_it_was_made_from(kind: OriginKind, english: str, chinese: str) -> None:
    origin = Origin(kind=kind, job=12, ordinal=3, address="https://discord.com/channels/8/9/3")
    job = make_job(JobState.SUCCEEDED)
    job = replace(job, request=replace(job.request, origin=origin))
    said = text(drawn(make_snapshot(job=job)))
    assert english in said
    assert "[#12, picture 3](https://discord.com/channels/8/9/3)" in said
    assert chinese in text(drawn(make_snapshot(job=job), lang=ZH))


@pytest.mark.parametrize("address", ["https://discord.com/channels/8/10/3", None])
async def test_a_card_does_not_point_to_a_picture_that_others_may_not_see(address: str | None) -> None:
    origin = Origin(kind=OriginKind.USE, job=12, address=address)
    job = make_job(JobState.SUCCEEDED)
    job = replace(job, request=replace(job.request, origin=origin))
    said = text(drawn(make_snapshot(job=job)))
    assert "Made from an earlier picture" in said
    assert "#12" not in said
    assert "discord.com" not in said
    own = replace(job, request=replace(job.request, private=True))
    assert "#12" in text(drawn(make_snapshot(job=own)))


async def test_the_size_is_that_of_the_files_and_copies_are_called_so() -> None:
    assert "512×768" in text(drawn(make_snapshot(JobState.RUNNING))), "what is to come"
    job = with_outputs(make_job(JobState.SUCCEEDED), file_output("a.png"))
    assert "×" not in text(drawn(make_snapshot(job=job))), "nobody has seen the file"
    for shown, english, chinese in (
        (
            Shown(sides=((64, 64),), copies=("webp",)),
            "64×64 · smaller copy: WebP",
            "64×64 · 1 个压缩版：WebP",
        ),
        (
            Shown(sides=((1, 2), (3, 4), (5, 6), (7, 8)), copies=("webp", "jpg", "webp")),
            "1×2, 3×4, 5×6, … · 3 smaller copies: WebP, JPEG",
            "3 个压缩版：WebP, JPEG",
        ),
        (Shown(copies=("mp3",)), "smaller copy: MP3", "压缩版：MP3"),
    ):
        assert english in text(drawn(make_snapshot(job=job), shown))
        assert chinese in text(drawn(make_snapshot(job=job), shown, ZH))


def test_what_was_left_out_stands_on_the_card() -> None:
    job = make_job(JobState.SUCCEEDED)
    job = replace(job, request=replace(job.request, left_out=("aspect", "negative_prompt")))
    assert "Not used by this workflow: aspect and negative_prompt" in text(drawn(make_snapshot(job=job)))
    assert "此工作流用不到，已忽略：比例和" in text(drawn(make_snapshot(job=job), lang=ZH))


async def test_every_seed_of_several_is_shown() -> None:
    job = with_runs(make_job(JobState.SUCCEEDED), 0, 1)
    assert "Seed 0, 1" in text(drawn(make_snapshot(job=job)))


async def test_a_failure_says_why_with_its_reference() -> None:
    failure = Failure.of(
        Reason.REJECTED, UserError("{name} is missing.", name="x.safetensors"), reference="K7Q-2MX"
    )
    said = text(drawn(make_snapshot(job=make_job(JobState.FAILED, failure=failure))))
    assert "Failed" in said
    assert "x.safetensors is missing." in said
    assert "K7Q-2MX" in said


async def test_a_job_being_stopped_cannot_be_cancelled_twice() -> None:
    for state in (JobState.SUBMITTED, JobState.RUNNING):
        shown = drawn(make_snapshot(job=make_job(state, cancel_requested_by=7)))
        assert "Stopping" in text(shown)
        assert buttons(shown)["Cancel"]["disabled"]


async def test_a_private_card_that_cannot_last_says_so() -> None:
    job = make_job()
    job = replace(job, request=replace(job.request, private=True))
    assert "send you the result directly" in text(drawn(make_snapshot(job=job, wait=3600.0)))
    assert "send you the result directly" not in text(drawn(make_snapshot(job=job, wait=60.0)))


async def test_what_cannot_be_attached_is_named() -> None:
    shown = Shown(
        links=(("a.mp4", "https://x.example/view?a=1"),),
        too_large=(TooLarge("b.mp4", 213 * 1024**2, 10 * 1024**2), TooLarge("d.flac", 5_500_000)),
        gone=("c.png",),
        following=2,
    )
    said = text(drawn(make_snapshot(JobState.SUCCEEDED), shown))
    assert "https://x.example/view?a=1" in said
    assert "b.mp4 has 213 MB, and only 10 MB can be sent here" in said
    assert "d.flac (5.2 MB) is too large" in said
    assert "c.png is no longer" in said
    assert "2 more files follow below" in said


async def test_words_a_server_forbids_can_be_left_out() -> None:
    assert "red fox" not in text(drawn(make_snapshot(), plain=True))


@pytest.mark.parametrize("lang", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("letter", ["*", "猫", "🦊", "a"])
async def test_no_card_is_more_than_discord_takes(state: JobState, letter: str, lang: Any) -> None:
    long = letter * 6000
    failure = Failure.of(Reason.WORKFLOW, UserError("{text}", text=long), reference="K7Q-2MX")
    job = make_job(state, workflow_title=long, failure=failure if state.is_final else None)
    job = replace(
        job, values={"prompt": long, "model": long, "seed": 2**53 - 1, **{f"x{n}": long for n in range(30)}}
    )
    job = replace(job, request=replace(job.request, requester=replace(job.request.requester, name=long)))
    names = tuple(f"{n}.png" for n in range(10))
    shown = Shown(
        gallery=names,
        files=names,
        texts=(long, long),
        links=tuple((n, "https://x/" + "y" * 200) for n in names),
    )
    view = card(make_snapshot(job=job, node_title=long, step=1, steps=9, fraction=0.5), lang, shown, now=NOW)
    components = view.to_components()
    assert view.total_children_count <= 40
    texts = [str(part["content"]) for part in walk_components(components) if "content" in part]
    assert sum(map(len, texts)) <= 4000
    assert sum(len(part.encode()) for part in texts) + 12 * len(texts) <= 10_170
    validate_components(components, flags=1 << 15)


@pytest.mark.parametrize(
    ("pictures", "files", "galleries"),
    [(1, 0, [1]), (4, 0, [4]), (5, 2, [4, 1]), (10, 0, [4, 6]), (0, 10, [])],
)
async def test_the_first_four_are_large_and_ten_of_any_kind_fit(
    pictures: int, files: int, galleries: list[int]
) -> None:
    made = [file_output(f"{n}.png", n) for n in range(10)]
    job = with_outputs(make_job(JobState.SUCCEEDED), *made)
    shown = Shown(
        gallery=tuple(f"{n}.png" for n in range(pictures)), files=tuple(f"{n}.glb" for n in range(files))
    )
    view = card(make_snapshot(job=job), EN, shown, now=NOW)
    components = view.to_components()
    assert [len(each["items"]) for each in walk_components(components) if each["type"] == 12] == galleries
    assert sum(each["type"] == 13 for each in walk_components(components)) == files
    assert view.total_children_count <= 40 - 3, "the history adds a row of two buttons"
    validate_components(components, flags=1 << 15)


async def test_chinese_people_read_chinese() -> None:
    assert "步数 20" in text(drawn(make_snapshot(JobState.SUCCEEDED), lang=ZH))
    for state in STATES:
        said = text(drawn(make_snapshot(state, position=2, fraction=0.1), lang=ZH))
        assert any("\u4e00" <= letter <= "\u9fff" for letter in said), said


async def test_views_are_not_kept_by_the_library() -> None:
    for view in (
        card(make_snapshot(), EN, Shown(), now=NOW),
        note_card("x"),
        further_card(make_job(), EN, Shown(), page=2, pages=3),
    ):
        assert view.is_finished()
        assert isinstance(view, discord.ui.LayoutView)


def test_a_picture_without_prompt_is_described_by_its_workflow() -> None:
    assert (
        alt_text(replace(make_job(), values={}, request=replace(make_job().request, values={})))
        == "Text to image"
    )
    assert len(alt_text(replace(make_job(), values={"prompt": "x" * 3000}))) <= 1024
    assert alt_text(replace(make_job(), values={"prompt": " \n\u200b"})) == "Text to image"


def test_only_settings_of_interest_stand_below() -> None:
    job = make_job(JobState.SUCCEEDED)
    values = {"text_encoder": "t5.safetensors", "vae": "ae.safetensors", "batch": 4, "length": 33}
    said = text(drawn(make_snapshot(job=replace(job, values={**job.values, **values}))))
    assert "Frames 33" in said
    assert not any(word in said for word in ("t5", "ae.safetensors", "Pictures at once"))
    asked = replace(job.request, values={**job.request.values, "vae": "ae.safetensors"})
    assert "VAE ae.safetensors" in text(
        drawn(make_snapshot(job=replace(job, request=asked, values={**job.values, **values})))
    )


def test_what_is_done_and_what_grows_stand_side_by_side() -> None:
    shown = Shown(gallery=("one.png",), preview="preview.jpg")
    view = card(make_snapshot(JobState.RUNNING), LANGUAGES["en"], shown, now=NOW)
    gallery = next(item for item in view.walk_children() if isinstance(item, discord.ui.MediaGallery))
    assert [item.media.url for item in gallery.items] == ["attachment://one.png", "attachment://preview.jpg"]
