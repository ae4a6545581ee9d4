"""What a server has whose node packs nobody has reviewed: classes to attack it with."""

from typing import Any

from tests.workflows.made import raw_info

TEXT = ["STRING", {"multiline": True}]
WORD = ["STRING", {"default": ""}]


def klass(
    *outputs: str, module: str = "custom_nodes.pack", saves: bool = False, **inputs: Any
) -> dict[str, Any]:
    return {
        "input": {"required": inputs}, "output": list(outputs), "output_name": list(outputs), "output_node": saves,
        "python_module": module,
    }  # fmt: skip


CORE: dict[str, Any] = {
    "PrimitiveString": klass("STRING", module="comfy_extras.nodes_primitive", value=WORD),
    "StringReplace": klass("STRING", module="comfy_extras.nodes_string", string=TEXT, find=TEXT, replace=TEXT),
    "StringConcatenate": klass("STRING", module="comfy_extras.nodes_string", string_a=TEXT, string_b=TEXT, delimiter=WORD),
    "RegexMatch": klass("BOOLEAN", module="comfy_extras.nodes_string", string=TEXT, regex_pattern=TEXT),
    "RegexExtract": klass("STRING", module="comfy_extras.nodes_string", string=TEXT, regex_pattern=TEXT),
    "RegexReplace": klass("STRING", module="comfy_extras.nodes_string", string=TEXT, regex_pattern=TEXT, replace=TEXT),
    "GLSLShader": klass("IMAGE", module="comfy_extras.nodes_glsl", fragment_shader=["STRING", {"default": "main"}]),
    "ComfyMathExpression": klass("INT", module="comfy_extras.nodes_math", expression=["STRING", {"default": "a + b"}]),
    "StringFormat": klass("STRING", module="comfy_extras.nodes_string", f_string=["STRING", {"default": "{a}"}]),
    "SaveLoRA": klass(module="comfy_extras.nodes_train", saves=True, prefix=["STRING", {"default": "loras/x"}]),
    "SaveImageDataSetToFolder": klass(module="comfy_extras.nodes_dataset", saves=True, images=["IMAGE"], folder_name=WORD),
    "ComfySwitchNode": klass("COMFY_MATCHTYPE_V3", module="comfy_extras.nodes_logic", switch=["BOOLEAN", {}],
                             on_true=["COMFY_MATCHTYPE_V3", {}], on_false=["COMFY_MATCHTYPE_V3", {}]),
    "PreviewAny": klass(module="comfy_extras.nodes_preview_any", saves=True, source=["*", {}]),
}  # fmt: skip
PACK: dict[str, Any] = {
    "Runner": klass("STRING", code=["PYCODE", {}]),
    "Tool": klass("STRING", **dict.fromkeys(
        ("function", "formula", "template", "query", "link", "host", "repo_id", "token", "value"), WORD)),
    "Evaluate Python": klass("STRING", text=TEXT),
    "Choosing": klass("IMAGE", way=[["fast", "slow"], {}], mode=["COMBO", {"options": ["a", "b"]}], deep=["BOOLEAN", {}],
                      size=["INT", {"default": 3}], like=["STRING", {"default": "the usual"}]),
    "Encode": klass("CONDITIONING", text=TEXT, clip=["CLIP"]),
    "Encode Formula": klass("CONDITIONING", formula=TEXT, clip=["CLIP"]),
    "Join": klass("STRING", text_a=WORD, text_b=WORD),
    "StringConstant": klass("STRING", module="custom_nodes.ComfyUI-KJNodes", string=WORD),
    "Saving": klass(saves=True, images=["IMAGE"], filename_prefix=WORD, note=WORD),
    "Downloader": klass("MODEL", repo_id=WORD, token=WORD),
    "Ask Elsewhere": klass("STRING", prompt=TEXT, api_key=WORD),
    "Load Image From Path": klass("IMAGE", path=WORD),
    "Load Image From Url": klass("IMAGE", url=WORD),
    "Run Command": klass("STRING", command=WORD),
    "Any Switch": klass("*", any_01=["*", {}], any_02=["*", {}]),
}  # fmt: skip


def raw(**more: Any) -> dict[str, Any]:
    own = {name: {"python_module": "nodes", **each} for name, each in raw_info().items()}
    return own | CORE | PACK | more
