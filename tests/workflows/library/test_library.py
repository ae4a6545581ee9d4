import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.errors import UserError
from bot.workflows import Library
from bot.workflows.library.workflow_files import WorkflowFiles
from tests.workflows.made import SHIPPED, basic, node, server, with_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in SHIPPED.iterdir():
        shutil.copy(file, tmp_path)
    return tmp_path


async def loaded(folder: Path, default: str = "txt2img", info: Any = None) -> Library:
    library = Library(folder, default)
    await library.load(info or server())
    return library


async def test_everything_of_the_folder_is_there(folder: Path):
    library = await loaded(folder)
    assert library.names() == ("flux", "img2img", "inpaint", "txt2img", "upscale", "wan-video")
    assert len(library.enabled()) == len(library.all()) == 6
    assert library.get(" TXT2IMG ").name == "txt2img"
    assert library.default().name == "txt2img"


async def test_a_missing_folder_is_an_empty_one(tmp_path: Path):
    library = await loaded(tmp_path / "none")
    assert library.names() == ()
    with pytest.raises(UserError, match="No workflow can be used"):
        library.default()
    with pytest.raises(UserError, match=r"There is no workflow called x\. There are: –"):
        library.get("x")


async def test_broken_files_are_there_and_hurt_nobody(folder: Path):
    (folder / "broken.json").write_text("{")
    (folder / "ui.json").write_text('{"nodes": [], "links": []}')
    (folder / "bad.json").write_text(json.dumps(basic()))
    (folder / "bad.toml").write_text("titel = 3")
    (folder / "empty.json").mkdir()
    (folder / "notes.txt").write_text("nothing")
    library = await loaded(folder)
    assert len(library.enabled()) == 6
    assert {each.name for each in library.all() if not each.enabled} == {"bad", "broken", "empty", "ui"}
    with pytest.raises(UserError, match=r"“broken” cannot be used at present\. Please tell"):
        library.get("broken")
    found = library.find("ui")
    assert found is not None
    assert found.needs == ("Nothing in the workflow is run by the server.",)


async def test_names_that_differ_only_in_capitals(folder: Path):
    (folder / "TXT2IMG.json").write_text(json.dumps(basic()))
    library = await loaded(folder)
    assert len(library.names()) == 6
    assert any(
        "differs from this one's only in capitals" in each.text for each in library.get("txt2img").problems
    )


async def test_an_unknown_name_is_answered_with_near_ones(folder: Path):
    library = await loaded(folder)
    with pytest.raises(UserError, match=r"There is no workflow called text2img. Similar: txt2img"):
        library.get("text2img")


async def test_the_first_text_to_image_one_serves_for_a_disabled_default(folder: Path):
    info = with_files("CheckpointLoaderSimple", "ckpt_name")
    library = await loaded(folder, info=info)
    assert library.default().name == "flux"
    library = await loaded(folder, default="nothing")
    assert library.default().name == "flux"


async def test_what_the_server_gains_enables_a_workflow(folder: Path):
    library = await loaded(folder, info=with_files("UpscaleModelLoader", "model_name"))
    assert "upscale" not in {each.name for each in library.enabled()}
    await library.refresh(server())
    assert "upscale" in {each.name for each in library.enabled()}
    await library.refresh(None)
    assert "upscale" in {each.name for each in library.enabled()}


@pytest.mark.parametrize(
    ("name", "given", "chosen", "ignored"),
    [
        (None, [], "txt2img", ()),
        (None, ["prompt", "aspect", "lora", "negative_prompt"], "txt2img", ()),
        (None, ["prompt", "image"], "img2img", ()),
        (None, ["prompt", "image", "mask"], "inpaint", ()),
        (None, ["prompt", "image", "aspect"], "img2img", ("aspect",)),
        (None, ["prompt", "guidance"], "txt2img", ("guidance",)),
        ("flux", ["prompt", "negative_prompt"], "flux", ("negative_prompt",)),
        ("img2img", ["prompt", "image", "aspect", "width"], "img2img", ("aspect", "width")),
        # Without these it would not be what was asked for: `bind` refuses them.
        ("upscale", ["prompt", "image", "image2", "lora"], "upscale", ()),
        ("UPSCALE", ["image"], "upscale", ()),
    ],
    ids=str,
)
async def test_choosing(
    folder: Path, name: str | None, given: list[str], chosen: str, ignored: tuple[str, ...]
):
    library = await loaded(folder)
    assert library.pick(name, given).workflow.name == chosen
    assert library.pick(name, given).ignored == ignored


async def test_choosing_where_the_usual_ones_are_missing(folder: Path):
    (folder / "img2img.json").unlink()
    library = await loaded(folder)
    # Inpaint would ask for a mask that nobody gave, upscale would leave the words out.
    with pytest.raises(UserError, match="makes something of a picture and words"):
        library.pick(None, ["prompt", "image", "steps"])
    assert library.pick(None, ["image"]).workflow.name == "upscale"
    (folder / "mine.json").write_text((folder / "inpaint.json").read_text())
    (folder / "inpaint.json").unlink()
    await library.load()
    assert library.pick(None, ["prompt", "image", "mask"]).workflow.name == "mine"
    (folder / "inpaint.json").write_text((folder / "mine.json").read_text())
    (folder / "mine.json").unlink()
    for name in ("inpaint", "upscale"):
        (folder / f"{name}.json").unlink()
    await library.load()
    with pytest.raises(UserError, match="No workflow that can be used at present takes a picture"):
        library.pick(None, ["image"])


async def test_a_default_that_takes_pictures_takes_them(folder: Path):
    library = await loaded(folder, default="inpaint")
    assert library.pick(None, ["prompt", "image"]).workflow.name == "inpaint"


async def test_a_changed_file_is_noticed(folder: Path):
    library = await loaded(folder)
    changes = library.watch()
    first = asyncio.ensure_future(anext(changes))
    try:
        async with asyncio.timeout(15):
            number = 0
            while not first.done():  # the watch may not have begun when the first file is written
                number += 1
                (folder / f"new{number}.json").write_text(json.dumps(basic()))
                await asyncio.wait([first], timeout=0.5)
        assert "new1" in first.result()
        assert library.get("new1").enabled

        # Editors write beside the file and rename; what is broken takes nothing else down, and is mended as well.
        for text, whole in (('{"1": ', False), (json.dumps(basic()), True)):
            (folder / ".new1.json.swp").write_text(text)
            (folder / ".new1.json.swp").replace(folder / "new1.json")
            async with asyncio.timeout(15):
                while any(each.enabled != whole for each in library.all() if each.name == "new1"):
                    await anext(changes)
            assert [each.name for each in library.all() if not each.enabled] == ([] if whole else ["new1"])
    finally:
        first.cancel()
        await changes.aclose()  # type: ignore[attr-defined]  (an async generator)


async def test_jobs_go_on_with_a_workflow_that_was_taken_away_or_broken(folder: Path):
    library = await loaded(folder)
    before = library.get("flux")
    shelf = WorkflowFiles(folder, {".json"})
    stamp = shelf.take_away("flux")
    await library.load()
    assert library.find("flux") is None
    assert library.for_job("FLUX") == before
    # A process that starts later still finds it; what was never there is not made up.
    later = await loaded(folder)
    assert later.for_job("flux").graph == before.graph
    with pytest.raises(UserError, match="no workflow called nothing"):
        later.for_job("nothing")
    shelf.put_back(str(stamp))
    (folder / "flux.json").write_text("[]")
    await library.load()
    assert library.for_job("flux") == before


async def test_an_unreadable_graph_keeps_its_manifest_title(folder: Path):
    (folder / "flux.json").write_text("[]")
    library = await loaded(folder)
    found = library.find("flux")
    assert found is not None
    assert str(found.title) == "Flux"
    assert not found.enabled


async def test_a_graph_of_unknown_nodes_says_which(folder: Path):
    (folder / "odd.json").write_text(json.dumps({"1": node("OddNode", "Odd one")}))
    library = await loaded(folder)
    with pytest.raises(UserError, match="“odd” cannot be used"):
        library.pick("odd", [])
