"""Uploading and fetching: against the stand-in of both versions, and against servers that lie."""

import asyncio
import io
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from PIL import Image

from bot.comfy import (
    ComfyClient,
    FileRef,
    NotFound,
    ProtocolError,
    Rejected,
    ServerAddress,
    TooLarge,
    Unreachable,
)  # fmt: skip
from bot.comfy.files import plain_name
from bot.demo.comfyui import FaultAction, HttpFault, StandIn
from tests.comfy.asking import names
from tests.comfy.liars import lying


def picture(color: str = "red", mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (8, 8), color).save(file, "PNG")
    return file.getvalue()


async def test_an_uploaded_image_comes_back_byte_for_byte(client: ComfyClient) -> None:
    data = picture()
    ref = await client.upload_image(data, "käse 2.png", subfolder="bot")
    assert ref == FileRef("k_se_2.png", "bot", "input")
    assert await client.fetch(ref, max_bytes=10_000) == data


async def test_the_name_the_server_gives_is_the_one_to_use(client: ComfyClient) -> None:
    first = await client.upload_image(picture("red"), "a.png")
    same = await client.upload_image(picture("red"), "a.png")
    other = await client.upload_image(picture("blue"), "a.png")
    assert (first, same) == (FileRef("a.png", "", "input"), FileRef("a.png", "", "input"))
    assert other == FileRef("a (1).png", "", "input")
    over = await client.upload_image(picture("green"), "a.png", overwrite=True)
    assert over == first
    assert await client.fetch(first, max_bytes=10_000) == picture("green")
    assert (await client.upload_image(picture(), "t.png", type="temp")).type == "temp"


async def test_a_mask_becomes_the_transparency_of_a_copy(client: ComfyClient) -> None:
    original = await client.upload_image(picture("red"), "o.png")
    stored = await client.upload_mask(picture("#00000080", "RGBA"), "m.png", original=original)
    copy = Image.open(io.BytesIO(await client.fetch(stored, max_bytes=10_000)))
    assert copy.getpixel((0, 0)) == (255, 0, 0, 128)


async def test_a_mask_for_a_missing_original_is_not_found(client: ComfyClient) -> None:
    with pytest.raises(NotFound):
        await client.upload_mask(
            picture("#00000080", "RGBA"), "m.png", original=FileRef("none.png", "", "input")
        )


async def test_a_mask_is_taken_for_stored_where_we_may_not_look(session: aiohttp.ClientSession) -> None:
    async with lying({"POST /upload/mask": {"name": "m.png"}, "HEAD /view": 405}) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        assert await client.upload_mask(b"x", "m.png", original=FileRef("o.png")) == FileRef(
            "m.png", "", "input"
        )


@pytest.mark.parametrize("page", ["<html>Bad gateway</html>", '{"error": "busy"}'])
async def test_an_error_page_is_not_taken_for_a_picture(
    session: aiohttp.ClientSession, tmp_path: Path, page: str
) -> None:
    async with lying({"GET /view": page}) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        with pytest.raises(ProtocolError):
            await client.fetch_to(FileRef("a.png"), tmp_path / "a.png", max_bytes=10_000)
        assert (await client.fetch(FileRef("a.json"), max_bytes=10_000)).decode() == page
    assert names(tmp_path) == []


async def test_the_server_re_encodes_an_image_as_a_preview(client: ComfyClient) -> None:
    ref = await client.upload_image(picture(), "a.png")
    assert (await client.fetch(ref, max_bytes=10_000, preview="jpeg;80")).startswith(b"\xff\xd8")
    assert (await client.fetch(ref, max_bytes=10_000, preview="webp;80")).startswith(b"RIFF")


@pytest.mark.parametrize(
    "ref", [FileRef("none.png"), FileRef("..", ""), FileRef("a.png", "../.."), FileRef("\ud800.png")]
)
async def test_files_that_are_not_there_or_not_allowed_are_refused(client: ComfyClient, ref: FileRef) -> None:
    with pytest.raises(Rejected) as refused:
        await client.fetch(ref, max_bytes=10_000)
    assert refused.value.status in (400, 403, 404)


async def test_odd_names_are_asked_for_as_they_are(client: ComfyClient, server: StandIn) -> None:
    for name in ("a b#c%d&é😀+.png", "semi;colon=.png"):
        folder = server.folders.root("output")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"odd")
        assert await client.fetch(FileRef(name), max_bytes=10) == b"odd"


async def test_a_file_is_streamed_to_disk_whole_or_not_at_all(
    client: ComfyClient, server: StandIn, tmp_path: Path
) -> None:
    data = bytes(range(256)) * 8000
    ref = await client.upload_image(data, "big.png")
    target = tmp_path / "kept" / "file.png"
    target.parent.mkdir()
    assert await client.fetch_to(ref, target, max_bytes=len(data)) == len(data)
    assert target.read_bytes() == data
    with pytest.raises(TooLarge) as refused:
        await client.fetch_to(ref, target.with_name("other.png"), max_bytes=len(data) - 1)
    assert (refused.value.limit, refused.value.size) == (len(data) - 1, len(data))
    server.faults.http.append(HttpFault(("GET", "/view"), FaultAction.HALF_BODY))
    with pytest.raises(Unreachable):
        await client.fetch_to(ref, target, max_bytes=len(data))
    assert target.read_bytes() == data
    assert names(target.parent) == ["file.png"]
    with pytest.raises(OSError, match="No such file"):
        await client.fetch_to(ref, tmp_path / "nowhere" / "x.png", max_bytes=10**9)


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(bytes(65536))


async def stalling(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"first")
    await asyncio.sleep(30)
    return response


async def test_an_endless_file_is_cut_off_at_the_cap(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with lying({"GET /view": endless}) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        with pytest.raises(TooLarge):
            await client.fetch(FileRef("a.png"), max_bytes=1_000_000)
        with pytest.raises(TooLarge):
            await client.fetch_to(FileRef("a.png"), tmp_path / "a.png", max_bytes=1_000_000)
    assert names(tmp_path) == []


async def test_a_file_that_stalls_is_given_up(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with lying({"GET /view": stalling}) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session, timeout=0.1)
        with pytest.raises(Unreachable):
            await client.fetch_to(FileRef("a.png"), tmp_path / "a.png", max_bytes=1_000_000)
    assert names(tmp_path) == []


async def test_a_cancelled_download_leaves_nothing_behind(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with lying({"GET /view": stalling}) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await client.fetch_to(FileRef("a.png"), tmp_path / "a.png", max_bytes=1_000_000)
    assert names(tmp_path) == []


@pytest.mark.parametrize("answer", ["", "{", "[]", {}, {"name": 5}, {"name": ""}])
async def test_an_odd_acknowledgement_of_an_upload_is_a_protocol_error(
    session: aiohttp.ClientSession, answer: Any
) -> None:
    async with lying({"POST /upload/image": answer}) as liar:
        with pytest.raises(ProtocolError):
            await ComfyClient(ServerAddress.parse(liar.url), session).upload_image(b"x", "a.png")


@pytest.mark.parametrize("status", [400, 413, 500])
async def test_a_refused_upload_says_so(session: aiohttp.ClientSession, status: int) -> None:
    async with lying({"POST /upload/image": status, "POST /upload/mask": status}) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        with pytest.raises(Rejected) as refused:
            await client.upload_image(b"x", "a.png")
        assert refused.value.status == status
        with pytest.raises(Rejected):
            await client.upload_mask(b"x", "a.png", original=FileRef("o.png"))


async def test_an_upload_over_the_servers_limit_is_not_even_sent(session: aiohttp.ClientSession) -> None:
    async with lying({"GET /features": {"max_upload_size": 10}}) as liar:
        with pytest.raises(Rejected) as refused:
            await ComfyClient(ServerAddress.parse(liar.url), session).upload_image(b"x" * 11, "a.png")
        assert refused.value.status == 413
        assert liar.count("POST /upload/image") == 0


def test_addresses_for_people_hold_no_login() -> None:
    address = ServerAddress.parse("http://me:sesame@h:1/base")
    client = ComfyClient(address, None)  # pyright: ignore[reportArgumentType] - nothing is sent
    ref = FileRef("a b.png", "s/t", "output")
    assert client.view_url(ref) == "http://h:1/base/view?filename=a+b.png&subfolder=s/t&type=output"
    assert client.view_url(ref, base="https://pics.example/").startswith(
        "https://pics.example/view?filename=a+b.png"
    )


@pytest.mark.parametrize(
    ("name", "plain"),
    [("a.png", "a.png"), ("käse 2.PNG", "k_se_2.PNG"), ("../../etc/passwd", "passwd"), ("C:\\x\\y.png", "y.png"),
     ('a"\r\nb.png', "a_b.png"), (".hidden.png", "hidden.png"), ("x" * 300 + ".png", "x" * 80 + ".png")],
)  # fmt: skip
def test_names_are_made_plain(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@pytest.mark.parametrize("name", ["", "..", "猫.png", "/", "😀"])
def test_a_name_of_which_nothing_is_left_becomes_a_random_one(name: str) -> None:
    assert plain_name(name) != plain_name(name)
    assert plain_name(name).isascii()
