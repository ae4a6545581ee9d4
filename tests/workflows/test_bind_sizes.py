"""Width, height and aspect in a bound graph: kept in pixels, under the caps, in the model's steps."""

import pytest

from bot.workflows import BindLimits
from tests.workflows.binding.binding import bound, refusal
from tests.workflows.made import basic, node, shipped, workflow


@pytest.mark.parametrize(
    ("aspect", "size"),
    [("1:1", (1024, 1024)), ("2:3", (832, 1248)), ("3:2", (1248, 832)), ("3:4", (880, 1184)), ("4:3", (1184, 880)),
     ("9:16", (768, 1360)), ("16:9", (1360, 768))],
)  # fmt: skip
def test_aspect_keeps_the_number_of_pixels_in_steps_of_sixteen(aspect: str, size: tuple[int, int]):
    values = bound(shipped("txt2img"), aspect=aspect).values
    assert (values["width"], values["height"]) == size
    assert abs(size[0] * size[1] - 1024 * 1024) < 0.03 * 1024 * 1024
    assert "aspect" not in values


def test_aspect_with_one_side_given_makes_the_other():
    assert bound(shipped("txt2img"), aspect="16:9", width=1280).values["height"] == 720
    assert bound(shipped("txt2img"), aspect="2:3", height=768).values["width"] == 512


def test_aspect_fills_every_place_of_the_size():
    graph = bound(shipped("flux"), aspect="16:9").graph
    assert graph["6"]["inputs"]["width"] == graph["7"]["inputs"]["width"] == 1360


def test_aspect_stays_under_the_cap_and_in_the_models_steps():
    values = bound(shipped("flux"), limits=BindLimits(pixels=500_000), aspect="16:9").values
    assert int(values["width"]) * int(values["height"]) <= 500_000
    assert int(values["width"]) % 16 == 0


def test_a_workflow_without_size_takes_no_aspect():
    assert "img2img does not take aspect" in refusal(shipped("img2img"), image="x.png", aspect="1:1")


def test_a_default_above_the_caps_is_brought_under_them():
    graph = basic()
    graph["5"]["inputs"]["steps"] = 100
    graph["4"]["inputs"] |= {"width": 4096, "height": 2048, "batch_size": 9}
    values = bound(workflow(graph)).values
    assert (values["steps"], values["batch"]) == (60, 4)
    assert int(values["width"]) * int(values["height"]) <= 2_200_000
    assert int(values["width"]) / int(values["height"]) == pytest.approx(2, rel=0.02)


def test_a_manifest_may_raise_the_caps():
    made = workflow(basic(), "[limits]\nsteps = 200\npixels = 5000000\ncount = 8")
    values = bound(made, steps=150, width=2048, height=2048, batch=8).values
    assert (values["steps"], values["width"], values["batch"]) == (150, 2048, 8)


def test_what_follows_steps_and_size_moves_with_them():
    graph = basic()
    common = {key: value for key, value in graph["5"]["inputs"].items() if key not in {"seed", "denoise"}}
    graph["5"] = node(
        "KSamplerAdvanced", **common, noise_seed=1, add_noise="enable", start_at_step=0, end_at_step=10
    )
    graph["20"] = node(
        "LatentUpscale", samples=["5", 0], upscale_method="bislerp", width=1024, height=1536, crop="disabled"
    )
    second = {**common, "latent_image": ["20", 0]}
    graph["21"] = node(
        "KSamplerAdvanced", **second, noise_seed=1, add_noise="disable", start_at_step=10, end_at_step=10000
    )
    graph["6"]["inputs"]["samples"] = ["21", 0]
    result = bound(workflow(graph), steps=40, aspect="1:1").graph
    assert (result["5"]["inputs"]["end_at_step"], result["21"]["inputs"]["start_at_step"]) == (20, 20)
    assert result["21"]["inputs"]["end_at_step"] == 10000
    assert result["20"]["inputs"]["width"] == result["20"]["inputs"]["height"]
