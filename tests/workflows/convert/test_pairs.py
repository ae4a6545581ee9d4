"""Workflows that ComfyUI's real frontend turned into graphs: ours turn into the same."""

import time

import pytest

from bot.workflows.convert import convert
from tests.workflows.convert.drawing import PATIENCE
from tests.workflows.convert.ground_truth import (
    CASES,
    DEAD,
    DIFFERENT,
    PAIRS,
    RENUMBERED,
    WITHOUT_CLASS,
    document,
    frontend,
    info,
    plain,
    samples,
)
from tests.workflows.made import SHARED

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the recorded workflows are not beside this repository"
)


@pytest.mark.parametrize("folder", [PAIRS, CASES])
def test_every_sample_becomes_the_frontends_graph(folder: str):
    wrong: dict[str, object] = {}
    for where, name, classes in samples():
        if where != folder:
            continue
        raw, known = document(where, name), info(classes)
        began = time.process_time()
        made = plain(convert(raw, known).graph)
        assert time.process_time() - began < PATIENCE, name
        wanted = frontend(where, name)
        ids = wanted.keys() | made.keys()
        differing = {id_: (wanted.get(id_), made.get(id_)) for id_ in ids if wanted.get(id_) != made.get(id_)}
        if differing:
            wrong[name] = differing
        elif name not in WITHOUT_CLASS and name not in RENUMBERED:
            assert list(made) == list(wanted), f"{name}: another order"
    assert wrong == {}


def test_what_differs_on_purpose_is_among_the_samples():
    names = {name for _, name, _ in samples()}
    assert {*DIFFERENT, *RENUMBERED, *DEAD, *WITHOUT_CLASS} <= names


def test_what_the_server_lacks_is_kept_and_told():
    raw = document(CASES, "02_bypass_lora")
    made = convert(raw, info("object_info.min.json"))
    assert made.graph["4"]["inputs"]["ckpt_name"] == "not_here.safetensors"
    assert [(each.node, each.input, each.value) for each in made.unoffered] == [
        ("4", "ckpt_name", "not_here.safetensors")
    ]


def test_a_class_the_server_lacks_is_named():
    assert convert(document(CASES, "25_unknown_node"), info("object_info.v3.json")).missing == (
        "SomeUnknownNode",
    )


def test_every_sample_is_converted_without_its_models_too():
    bare = info("object_info.min.json")
    for folder, name, classes in samples():
        if classes == "object_info.models.json":
            with_models = convert(document(folder, name), info(classes))
            assert convert(document(folder, name), bare).graph == with_models.graph, name
