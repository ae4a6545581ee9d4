"""Outputs as Discord can show them."""

import asyncio
import io
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bot.comfy import OutputKind
from bot.errors import UserError
from bot.jobs.model.job import Job, JobOutput, JobState
from bot.ui.cards.shown import TooLarge
from bot.ui.files.media_converter import Workshop
from bot.ui.messages.media import Page, beyond, emptied, file_name, hasty, pages
from tests.jobs.rooms import roomy
from tests.media.encoding.samples import save_animation, save_sound, save_video
from tests.ui.jobs import file_output, make_job, text_output, with_runs

JOB = with_runs(make_job(JobState.SUCCEEDED), 0, 1)
LIMIT = 10_000


def noise() -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", (120, 120), random.Random(1).randbytes(120 * 120 * 3)).save(out, "PNG")
    return out.getvalue()


class Files:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, data: bytes) -> str:
        (self.folder / name).write_bytes(data)
        return name

    async def fetch(self, output: JobOutput) -> Path:
        assert output.output.file is not None
        path = self.folder / output.output.file.filename
        if not path.exists():
            raise UserError("It is gone.")
        return path


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


async def prepared(
    files: Files, outputs: Sequence[JobOutput], link: str | None = None, limit: int = LIMIT
) -> tuple[Page, ...]:
    def address(_job: Job, made: JobOutput) -> str | None:
        return f"{link}/{made.output.file.filename}" if link and made.output.file else None

    shop = Workshop(files.folder / "smaller", space=roomy(files.folder))
    return await pages(JOB, outputs, fetch=files.fetch, link=address, limit=limit, smaller=shop.smaller)


def test_files_are_named_after_workflow_seed_and_place() -> None:
    assert file_name(JOB, file_output("ComfyUI_00001_.png"), 1, "png") == "txt2img-0-1.png"
    assert file_name(JOB, file_output("x.png", run=1), 2, "png") == "txt2img-1-2.png"
    odd = replace(JOB, request=replace(JOB.request, workflow="../my flow"), runs=(), values={})
    assert file_name(odd, file_output("x"), 1, "") == "my-flow-1.bin"


async def test_what_fits_keeps_its_very_bytes(files: Files) -> None:
    name = files.add("a.png", b"small")
    (page,) = await prepared(files, [file_output(name)])
    assert page.uploads[0].source == files.folder / name
    assert page.shown.gallery == ("txt2img-0-1.png",)
    assert page.uploads[0].alt == "a red fox"


async def test_what_does_not_fit_is_made_smaller(files: Files) -> None:
    (page,) = await prepared(files, [file_output(files.add("a.png", noise()))])
    assert page.uploads[0].name == "txt2img-0-1.webp"
    assert page.uploads[0].size <= LIMIT


async def test_what_cannot_be_made_smaller_is_linked_or_named(files: Files) -> None:
    video = file_output(files.add("v.mp4", bytes(LIMIT + 1)), kind=OutputKind.VIDEO)
    (page,) = await prepared(files, [video])
    assert page.shown.too_large == (TooLarge("txt2img-0-1.mp4", LIMIT + 1, LIMIT),)
    (page,) = await prepared(files, [video], "https://pictures.example")
    assert page.shown.links == (("txt2img-0-1.mp4", "https://pictures.example/v.mp4"),)


async def test_what_is_gone_is_said(files: Files) -> None:
    (page,) = await prepared(files, [file_output("nowhere.png")])
    assert page.shown.gone == ("txt2img-0-1.png",)


async def test_texts_are_shown_and_long_ones_become_files(files: Files) -> None:
    (page,) = await prepared(files, [text_output("short"), text_output("long " * 1000, 1)])
    assert page.shown.texts == ("short",)
    assert page.shown.files == ("txt2img-0-2.txt",)
    assert page.uploads[0].source == ("long " * 1000).encode()


async def test_sounds_and_models_are_files_beside_the_gallery(files: Files) -> None:
    outputs = [
        file_output(files.add("a.flac", b"1"), kind=OutputKind.AUDIO),
        file_output(files.add("b.webm", b"2"), 1, OutputKind.VIDEO),
        file_output(files.add("c.glb", b"3"), 2, OutputKind.THREE_D),
    ]
    (page,) = await prepared(files, outputs)
    assert page.shown.gallery == ("txt2img-0-2.webm",)
    assert page.shown.files == ("txt2img-0-1.flac", "txt2img-0-3.glb")


async def test_more_than_ten_files_go_on_in_further_messages_in_order(files: Files) -> None:
    outputs = [file_output(files.add(f"{n}.png", b"x"), n) for n in range(23)]
    found = await prepared(files, outputs)
    assert [len(page.uploads) for page in found] == [10, 10, 3]
    assert found[0].shown.following == 13
    names = [upload.name for page in found for upload in page.uploads]
    assert names == [f"txt2img-0-{n}.png" for n in range(1, 24)]


async def test_heavy_files_are_spread_too(files: Files) -> None:
    outputs = [file_output(files.add(f"{n}.mp4", bytes(9_000_000)), n, OutputKind.VIDEO) for n in range(4)]
    found = await prepared(files, outputs, limit=10 * 1024 * 1024)
    assert [len(page.uploads) for page in found] == [2, 2]


async def test_nothing_is_a_page_too(files: Files) -> None:
    (page,) = await prepared(files, [])
    assert page.uploads == ()


async def test_a_page_can_give_up_its_files(files: Files) -> None:
    (page,) = await prepared(files, [file_output(files.add("a.png", b"small"))])
    assert emptied(page).uploads == ()
    assert emptied(page).shown.too_large == (TooLarge("txt2img-0-1.png", 5),)
    assert emptied(page).shown.gallery == ()


async def test_what_stands_already_is_not_among_what_is_prepared_anew(files: Files) -> None:
    outputs = [file_output(files.add(f"{n}.png", b"x" * 100), n) for n in range(12)]
    first, second = await prepared(files, outputs)
    assert len(second.uploads) == 2
    anew = await prepared(files, outputs, limit=200)  # fewer to a message
    assert len(anew[0].uploads) < 10
    kept, *others = beyond(first, anew)
    assert kept == first
    assert [upload.name for page in others for upload in page.uploads] == [u.name for u in second.uploads]
    assert all(page.shown.gallery for page in others)


@pytest.mark.parametrize(
    ("limit", "kind", "extension"),
    [
        (10**9, OutputKind.IMAGE, "png"),
        (30_000, OutputKind.IMAGE, "webp"),
        (10**9, OutputKind.VIDEO, "webm"),
        (30_000, OutputKind.VIDEO, "mp4"),
        (10**9, OutputKind.AUDIO, "flac"),
        (60_000, OutputKind.AUDIO, "ogg"),
    ],
)
async def test_every_kind_comes_as_it_is_or_smaller(
    files: Files, limit: int, kind: OutputKind, extension: str
) -> None:
    match kind:
        case OutputKind.IMAGE:
            name = files.add("a.png", noise())
        case OutputKind.VIDEO:
            name = save_video(files.folder / "a.webm", codec="libvpx").name
        case _:
            name = save_sound(files.folder / "a.flac", "flac").name
    (page,) = await prepared(files, [file_output(name, kind=kind)], limit=limit)
    assert page.uploads[0].name == f"txt2img-0-1.{extension}"
    assert page.uploads[0].size <= limit
    assert isinstance(page.uploads[0].source, Path)
    assert page.uploads[0].in_gallery is (kind is not OutputKind.AUDIO)


@pytest.mark.parametrize(("size", "fits"), [(LIMIT, True), (LIMIT + 1, False)])
async def test_the_limit_itself_still_fits(files: Files, size: int, fits: bool) -> None:
    (page,) = await prepared(files, [file_output(files.add("m.glb", bytes(size)), kind=OutputKind.THREE_D)])
    assert (len(page.uploads) == 1) is fits
    assert (page.shown.too_large == (TooLarge("txt2img-0-1.glb", LIMIT + 1, LIMIT),)) is not fits


@pytest.mark.parametrize(
    ("declared", "kind", "extension"),
    [
        ("clip.png", OutputKind.IMAGE, "gif"),
        ("x.GIF", OutputKind.IMAGE, "GIF"),
        ("film.mp4", OutputKind.VIDEO, "gif"),
    ],
)
async def test_a_file_with_a_wrong_name_gets_the_right_one(
    files: Files, declared: str, kind: OutputKind, extension: str
) -> None:
    save_animation(files.folder / declared, "GIF")
    (page,) = await prepared(files, [file_output(declared, kind=kind)], limit=10**9)
    assert page.uploads[0].name.rsplit(".", 1)[1].lower() == extension.lower()


async def test_what_cannot_be_decoded_comes_as_it_is_if_it_fits(files: Files) -> None:
    broken = b"\x89PNG\r\n\x1a\n" + b"broken" * 10
    (page,) = await prepared(files, [file_output(files.add("a.png", broken))])
    assert page.uploads[0].source == files.folder / "a.png"
    (page,) = await prepared(files, [file_output("a.png")], limit=20)
    assert page.uploads == ()
    assert page.shown.too_large == (TooLarge("txt2img-0-1.png", len(broken), 20),)


async def test_a_lower_limit_after_a_refusal_lowers_the_weight_of_each_message_too(files: Files) -> None:
    outputs = [file_output(files.add(f"{n}.glb", bytes(900)), n, OutputKind.THREE_D) for n in range(6)]
    assert [len(page.uploads) for page in await prepared(files, outputs, limit=1000)] == [2, 2, 2]
    (page,) = await prepared(files, outputs, limit=0)
    assert page.uploads == ()
    assert len(page.shown.too_large) == 6


async def test_texts_that_do_not_all_fit_on_the_card_become_files(files: Files) -> None:
    texts = ["a" * 500, "*" * 400, "你" * 500, "b" * 500, "short"]
    (page,) = await prepared(files, [text_output(text, n) for n, text in enumerate(texts)])
    assert page.shown.texts == ("a" * 500, "你" * 500, "short")
    assert [upload.source for upload in page.uploads] == [("*" * 400).encode(), ("b" * 500).encode()]
    (page,) = await prepared(files, [text_output("long " * 1000)], limit=100)
    assert page.shown.too_large == (TooLarge("txt2img-0-1.txt", 5000, 100),)


async def test_where_somebody_waits_files_are_made_smaller_for_a_short_while_only(tmp_path: Path) -> None:
    asked: list[int] = []

    async def slow(path: Path, limit: int) -> Path | None:
        asked.append(limit)
        if limit == 1:
            return path
        await asyncio.sleep(60)
        return path

    bounded = hasty(slow, 0.05)
    async with asyncio.timeout(10):
        assert await bounded(tmp_path, 2) is None
        assert await bounded(tmp_path, 3) is None
        assert await bounded(tmp_path, 1) == tmp_path
    assert asked == [2, 3, 1]
