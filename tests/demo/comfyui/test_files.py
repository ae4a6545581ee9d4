import importlib.util
import io
import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from PIL import Image

from tests.demo.comfyui.conftest import Talk, recorded
from tests.demo.comfyui.graphs import img2img


def png(colour: tuple[int, ...] = (200, 30, 30), size: tuple[int, int] = (32, 32)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


async def upload(
    talk: Talk, name: str, content: bytes, route: str = "image", **fields: str
) -> tuple[int, Any]:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("image", content, filename=name, content_type="image/png")
    for key, value in fields.items():
        form.add_field(key, value)
    return await talk.post(f"/upload/{route}", data=form)


async def test_uploads_get_the_recorded_names(talk: Talk) -> None:
    first, second, third = png(), png((1, 2, 3)), png((9, 9, 9))
    steps: list[tuple[bytes, dict[str, str], str]] = [
        (first, {}, "a.png"), (first, {}, "a.png"), (second, {}, "a (1).png"), (first, {}, "a.png"),
        (third, {}, "a (2).png"), (third, {"overwrite": "true"}, "a.png"), (second, {"overwrite": "1"}, "a.png"),
        (first, {"overwrite": "True"}, "a (3).png"),
    ]  # fmt: skip
    for content, fields, name in steps:
        assert await upload(talk, "a.png", content, **fields) == (
            200,
            {"name": name, "subfolder": "", "type": "input"},
        )
    answer = await upload(talk, "a.png", first, subfolder="sub/deep", type="output")
    assert answer == (200, {"name": "a.png", "subfolder": "sub/deep", "type": "output"})


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("a.png", {"type": "nonsense"}, 500), ("a.png", {"type": ""}, 500), ("a.png", {"subfolder": ".."}, 400),
        ("a.png", {"subfolder": "/tmp"}, 400), ("../x.png", {}, 400), ("aa/b.png", {}, 500),
        ("n" * 300, {}, 500), ("käse 🎨.png", {}, 200), (".hidden", {}, 200),
    ],
)  # fmt: skip
async def test_odd_uploads_get_the_recorded_status(
    talk: Talk, name: str, fields: dict[str, str], status: int
) -> None:
    assert (await upload(talk, name, png(), **fields))[0] == status


async def test_uploads_without_a_file_are_refused(talk: Talk) -> None:
    assert (await talk.post("/upload/image", {"image": "x"}))[0] == 400
    form = aiohttp.FormData({"image": "no file"})
    form.add_field("type", "input")
    assert (await talk.post("/upload/image", data=form))[0] == 500


async def test_a_mask_becomes_the_alpha_of_its_original_and_a_missing_one_is_not_told(talk: Talk) -> None:
    await upload(talk, "base.png", png())
    reference = json.dumps({"filename": "base.png", "type": "input", "subfolder": ""})
    answer = await upload(
        talk, "m.png", png((0, 0, 0, 77)), "mask", original_ref=reference, subfolder="clipspace"
    )
    assert answer == (200, {"name": "m.png", "subfolder": "clipspace", "type": "input"})
    _, content = await talk.get(
        "/view", params={"filename": "m.png", "type": "input", "subfolder": "clipspace"}
    )
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.getpixel((3, 3)) == (200, 30, 30, 77)
    missing = json.dumps({"filename": "nope.png", "type": "input"})
    assert (await upload(talk, "m2.png", png((0, 0, 0, 7)), "mask", original_ref=missing))[0] == 200
    assert (await talk.get("/view?filename=m2.png&type=input"))[0] == 404
    assert (await upload(talk, "m.png", png(), "mask"))[0] == 500
    assert (await upload(talk, "m.png", png(), "mask", original_ref="{"))[0] == 500


async def test_view_answers_every_recorded_request_as_recorded(talk: Talk) -> None:
    lines = [line for line in recorded("11_upload_view.jsonl") if line["kind"] == "http"]
    views = [line for line in lines if line["path"].startswith("/view?") and line["method"] == "GET"]
    seen = {"": "6248f5.png", "sub/deep": "6248f5.png"}
    for subfolder, name in seen.items():
        for kind in ("input", "output", "temp"):
            await upload(talk, name, png(), type=kind, subfolder=subfolder)
    await upload(talk, "6248f5_m.png", png((1, 2, 3, 4)), subfolder="clipspace")
    for name, content in (("note.txt", b"hello"), ("p.html", b"<p>"), ("bad.png", b"MZ...."), ("zero.png", b""),
                          ("noext", png())):  # fmt: skip
        await upload(talk, name, content)
    compared = 0
    for line in views:
        if line["status"] in (206, 304, 416):  # made with headers that were not recorded
            continue
        async with talk.http.get(
            f"{talk.standin.url}/view", params=parse_qsl(urlsplit(line["path"]).query, keep_blank_values=True)
        ) as response:
            assert response.status == line["status"], line["path"]
            compared += 1
            if response.status == 200:
                known = line["resp_headers"]
                assert response.headers["Content-Type"] == known["Content-Type"], line["path"]
                assert response.headers["Content-Disposition"] == known["Content-Disposition"]
                assert ("Etag" in response.headers) == ("Etag" in known), line["path"]
    assert compared > 35


async def test_view_serves_ranges_and_unchanged_files(talk: Talk) -> None:
    await upload(talk, "a.png", png())
    url = f"{talk.standin.url}/api/view?filename=a.png&type=input"
    async with talk.http.get(url) as response:
        tag = response.headers["ETag"]
    for headers, status in (
        ({"If-None-Match": tag}, 304), ({"Range": "bytes=0-9"}, 206), ({"Range": "bytes=9999-"}, 416),
    ):  # fmt: skip
        async with talk.http.get(url, headers=headers) as response:
            assert response.status == status
    async with talk.http.head(url) as response:
        assert response.status == 200


async def test_loading_a_corrupt_picture_fails_at_run_time_with_the_recorded_error(talk: Talk) -> None:
    await upload(talk, "bad.png", b"MZ....")
    entry = await talk.run(img2img("bad.png"))
    kind, data = entry["status"]["messages"][-1]
    assert (kind, data["node_type"], data["exception_type"]) == (
        "execution_error", "LoadImage", "PIL.UnidentifiedImageError",
    )  # fmt: skip
    assert data["exception_message"].startswith("cannot identify image file")
    assert data["exception_message"].endswith("\n")
    assert data["traceback"]


async def test_img2img_keeps_the_source_and_inpaint_all_outside_the_mask(talk: Talk) -> None:
    await upload(talk, "red.png", png(size=(96, 96)))
    mask = Image.new("RGB", (96, 96))
    mask.paste((255, 255, 255), (48, 0, 96, 96))
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")
    await upload(talk, "mask.png", buffer.getvalue())
    entry = await talk.run(img2img("red.png", denoise=0.3))
    near = await pixel(talk, entry, (10, 10))
    assert near[0] > max(near[1:])
    entry = await talk.run(img2img("red.png", mask="mask.png"))
    assert await pixel(talk, entry, (10, 10)) == (200, 30, 30)
    assert await pixel(talk, entry, (80, 10)) != (200, 30, 30)


async def pixel(talk: Talk, entry: dict[str, Any], at: tuple[int, int]) -> tuple[int, ...]:
    (item,) = entry["outputs"]["9"]["images"]
    _, content = await talk.get("/view", params=item)
    with Image.open(io.BytesIO(content)) as picture:
        found = picture.convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return tuple(int(value) for value in found)


async def test_a_prefix_may_hold_folders_but_not_leave_the_output_folder(talk: Talk) -> None:
    entry = await talk.run(prefixed("a/b/%width%x"))
    (item,) = entry["outputs"]["2"]["images"]
    assert item == {"filename": "16x_00001_.png", "subfolder": "a/b", "type": "output"}
    entry = await talk.run(prefixed("../x"))
    assert entry["status"]["status_str"] == "error"
    assert re.search("outside the output folder", entry["status"]["messages"][-1][1]["exception_message"])


def prefixed(prefix: str) -> dict[str, Any]:
    size = {"width": 16, "height": 16, "batch_size": 1, "color": 1}
    return {
        "1": {"class_type": "EmptyImage", "inputs": size},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": prefix}},
    }


async def test_a_broken_picture_never_stops_the_worker(talk: Talk) -> None:
    whole = png(size=(64, 64))
    for number, content in enumerate((whole[:60], whole[:33] + b"junk" * 20, whole[:-20], b"")):
        await upload(talk, f"broken{number}.png", content)
        await talk.run(img2img(f"broken{number}.png"))
    await upload(talk, "fine.png", whole)
    assert (await talk.run(img2img("fine.png")))["status"]["completed"]


async def test_a_film_of_impossible_size_fails_its_job_alone(talk: Talk) -> None:
    if importlib.util.find_spec("av") is None:
        pytest.skip("PyAV is not installed, so the class is not offered")
    size = {"width": 1, "height": 1, "batch_size": 2, "color": 1}
    film = {"images": ["1", 0], "filename_prefix": "x", "codec": "vp9", "fps": 24.0, "crf": 32.0}
    entry = await talk.run(
        {"1": {"class_type": "EmptyImage", "inputs": size}, "2": {"class_type": "SaveWEBM", "inputs": film}}
    )
    assert entry["status"]["status_str"] == "error"
    assert (await talk.run(prefixed("x")))["status"]["completed"]
