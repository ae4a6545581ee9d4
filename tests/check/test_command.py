"""`python -m bot check` as an operator or a script sees it."""

import json
import tomllib
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.check import check
from bot.comfy import ComfyClient, ServerAddress
from bot.demo.comfyui import StandIn
from bot.demo.comfyui.nodes import NODES
from bot.demo.comfyui.nodes.spec import Node, text
from bot.demo.comfyui.values import Inputs, Outcome, Surroundings
from bot.errors import ConfigError
from bot.settings import VARIABLES
from bot.workflows import ApprovalFile, approvals_in
from bot.workflows.model.approvals import Question, approval_of, digest
from tests.check.conftest import TOKEN, FakeDiscord
from tests.workflows.library.saving import png
from tests.workflows.made import drawn

GRAPH: dict[str, Any] = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "model.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat", "clip": ["1", 1]}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["1", 1]}},
    "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
    "5": {
        "class_type": "KSampler",
        "inputs": {
            "model": ["1", 0],
            "positive": ["2", 0],
            "negative": ["3", 0],
            "latent_image": ["4", 0],
            "seed": 0,
            "steps": 4,
            "cfg": 7.0,
            "sampler_name": "euler",
            "scheduler": "normal",
            "denoise": 1.0,
        },
    },
    "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
    "7": {"class_type": "SaveImage", "inputs": {"images": ["6", 0], "filename_prefix": "cat"}},
}
MANIFEST = '[parameters.model]\ndefault = "auto"\n'


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with one good workflow, and nothing set outside."""
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    flows = tmp_path / "workflows"
    flows.mkdir()
    (flows / "txt2img.json").write_text(json.dumps(GRAPH), encoding="utf-8")
    (flows / "txt2img.toml").write_text(MANIFEST, encoding="utf-8")
    return tmp_path


def asking(*, as_json: bool = True, explain: str | None = None, object_info: Path | None = None) -> Namespace:
    return Namespace(json=as_json, explain=explain, object_info=object_info)


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out)


async def test_without_a_token_the_bot_is_not_ready_and_everything_else_is_checked(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with StandIn(home / "stand-in") as server:
        monkeypatch.setenv("COMFYUI_URLS", server.url)
        assert await check(asking()) == 1
        report = told(capsys)
        assert await check(asking(as_json=False)) == 1
    assert report["ok"] is False
    assert {each["topic"] for each in report["findings"] if each["level"] == "error"} == {"DISCORD_TOKEN"}
    assert ("workflow txt2img", "fine") in {(each["topic"], each["level"]) for each in report["findings"]}
    out = capsys.readouterr().out
    assert "ERROR   DISCORD_TOKEN: is not set; the bot cannot start without it" in out
    assert out.splitlines()[-1].startswith("Not ready: 1 to fix")


async def test_a_good_set_up_is_fine(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, fake: FakeDiscord
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    async with StandIn(home / "stand-in") as server:
        monkeypatch.setenv("COMFYUI_URLS", server.url)
        assert await check(asking()) == 0
        report = told(capsys)
        assert await check(asking(as_json=False)) == 0
    assert report["ok"] is True
    levels = {(finding["topic"], finding["level"]) for finding in report["findings"]}
    assert {
        ("settings", "fine"),
        ("DISCORD_TOKEN", "fine"),
        ("DATA_DIR", "fine"),
        ("DATABASE_URL", "fine"),
        ("COMFYUI_URLS", "fine"),
        ("workflow txt2img", "fine"),
    } <= levels
    assert "fine" in capsys.readouterr().out.splitlines()[-1]


async def test_everything_that_is_wrong_is_told_at_once(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMFYUI_URLS", "http://127.0.0.1:1")
    monkeypatch.setenv("DISCORD_TOKEN", "not-a-token")
    monkeypatch.setenv("DATA_DIR", str(home / "workflows" / "txt2img.json" / "data"))
    monkeypatch.setenv("WORKFLOWS_DEFAULT", "portrait")
    monkeypatch.setenv("LIMITS_COUNTS", "3")
    (home / "workflows" / "broken.json").write_text("{", encoding="utf-8")
    assert await check(asking(as_json=False)) == 1
    out = capsys.readouterr().out
    for topic in ("DISCORD_TOKEN", "DATA_DIR", "COMFYUI_URLS", "workflow broken", "WORKFLOWS_DEFAULT"):
        assert f"ERROR   {topic}: " in out
    assert "did you mean LIMITS_COUNT?" in out
    assert "Traceback" not in out
    assert "Not ready: 5 to fix, 1 to look at." in out


async def test_what_a_server_lacks_switches_a_workflow_off_and_is_no_error(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, fake: FakeDiscord
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    odd = GRAPH | {"6": {"class_type": "NobodyKnowsThis", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}}}
    (home / "workflows" / "odd.json").write_text(json.dumps(odd), encoding="utf-8")
    async with StandIn(home / "stand-in") as server:
        monkeypatch.setenv("COMFYUI_URLS", server.url)
        assert await check(asking()) == 0
        findings = [each for each in told(capsys)["findings"] if each["topic"] == "workflow odd"]
        assert {each["level"] for each in findings} == {"warning", "note"}
        assert any("NobodyKnowsThis" in each["text"] for each in findings)
        monkeypatch.setenv("WORKFLOWS_DEFAULT", "odd")
        assert await check(asking()) == 0
        assert told(capsys)["findings"][-1]["topic"] == "WORKFLOWS_DEFAULT"
        (home / "workflows" / "txt2img.json").unlink()
        assert await check(asking()) == 1
        assert "no workflow can be used" in told(capsys)["findings"][-1]["text"]


async def test_a_missing_or_empty_folder_of_workflows_is_an_error(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMFYUI_URLS", "http://127.0.0.1:1")
    monkeypatch.setenv("WORKFLOWS_DIR", str(home / "nowhere"))
    assert await check(asking()) == 1
    assert "not there" in told(capsys)["findings"][-1]["text"]
    (home / "nowhere").mkdir()
    assert await check(asking()) == 1
    assert "holds no workflow" in told(capsys)["findings"][-1]["text"]


async def test_wrong_settings_are_findings_for_scripts_and_a_sentence_for_people(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMITS_COUNT", "none")
    monkeypatch.setenv("METRICS_PORT", "none")
    assert await check(asking()) == 1
    report = told(capsys)
    assert (report["ok"], len(report["findings"])) == (False, 2)
    with pytest.raises(ConfigError, match="LIMITS_COUNT"):
        await check(asking(as_json=False))


async def test_a_workflow_is_explained_by_name_or_file_with_saved_node_classes(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with StandIn(home / "stand-in") as server:
        monkeypatch.setenv("COMFYUI_URLS", server.url)
        assert await check(asking(explain="TXT2IMG")) == 0
    explained = told(capsys)
    assert list(explained)[:5] == ["format", "graph", "parameters", "outputs", "problems"]
    assert explained["format"] == "api"
    by_name = {each["name"]: each for each in explained["parameters"]}
    assert by_name["seed"]["targets"] == [["5", "seed"]]
    assert by_name["steps"]["maximum"] is not None
    assert explained["outputs"] == [{"node": "7", "kind": "image"}]

    info = home / "info.json"
    info.write_text("{}", encoding="utf-8")
    assert await check(asking(explain=str(home / "workflows" / "txt2img.json"), object_info=info)) == 1
    assert any("KSampler" in each["text"] for each in told(capsys)["problems"])

    assert await check(asking(as_json=False, explain="txt2img", object_info=info)) == 1
    written = capsys.readouterr().out
    assert "seed: integer; 0 to 18446744073709551615; default 0; at 5.seed (" in written
    beginning = tomllib.loads(written.split("A manifest to start from, txt2img.toml:")[1])
    assert set(beginning["parameters"]) >= {"prompt", "seed", "steps"}


async def test_a_drawn_workflow_is_explained_and_checked_by_the_classes_that_a_server_told_last(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "workflows" / "drawn.json").write_text(json.dumps(drawn()), encoding="utf-8")
    (home / "workflows" / "saved.png").write_bytes(png({"workflow": json.dumps(drawn())}))
    async with StandIn(home / "stand-in") as server, aiohttp.ClientSession() as session:
        monkeypatch.setenv("COMFYUI_URLS", server.url)
        await check(asking(explain="drawn"))
        now = told(capsys)
        assert now["graph"]["5"]["inputs"]["model"] == ["1", 0]
        client = ComfyClient(ServerAddress.parse(server.url, {}), session, cache_dir=home / "data" / "cache")
        await client.object_info()
    for name, kind in (("drawn", "ui"), ("saved", "image")):
        await check(asking(explain=name))
        later = told(capsys)
        assert (later["format"], later["graph"]) == (kind, now["graph"])
    await check(asking())
    report = {each["topic"]: each for each in told(capsys)["findings"] if each["level"] != "note"}
    assert report["workflow drawn"]["level"] == "warning"
    assert "once a server has answered" in report["workflow drawn"]["text"]


async def test_an_explanation_can_be_read_by_people(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMFYUI_URLS", "http://127.0.0.1:1")
    await check(asking(as_json=False, explain="txt2img"))
    out = capsys.readouterr().out
    assert "  seed: " in out
    assert "image from node 7" in out
    assert "No server told" in out
    (home / "workflows" / "broken.json").write_text("{", encoding="utf-8")
    assert await check(asking(as_json=False, explain="broken")) == 1
    assert "Problems:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"), [("{", "valid JSON"), ("[]", "/object_info"), (None, "cannot be read")]
)
async def test_what_cannot_be_explained_is_said_in_a_sentence(
    content: str | None, said: str, home: Path
) -> None:
    info = home / "info.json"
    if content is not None:
        info.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        await check(asking(explain="txt2img", object_info=info))
    with pytest.raises(ConfigError, match="There are: txt2img"):
        await check(asking(explain="portrait"))


async def test_what_needs_approval_is_an_error_until_an_operator_has_given_it(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        NODES, "Recipe", Node("Recipe", tell, {"formula": text("")}, ("STRING",), module="custom_nodes.cook")
    )
    graph = {**GRAPH, "90": {"class_type": "Recipe", "inputs": {"formula": {"__value__": "import os"}}}}
    graph["3"] = {"class_type": "CLIPTextEncode", "inputs": {"text": ["90", 0], "clip": ["1", 1]}}
    (home / "workflows" / "spicy.json").write_text(json.dumps(graph), encoding="utf-8")
    approvals = ApprovalFile(approvals_in(home / "data"))

    async def explained() -> tuple[int, list[str]]:
        code = await check(asking(explain="spicy"))
        return code, [each["text"] for each in told(capsys)["problems"] if each["severity"] == "error"]

    async with StandIn(home / "stand-in") as server:
        monkeypatch.setenv("COMFYUI_URLS", server.url)
        code, said = await explained()
        lacking = [each for each in said if not each.startswith("needs approval")]
        assert code == 1
        assert any(each.startswith("needs approval") and "import os" in each for each in said)
        question = Question(pack="cook", class_type="Recipe", input="formula", value=digest("import os"))
        elsewhere = approval_of(question, "other:8188", typed=False)
        approvals.add([elsewhere])
        assert any(each.startswith("needs approval") for each in (await explained())[1])
        approvals.add([replace(elsewhere, server=ServerAddress.parse(server.url).label)])
        assert (await explained())[1] == lacking


def tell(_: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((inputs["formula"],))
