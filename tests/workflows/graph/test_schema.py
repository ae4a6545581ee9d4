from bot.workflows import ObjectInfo
from tests.workflows.made import server


def test_both_styles_of_combo_and_their_choices():
    info = server()
    assert info.choices("CheckpointLoaderSimple", "ckpt_name") is not None
    assert info.choices("UpscaleModelLoader", "model_name") == ("4x_sharp.safetensors",)
    assert info.choices("KSampler", "steps") is None
    assert info.choices("Nothing", "x") is None


def test_ranges_flags_and_uploads():
    info = server()
    seed = info.input("KSampler", "seed")
    assert seed is not None
    assert seed.seed
    assert seed.maximum == 2**64 - 1
    image = info.input("LoadImage", "image")
    assert image is not None
    assert image.upload == "image"
    text = info.input("CLIPTextEncode", "text")
    assert text is not None
    assert text.multiline
    assert text.dynamic_prompts
    model = info.input("KSampler", "model")
    assert model is not None
    assert not model.widget


def test_dynamic_combo_has_its_options_inputs_by_dotted_name():
    grain = server().input("Styler", "style.grain")
    assert grain is not None
    assert (grain.type, grain.maximum) == ("FLOAT", 1)
    assert server().choices("Styler", "style") == ("film", "plain")


def test_titles_outputs_and_output_flag():
    node = server().node("SaveImage")
    assert node is not None
    assert (node.title, node.is_output) == ("Save Image", True)
    encoder = server().node("InpaintModelConditioning")
    assert encoder is not None
    assert encoder.outputs[2] == ("latent", "LATENT")
    assert encoder.output_type(2) == "LATENT"
    assert encoder.output_type(9) is None


def test_what_is_malformed_counts_as_not_there():
    info = ObjectInfo({
        "A": "text",
        "B": {"input": [], "output": "x", "output_name": 3},
        "C": {"input": {"required": {"a": [], "b": "INT", "c": [None], "d": ["INT", [1]], "e": [["x", {}, 3], "y"]}}},
        "D": {"input": {"required": {"n": ["FLOAT", {"default": float("nan"), "min": float("inf"), "step": True}]}}},
        "E": {"output": [["a", "b"], "MODEL"]},
        "F": {"input": {"required": {"s": ["COMFY_DYNAMICCOMBO_V3", {"options": [3, {"key": "k", "inputs": 1}]}]}}},
    })  # fmt: skip
    assert info.node("A") is None
    assert "A" not in info
    assert 3 not in info
    assert info.node("B") is not None
    made = info.node("C")
    assert made is not None
    assert set(made.inputs) == {"c", "d", "e"}
    assert made.inputs["e"].choices == ("x", "3")
    number = info.input("D", "n")
    assert number is not None
    assert (number.default, number.minimum, number.step) == (None, None, None)
    node = info.node("E")
    assert node is not None
    assert [kind for _, kind in node.outputs] == ["COMBO", "MODEL"]
    assert info.choices("F", "s") == ("3", "k")
    assert len(info) == len(info.classes) == 6


def test_a_flag_that_is_false_makes_no_seed():
    info = ObjectInfo({"A": {"input": {"required": {
        "seed": ["INT", {"control_after_generate": False}], "noise_seed": ["INT"], "x": ["INT", {"control_after_generate": True}],
    }}}})  # fmt: skip
    made = info.node("A")
    assert made is not None
    assert [name for name, each in made.inputs.items() if each.seed] == ["noise_seed", "x"]
