"""What a workflow needs of the servers, and which of them have it."""

from dataclasses import replace
from typing import Any

from bot.workflows import AUTO, ObjectInfo
from bot.workflows.library.library import build
from bot.workflows.library.manifest import ManifestFile
from bot.workflows.library.needs import Need, needs_of
from bot.workflows.library.sources import Source
from bot.workflows.model.workflow import Workflow


def info(*files: str, lora: bool = True) -> ObjectInfo:
    """A server with these checkpoints."""
    classes: dict[str, Any] = {
        "Loader": {"input": {"required": {"ckpt_name": [list(files)]}}, "output": ["IMAGE"]},
        "SaveImage": {"input": {"required": {"images": ["IMAGE"]}}, "output_node": True},
    }
    if lora:
        classes["Lora"] = {
            "input": {"required": {"model": ["IMAGE"], "lora_name": [["a.safetensors"]]}},
            "output": ["IMAGE"],
        }
    return ObjectInfo(classes)


def workflow(**parameter: Any) -> Workflow:
    graph: dict[str, Any] = {
        "1": {"class_type": "Loader", "inputs": {"ckpt_name": "big.safetensors"}},
        "2": {"class_type": "Lora", "inputs": {"model": ["1", 0], "lora_name": "mine.safetensors"}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
        "4": {"class_type": "Nowhere", "inputs": {"file": "unused.safetensors"}},
    }
    made = build(Source("w", graph, ManifestFile()), info("big.safetensors"))
    model = made.parameters["model"]
    return replace(made, parameters={**made.parameters, "model": replace(model, **parameter)})


def test_files_and_classes_are_counted_over_the_servers() -> None:
    servers = [info("sub/BIG.safetensors"), info("small.safetensors", lora=False)]
    assert needs_of(workflow(), servers) == (
        Need("big.safetensors", 1, 2),
        Need("Lora", 1, 2, is_class=True),
    )
    assert [each.met for each in needs_of(workflow(), servers[:1])] == [True]


def test_any_file_will_do_where_the_workflow_says_so() -> None:
    automatic = workflow(default=AUTO)
    assert needs_of(automatic, [info("small.safetensors")]) == (
        Need("small.safetensors", 1, 1, any_file=True),
    )
    (need,) = needs_of(automatic, [info()])
    assert (need.name, need.having, need.met) == ("model", 0, False)


def test_without_a_server_the_files_are_named_all_the_same() -> None:
    assert needs_of(workflow(), []) == (Need("big.safetensors", 0, 0),)
