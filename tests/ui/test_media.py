"""Outputs as Discord can show them."""

import io
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bot.comfy import FileRef, OutputKind
from bot.errors import UserError
from bot.jobs.job import JobOutput, JobState
from bot.ui.media import Page, emptied, file_name, pages
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
    def address(ref: FileRef) -> str | None:
        return f"{link}/{ref.filename}" if link else None

    return await pages(JOB, outputs, fetch=files.fetch, link=address, limit=limit)


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
    assert page.shown.too_large == ("txt2img-0-1.mp4",)
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
    assert emptied(page).shown.too_large == ("txt2img-0-1.png",)
    assert emptied(page).shown.gallery == ()
