"""What files from strangers may not do, and what members may not put into a graph."""

from typing import Any

import pytest

from bot.errors import UserError
from bot.workflows import ObjectInfo, Severity, Workflow, bind
from bot.workflows.graph.graph import check_graph
from bot.workflows.library.library import Source, build
from bot.workflows.library.manifest import read_manifest
from bot.workflows.model.approvals import Trust
from bot.workflows.model.places import escapes, leaves_folder
from tests.workflows.made import LIMITS, basic, node, server

IMAGE = ["IMAGE"]
TEXT = ["STRING", {"multiline": True}]
WORD = ["STRING", {"default": ""}]


def described(*, output: str = "IMAGE", module: str = "custom_nodes.pack", **inputs: Any) -> dict[str, Any]:
    return {"input": {"required": inputs}, "output": [output], "output_node": True, "python_module": module}


PACKS: dict[str, dict[str, Any]] = {
    "VHS_LoadVideoPath": described(
        video=["STRING", {"placeholder": "X://insert/path/here.mp4", "vhs_path_extensions": ["mp4"]}]
    ),
    "VHS_LoadImagesPath": described(directory=["STRING", {"vhs_path_extensions": []}], image_load_cap=["INT", {}]),
    "Load Image From Path": described(image=["STRING", {"default": r"ComfyUI_00001_-assets\a.png [output]"}]),
    "LoadImageFromUrl": described(image=["STRING", {"default": ""}]),
    "Image Save": described(images=IMAGE, output_path=["STRING", {"default": "[time(%Y-%m-%d)]"}], filename_prefix=WORD),
    "Save Image Custom": described(images=IMAGE, custom_folder=WORD, filename_prefix=WORD),
    "Save Text File": described(text=TEXT, path=WORD, filename_prefix=WORD),
    "Load Text File": described(file_path=WORD, dictionary_name=WORD, output="STRING"),
    "easy imageSave": described(images=IMAGE, save_dir=WORD),
    "NodePython": described(code=TEXT),
    "PythonCode": described(script=TEXT),
    "EvaluateInts": described(python_expression=TEXT, a=["INT", {}]),
    "ShellCommand": described(command=WORD),
    "EvalNode": described(expression=WORD),
    "ComfyMathExpression": described(expression=WORD, module="comfy_extras.nodes_math", output="INT"),
    "HighRes-Fix Script": described(output="SCRIPT", script=["SCRIPT", {}], upscale_by=["FLOAT", {}]),
    "QRCode": described(qr_code=WORD, language_code=WORD),
    "Webhook": described(images=IMAGE, webhook_url=WORD),
    "LLM": described(prompt=TEXT, api_key=WORD, output="STRING"),
    "Paid": described(prompt=TEXT) | {"api_node": True},
    "Key": described(prompt=TEXT) | {"input": {"required": {"prompt": TEXT}, "hidden": {"k": "API_KEY_COMFY_ORG"}}},
    "Old": described(prompt=TEXT) | {"category": "api node/image/Old"},
    "Colour": described(colour=WORD) | {"category": "api node/image/Old", "api_node": False},
    "PrimitiveString": described(value=WORD, output="STRING", module="comfy_extras.nodes_primitive")
    | {"output_node": False},
}  # fmt: skip
INFO = server(**PACKS)


def made(
    graph: dict[str, Any], allowed: tuple[str, ...] = (), toml: str = "", info: ObjectInfo | None = INFO
) -> Workflow:
    return build(
        Source("made", check_graph(graph), read_manifest(toml.encode(), "made.toml")), info, Trust(allowed)
    )


def faults(graph: dict[str, Any], allowed: tuple[str, ...] = (), info: ObjectInfo | None = INFO) -> list[str]:
    found = made(graph, allowed, info=info).problems
    return [each.text for each in found if each.severity is Severity.ERROR and not each.lacking]


def alone(class_type: str, **inputs: Any) -> dict[str, Any]:
    """A sound graph with one more node that runs."""
    graph = basic(n20=node(class_type, "It", **inputs))
    if class_type != "SaveImage":
        graph["22"] = node("SaveImage", images=["20", 0], filename_prefix="y")
    return graph


@pytest.mark.parametrize(
    ("class_type", "inputs", "why"),
    [
        ("VHS_LoadVideoPath", {"video": "/home/me/a.mp4"}, "/home/me/a.mp4"),
        ("VHS_LoadVideoPath", {"video": r"D:\films\a.mp4"}, r"D:\films\a.mp4"),
        ("VHS_LoadVideoPath", {"video": "https://example.org/a.mp4"}, "https://example.org/a.mp4"),
        ("VHS_LoadVideoPath", {"video": "input/../../secret.mp4"}, "secret.mp4"),
        ("VHS_LoadVideoPath", {"video": "user/default/a.mp4"}, "user/default/a.mp4"),
        ("VHS_LoadVideoPath", {"video": "input/a.mp4"}, "input/a.mp4"),
        ("VHS_LoadVideoPath", {"video": ""}, None),
        ("VHS_LoadVideoPath", {"video": ["21", 0]}, "/etc/passwd"),
        ("VHS_LoadImagesPath", {"directory": "~/pictures", "image_load_cap": 0}, "~/pictures"),
        ("VHS_LoadImagesPath", {"directory": r"\\server\share", "image_load_cap": 0}, "server"),
        ("Load Image From Path", {"image": "/etc/passwd"}, "/etc/passwd"),
        ("Load Image From Path", {"image": "a.png [output]"}, "a.png [output]"),
        ("Load Image From Path", {"image": r"ComfyUI_00001_-assets\a.png [output]"}, None),
        ("LoadImageFromUrl", {"image": "http://127.0.0.1/x.png"}, "http://127.0.0.1/x.png"),
        ("Image Save", {"images": ["6", 0], "output_path": "/tmp", "filename_prefix": "x"}, "/tmp"),
        ("Image Save", {"images": ["6", 0], "output_path": "[time(%Y-%m-%d)]", "filename_prefix": "x"}, None),
        ("Image Save", {"images": ["6", 0], "output_path": "output/mine", "filename_prefix": "../x"}, "prefix leads out"),
        ("Save Image Custom", {"images": ["6", 0], "custom_folder": "custom_nodes/x", "filename_prefix": "x"}, "custom_nodes/x"),
        ("Save Text File", {"text": "x", "path": "evil.py", "filename_prefix": "x"}, "evil.py"),
        ("Load Text File", {"file_path": "extra_model_paths.yaml", "dictionary_name": "x"}, "extra_model_paths.yaml"),
        ("easy imageSave", {"images": ["6", 0], "save_dir": "C:/out"}, "C:/out"),
        ("NodePython", {"code": "import os"}, "runs code"),
        ("PythonCode", {"script": "print(1)"}, "runs code"),
        ("EvaluateInts", {"python_expression": "a", "a": 1}, "runs code"),
        ("ShellCommand", {"command": "ls"}, "runs code"),
        ("EvalNode", {"expression": "1+1"}, "runs code"),
        ("ComfyMathExpression", {"expression": "a * 2"}, None),
        ("HighRes-Fix Script", {"upscale_by": 2.0}, None),
        ("QRCode", {"qr_code": "hello", "language_code": ""}, "gets hello as qr_code"),
        ("QRCode", {"qr_code": "", "language_code": ""}, None),
        ("Webhook", {"images": ["6", 0], "webhook_url": "https://example.org"}, "an address on the network, https://example.org"),
        ("Webhook", {"images": ["6", 0], "webhook_url": ""}, None),
        ("LLM", {"prompt": "x", "api_key": ""}, "takes a key"),
        ("LLM", {"prompt": "x"}, "takes a key"),
        ("Paid", {"prompt": "x"}, "costs money"),
        ("Key", {"prompt": "x"}, "costs money"),
        ("Old", {"prompt": "x"}, "costs money"),
        ("Colour", {"colour": ""}, None),
        ("LoadImage", {"image": "../../etc/passwd.png"}, "leads out of ComfyUI's folders"),
        ("LoadImage", {"image": "sub/a.png [input]"}, None),
        ("SaveImage", {"images": ["6", 0], "filename_prefix": r"..\x"}, "prefix leads out"),
        ("SaveImage", {"images": ["6", 0], "filename_prefix": "/x"}, "prefix leads out"),
        ("SaveImage", {"images": ["6", 0], "filename_prefix": "C:x"}, "prefix leads out"),
        ("SaveImage", {"images": ["6", 0], "filename_prefix": "%date:yyyy-MM-dd%/%width%_x"}, None),
        ("SaveImage", {"images": ["6", 0], "filename_prefix": "%date:../..%/x"}, "prefix leads out"),
    ],
)  # fmt: skip
def test_nodes_are_refused_by_what_they_do(class_type: str, inputs: dict[str, Any], why: str | None):
    graph = alone(class_type, **inputs) | {"21": node("PrimitiveString", value="/etc/passwd")}
    said = faults(graph)
    if why is None:
        assert said == []
        return
    assert any(why in each for each in said), said
    assert any("It" in each for each in said)
    if "leads out" not in why:
        assert all(each.startswith("needs approval") for each in said if "WORKFLOWS_ALLOW_NODES" in each)
        assert any(f"add {class_type} to WORKFLOWS_ALLOW_NODES" in each for each in said)
        assert faults(graph, (class_type,)) == []
        assert faults(graph, (class_type[:3] + "*",)) == []


@pytest.mark.parametrize(
    ("class_type", "inputs", "why"),
    [
        ("NodePython", {"code": "import os"}, "runs code"),
        ("VHS_LoadVideoPath", {"video": "/x/a.mp4"}, "/x/a.mp4"),
        ("SaveImage", {"images": ["6", 0], "filename_prefix": "../x"}, "prefix leads out"),
        ("LoadImage", {"image": "/etc/a.png"}, "leads out of ComfyUI's folders"),
    ],
)
def test_most_is_known_without_the_servers_classes(class_type: str, inputs: dict[str, Any], why: str):
    graph = alone(class_type, **inputs)
    assert any(why in each for each in faults(graph, info=None))


def test_a_node_that_does_not_run_and_words_that_look_like_paths_are_no_harm():
    graph = basic(
        n20=node("PrimitiveString", value="NodePython"), n21=node("CLIPTextEncode", text="x", clip=["1", 1])
    )
    graph["2"]["inputs"]["text"] = "/imagine C:\\ a fox ../ https://example.org"
    assert faults(graph) == []


def test_what_is_allowed_is_still_nothing_for_members():
    graph = alone("VHS_LoadVideoPath", video="/films/a.mp4")
    graph["20"]["_meta"] = {"title": "$film"}
    work = made(graph, ("VHS_LoadVideoPath",))
    assert work.enabled
    assert "film" not in work.parameters
    told = made(graph, ("VHS_LoadVideoPath",), '[parameters.clip]\nnode = "$film"\ninput = "video"')
    assert any("line 1: clip would let members choose a path" in each for each in told.needs)
    fixed = '[parameters.clip]\nnode = "$film"\ninput = "video"\nfixed = "/films/b.mp4"'
    assert made(graph, ("VHS_LoadVideoPath",), fixed).enabled


def test_names_of_files_are_no_parameters_unless_that_is_allowed():
    toml = '[parameters.name]\nnode = "Save"\ninput = "filename_prefix"'
    work = made(basic(), toml=toml)
    assert "name" not in work.parameters
    assert any("line 1: name would let members choose a path" in each for each in work.needs)
    assert all(each.startswith("needs approval") for each in work.needs)


def test_members_cannot_lead_files_out_of_their_folder():
    toml = '[parameters.name]\nnode = "Save"\ninput = "filename_prefix"'
    work = made(basic(), ("members:SaveImage.filename_prefix",), toml)
    assert work.enabled
    for bad in ("../x", "/x", "a/../../x", "C:\\x", "..\\x", "~/x", "a\x00b", "file:x"):
        with pytest.raises(UserError, match="name can only be a plain name"):
            bind(work, {"prompt": "x", "name": bad}, INFO, limits=LIMITS)
    assert bind(work, {"prompt": "x", "name": "mine/x"}, INFO, limits=LIMITS).graph["7"]["inputs"][
        "filename_prefix"
    ]
    assert bind(work, {"prompt": "/x ../ y", "name": "x"}, INFO, limits=LIMITS).values["prompt"] == "/x ../ y"


def test_members_cannot_lead_choices_out_where_no_server_says_what_there_is():
    work = made(basic(), info=None)
    with pytest.raises(UserError, match="model can only be a plain name"):
        bind(work, {"prompt": "x", "model": "../../x.safetensors"}, None, limits=LIMITS)
    with pytest.raises(UserError, match="lora can only be a plain name"):
        bind(work, {"prompt": "x", "lora": "a:0.5, ../../x.safetensors"}, None, limits=LIMITS)


def test_without_a_servers_word_nothing_of_a_pack_is_let_through():
    work = made(alone("Paid", prompt="x"), info=None)
    assert not work.enabled
    assert all(each.lacking and each.text.startswith("needs approval") for each in work.faults)
    with pytest.raises(UserError, match="needs approval"):
        bind(work, {"prompt": "x"}, INFO, limits=LIMITS)
    trusted = made(alone("Paid", prompt="x"), ("Paid",), info=None)
    assert trusted.enabled
    assert bind(trusted, {"prompt": "x"}, INFO, limits=LIMITS).graph


@pytest.mark.parametrize(
    ("name", "bad"),
    [("a", False), ("a/b", False), ("a b.png", False), ("%date:hh:mm%", False), ("", False), ("...", True), ("..", True),
     ("a/..", True), (".. /x", True), ("a/./b", False), ("\\x", True), ("'/x'", True), ("c:", True), ("$HOME/x", True)],
)  # fmt: skip
def test_names_that_escape(name: str, bad: bool):
    assert escapes(name) is bad


@pytest.mark.parametrize(
    ("path", "bad"),
    [("", False), ("output", False), ("output/a/b", False), ("./temp/x.png", False), ("mine", False), ("models/x", True),
     ("main.py", True), ("input/x.py", True), ("a/b", True)],
)  # fmt: skip
def test_paths_that_leave_comfyuis_folders(path: str, bad: bool):
    assert leaves_folder(path) is bad
