from typing import Any

import pytest

from bot.workflows import ParameterType, check_graph, discover
from tests.workflows.made import basic, node, server, shipped, with_loras


def targets(graph: dict[str, Any], known: bool = True) -> dict[str, tuple[tuple[str, str], ...]]:
    found = discover(check_graph(graph), server() if known else None)
    return {name: each.targets for name, each in found.parameters.items()}


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_plain_graph(known: bool):
    assert targets(basic(), known) == {
        "prompt": (("2", "text"),),
        "negative_prompt": (("3", "text"),),
        "width": (("4", "width"),),
        "height": (("4", "height"),),
        "batch": (("4", "batch_size"),),
        "seed": (("5", "seed"),),
        "steps": (("5", "steps"),),
        "cfg": (("5", "cfg"),),
        "sampler": (("5", "sampler_name"),),
        "scheduler": (("5", "scheduler"),),
        "denoise": (("5", "denoise"),),
        "model": (("1", "ckpt_name"),),
        "lora": (),
    }


def test_types_ranges_and_choices_come_from_the_classes():
    found = discover(check_graph(basic()), server()).parameters
    assert found["prompt"].type is ParameterType.TEXT
    assert found["prompt"].required
    assert found["cfg"].type is ParameterType.NUMBER
    assert found["cfg"].default == 7.0
    assert (found["steps"].minimum, found["steps"].maximum) == (1, 10000)
    assert found["width"].step == 8
    assert found["seed"].maximum == 2**64 - 1
    assert found["sampler"].choices[0].value == "euler"
    assert found["model"].type is ParameterType.MODEL
    assert found["prompt"].title.in_("zh-TW") == "提示詞"
    assert found["negative_prompt"].default == "blurry"


def test_without_classes_the_usual_ranges_are_used():
    found = discover(check_graph(basic()), None).parameters
    assert (found["denoise"].minimum, found["denoise"].maximum) == (0.0, 1.0)
    assert found["seed"].maximum == 2**64 - 1
    assert found["width"].step == 8


def test_zeroed_conditioning_is_no_negative_prompt():
    found = targets(basic(n3=node("ConditioningZeroOut", conditioning=["2", 0])))
    assert "negative_prompt" not in found
    assert found["prompt"] == (("2", "text"),)


def test_flux_with_its_two_texts_is_one_prompt():
    graph = basic(n2=node("CLIPTextEncodeFlux", clip_l="fox", t5xxl="a red fox", guidance=3.5, clip=["1", 1]))
    found = targets(graph)
    assert found["prompt"] == (("2", "clip_l"), ("2", "t5xxl"))
    assert found["guidance"] == (("2", "guidance"),)


def test_custom_sampling_is_traced_through_guider_noise_and_sigmas():
    found = shipped("flux").parameters
    assert found["seed"].targets == (("8", "noise_seed"),)
    assert found["steps"].targets == (("11", "steps"),)
    assert found["sampler"].targets == (("10", "sampler_name"),)
    assert found["guidance"].targets == (("5", "guidance"),)
    assert set(found["width"].targets) == {("7", "width"), ("6", "width")}
    assert found["text_encoder2"].targets == (("2", "clip_name2"),)


def test_text_in_a_string_node_behind_a_concatenation():
    graph = basic(
        n2=node("CLIPTextEncode", text=["20", 0], clip=["1", 1]),
        n20=node("StringConcatenate", string_a=["21", 0], string_b=["22", 0], delimiter=", "),
        n21=node("PrimitiveStringMultiline", "System prompt", value="You are an artist"),
        n22=node("PrimitiveStringMultiline", "Prompt", value="a fox"),
    )
    assert targets(graph)["prompt"] == (("22", "value"),)


def test_a_switch_counts_as_it_is_set():
    graph = basic(
        n2=node("CLIPTextEncode", text=["20", 0], clip=["1", 1]),
        n20=node("ComfySwitchNode", switch=["23", 0], on_false=["21", 0], on_true=["22", 0]),
        n21=node("PrimitiveStringMultiline", value="one"),
        n22=node("PrimitiveStringMultiline", value="two"),
        n23=node("PrimitiveBoolean", value=True),
    )
    assert targets(graph)["prompt"] == (("22", "value"),)
    graph["23"]["inputs"]["value"] = False
    assert targets(graph)["prompt"] == (("21", "value"),)


def test_a_number_in_a_primitive_is_filled_there_with_the_range_of_its_use():
    graph = basic(n20=node("PrimitiveInt", value=30))
    graph["5"]["inputs"]["steps"] = ["20", 0]
    found = discover(check_graph(graph), server()).parameters["steps"]
    assert found.targets == (("20", "value"),)
    assert (found.default, found.maximum) == (30, 10000)


def test_what_is_computed_is_no_parameter():
    graph = basic(n20=node("GetVideoComponents", video=["21", 0]), n21=node("LoadVideo", file="clip.mp4"))
    graph["5"]["inputs"]["cfg"] = ["20", 2]
    found = targets(graph)
    assert "cfg" not in found
    assert found["video"] == (("21", "file"),)


def two_passes(text: str, steps: int, denoise: float) -> dict[str, Any]:
    graph = basic()
    second = {**graph["5"]["inputs"], "seed": 9, "steps": steps, "denoise": denoise}
    second |= {"positive": ["20", 0], "latent_image": ["21", 0]}
    graph["20"] = node("CLIPTextEncode", text=text, clip=["1", 1])
    graph["21"] = node(
        "LatentUpscale", samples=["5", 0], upscale_method="bislerp", width=1024, height=1536, crop="disabled"
    )
    graph["22"] = {"class_type": "KSampler", "inputs": second}
    graph["6"]["inputs"]["samples"] = ["22", 0]
    return graph


def test_two_passes_with_equal_values_share_their_parameters():
    found = targets(two_passes("a fox", 20, 0.5))
    assert found["prompt"] == (("2", "text"), ("20", "text"))
    assert found["steps"] == (("5", "steps"), ("22", "steps"))
    assert found["seed"] == (("5", "seed"), ("22", "seed"))
    assert found["denoise"] == (("5", "denoise"),)
    assert found["denoise2"] == (("22", "denoise"),)


def test_two_passes_with_different_values_are_numbered():
    found = targets(two_passes("a fox, detailed", 12, 1.0))
    assert found["prompt"] == (("2", "text"),)
    assert found["prompt2"] == (("20", "text"),)
    assert found["steps2"] == (("22", "steps"),)


def test_a_sampler_that_adds_no_noise_has_no_seed():
    graph = basic()
    inputs = {key: value for key, value in graph["5"]["inputs"].items() if key not in {"seed", "denoise"}}
    graph["5"] = node(
        "KSamplerAdvanced", **inputs, noise_seed=3, add_noise="disable", start_at_step=0, end_at_step=9
    )
    assert "seed" not in targets(graph)


def test_pictures_masks_and_control():
    graph = basic(
        n20=node("LoadImage", image="example.png"),
        n21=node("ControlNetLoader", control_net_name="canny.safetensors"),
        n22=node(
            "ControlNetApplyAdvanced", strength=0.8, positive=["2", 0], negative=["3", 0], control_net=["21", 0],
            image=["20", 0],
        ),
        n23=node("LoadImage", image="mountain.png"),
        n24=node("InpaintModelConditioning", positive=["22", 0], negative=["22", 1], vae=["1", 2], pixels=["23", 0],
                 mask=["25", 0], noise_mask=True),
        n25=node("ImageToMask", image=["26", 0], channel="red"),
        n26=node("LoadImage", image="none.png"),
    )  # fmt: skip
    graph["5"]["inputs"] |= {"positive": ["24", 0], "negative": ["24", 1], "latent_image": ["24", 2]}
    del graph["4"]
    found = discover(check_graph(graph), server()).parameters
    assert found["image"].targets == (("20", "image"),)
    assert found["image"].required
    assert found["image2"].targets == (("23", "image"),)
    assert not found["image2"].required  # the server has the file that stands in the graph
    assert found["mask"].targets == (("26", "image"),)
    assert found["mask"].required
    assert found["control_strength"].targets == (("22", "strength"),)
    assert found["control_model"].targets == (("21", "control_net_name"),)
    assert found["negative_prompt"].targets == (("3", "text"),)


def test_a_picture_whose_transparency_is_the_mask_is_both():
    graph = basic(
        n4=node("InpaintModelConditioning", positive=["2", 0], negative=["3", 0], vae=["1", 2], pixels=["20", 0],
                mask=["20", 1], noise_mask=True),
        n20=node("LoadImage", image="example.png"),
    )  # fmt: skip
    graph["5"]["inputs"] |= {"positive": ["4", 0], "negative": ["4", 1], "latent_image": ["4", 2]}
    found = discover(check_graph(graph), server()).parameters
    assert found["image"].targets == found["mask"].targets == (("20", "image"),)
    assert found["image"].required
    assert not found["mask"].required


def test_lora_loaders_and_their_strengths():
    found = targets(with_loras("detail.safetensors", "pixel-art.safetensors"))
    assert set(found["lora"]) == {("L1", "lora_name"), ("L2", "lora_name")}
    assert len(found["lora_strength"]) == 4


def test_without_lora_classes_a_graph_takes_none():
    found = discover(check_graph(basic()), server(LoraLoader=None, LoraLoaderModelOnly=None))
    assert "lora" not in found.parameters


def test_size_in_a_resize_where_no_latent_has_it():
    graph = basic(
        n4=node("VAEEncode", pixels=["20", 0], vae=["1", 2]),
        n20=node(
            "ImageScale", image=["21", 0], upscale_method="lanczos", width=800, height=600, crop="center"
        ),
        n21=node("LoadImage", image="example.png"),
    )
    assert targets(graph)["width"] == (("20", "width"),)


def test_a_service_or_language_model_without_sampler():
    info_free = {
        "1": node("SomeService", prompt="a fox", negative_prompt="blur", seed=3, model="large"),
        "2": node("SaveImage", images=["1", 0], filename_prefix="x"),
    }
    found = targets(info_free, known=False)
    assert found["prompt"] == (("1", "prompt"),)
    assert found["negative_prompt"] == (("1", "negative_prompt"),)
    assert found["seed"] == (("1", "seed"),)


def test_nodes_that_will_not_run_have_no_parameters():
    graph = basic(
        n20=node("CLIPTextEncode", text="unused", clip=["1", 1]), n21=node("LoadImage", image="example.png")
    )
    assert targets(graph) == targets(basic())


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_outputs_and_their_kinds(known: bool):
    graph = basic(
        n20=node("CreateVideo", images=["6", 0], fps=24),
        n21=node("SaveVideo", video=["20", 0], filename_prefix="v"),
        n22=node("PreviewImage", images=["6", 0]),
        n23=node("LoadAudio", audio="song.mp3"),
        n24=node("SaveAudio", audio=["23", 0], filename_prefix="a"),
        n25=node("PreviewAny", source=["6", 0]) if not known else node("PreviewAny", source="hello"),
        n26=node("SaveGLB", mesh=["6", 0], filename_prefix="m")
        if not known
        else node("PreviewAny", source="x"),
    )
    found = discover(check_graph(graph), server() if known else None)
    kinds = {each.node: each.kind.value for each in found.outputs}
    assert (kinds["7"], kinds["21"], kinds["22"], kinds["24"]) == ("image", "video", "image", "audio")
    assert {each.node: each.preview for each in found.outputs}["22"]
    assert kinds["26"] == ("text" if known else "3d")
    assert found.parameters["fps"].targets == (("20", "fps"),)
    assert found.parameters["audio"].type is ParameterType.AUDIO


@pytest.mark.parametrize("name", ["txt2img", "img2img", "inpaint", "upscale", "flux", "wan-video"])
def test_no_target_is_ever_linked_and_titles_name_nodes(name: str):
    made = shipped(name)
    for parameter in made.parameters.values():
        for node_id, input_ in parameter.targets:
            assert not isinstance(made.graph[node_id]["inputs"][input_], list)
    assert all("_meta" in each for each in made.graph.values())


def test_seeds_by_name_where_no_class_marks_any_and_ends_that_only_pass_on():
    service = {
        "input": {
            "required": {"prompt": ["STRING", {"multiline": True}], "Model_Seed": ["INT", {"default": 1}]}
        },
        "output": ["IMAGE"],
        "output_node": True,
    }
    graph = {
        "1": node("Service", prompt="x", Model_Seed=4),
        "2": node("SaveImage", images=["1", 0], filename_prefix="x"),
    }
    found = discover(check_graph(graph), server(Service=service))
    assert found.parameters["seed"].targets == (("1", "Model_Seed"),)
    assert [each.node for each in found.outputs] == ["2"]
    del graph["2"]
    assert [each.node for each in discover(check_graph(graph), server(Service=service)).outputs] == ["1"]
