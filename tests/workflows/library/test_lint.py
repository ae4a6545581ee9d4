from typing import Any

import pytest

from bot.workflows import ManifestFile, ObjectInfo, Severity, Workflow, check_graph, lint
from bot.workflows.library.library import build
from bot.workflows.library.sources import Source
from bot.workflows.model.approvals import Trust
from tests.workflows.made import basic, node, server, shipped, with_files, with_loras, workflow


def texts(made: Workflow, severity: Severity = Severity.ERROR) -> list[str]:
    return [each.text for each in made.problems if each.severity is severity]


def test_a_sound_graph_has_no_problems():
    assert workflow(basic()).problems == ()
    assert workflow(with_loras("detail.safetensors")).problems == ()


@pytest.mark.parametrize("name", ["txt2img", "img2img", "inpaint", "upscale", "flux", "wan-video"])
def test_the_shipped_ones_have_no_problems(name: str):
    assert shipped(name).problems == ()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"n7": node("Mystery", images=["6", 0])}, "No node saves or shows anything"),
        ({"n6": node("VAEDecoder", samples=["5", 0], vae=["1", 2])}, "does not know the node class VAEDecoder (VAEDecoder)"),
        ({"n6": node("VAEDecode", samples=["99", 0], vae=["1", 2])}, "linked to a node that is not in the file"),
        ({"n6": node("VAEDecode", samples=["5", 7], vae=["1", 2])}, "reads an output that KSampler does not have"),
        ({"n4": node("LatentUpscale", samples=["5", 0], width=8, height=8, crop="disabled", upscale_method="bislerp")},
         "feeds itself in a circle"),
        ({"n7": node("SaveImage", images=["6", 0], filename_prefix="../x")}, "leads out of ComfyUI's output folder"),
        ({"n1": node("CheckpointLoaderSimple", "Base", ckpt_name="dreamy_v9.safetensors")},
         "Base needs dreamy_v9.safetensors, which the server does not have: put it into ComfyUI's models folder, or"
         " choose another in the manifest. Similar: dreamy_v8.safetensors"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_errors_disable_and_say_what_is_needed(changes: dict[str, Any], says: str):
    made = workflow(basic(**changes))
    assert not made.enabled
    assert any(says in each for each in texts(made)), texts(made)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"n6": node("VAEDecode", samples=["5", 0])}, "VAEDecode has nothing at its input vae"),
        ({"n6": node("VAEDecode", samples=["1", 2], vae=["1", 2]), "n9": node("SaveImage", images=["6", 0], filename_prefix="a")},
         "the input samples takes another type than CheckpointLoaderSimple gives"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_warnings_leave_it_enabled(changes: dict[str, Any], says: str):
    made = workflow(basic(**changes))
    assert made.enabled
    assert any(says in each for each in texts(made, Severity.WARNING)), made.problems


def test_a_sampler_the_server_does_not_offer_is_kept_and_told():
    graph = basic()
    graph["5"]["inputs"]["sampler_name"] = "eulerr"
    made = workflow(graph)
    assert any(
        "does not offer eulerr for sampler_name. Similar: euler" in each
        for each in texts(made, Severity.WARNING)
    )
    assert made.graph["5"]["inputs"]["sampler_name"] == "eulerr"


def test_a_missing_lora_is_a_warning_only():
    made = workflow(with_loras("gone.safetensors"))
    assert made.enabled
    assert any(
        "does not have gone.safetensors; it is left out" in each for each in texts(made, Severity.WARNING)
    )


def test_auto_without_any_suitable_file():
    info = with_files("UNETLoader", "unet_name", "other.safetensors")
    assert any("Model needs a file like *flux1-dev.*" in each for each in texts(shipped("flux", info)))
    info = with_files("UpscaleModelLoader", "model_name")
    assert any("Upscale model needs a file for model" in each for each in texts(shipped("upscale", info)))
    assert not shipped("upscale", info).enabled


def test_no_seed_is_told():
    graph = basic(n20=node("PrimitiveInt", value=3))
    graph["5"]["inputs"]["seed"] = ["99", 0]
    assert any("No seed was found" in each for each in texts(workflow(graph), Severity.WARNING))


def test_a_paid_service_that_is_allowed_is_noted():
    paid = {
        "input": {"required": {"prompt": ["STRING", {"multiline": True}]}},
        "output": ["IMAGE"],
        "api_node": True,
    }
    graph = {"1": node("Paid", prompt="x"), "2": node("SaveImage", images=["1", 0], filename_prefix="x")}
    info = server(Paid=paid)
    assert not workflow(graph, info=info).enabled
    made = build(Source("made", check_graph(graph), ManifestFile()), info, Trust(("Pa*",)))
    assert made.enabled
    assert any("costs money" in each for each in texts(made, Severity.NOTE))


def test_an_unknown_server_finds_less_and_never_invents():
    made = workflow(basic(n6=node("Whatever", samples=["5", 0])), info=ObjectInfo({}))
    assert not made.enabled
    assert lint(made, None) == ()
