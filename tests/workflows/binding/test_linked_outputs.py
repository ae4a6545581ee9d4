"""What people may open by its address has a name that nobody guesses."""

import pytest

from bot.workflows.binding.linked_outputs import hide_outputs, is_hidden


def saver(prefix: object) -> dict[str, dict[str, object]]:
    return {"9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": prefix}}}


def prefix_of(graph: object) -> str:
    return graph["9"]["inputs"]["filename_prefix"]  # type: ignore[index]


@pytest.mark.parametrize("prefix", ["ComfyUI", "flux/%date:yyyy-MM-dd%/img", "a b", "video/ComfyUI"])
def test_a_prefix_stands_in_a_folder_of_128_random_bits(prefix: str) -> None:
    graph = saver(prefix)
    first, second = prefix_of(hide_outputs(graph)), prefix_of(hide_outputs(graph))
    assert prefix_of(graph) == prefix
    assert first.endswith(f"/{prefix}")
    assert first != second
    for each in (first, second):
        assert is_hidden(each.removesuffix(f"/{prefix}"))
        # What a server puts in for a placeholder is not known yet.
        assert "%" in prefix or is_hidden(each.rpartition("/")[0])


def test_all_that_one_job_saves_is_in_one_folder() -> None:
    graph = hide_outputs({"a": saver("x")["9"], "b": saver("y")["9"]})
    folders = {str(node["inputs"]["filename_prefix"]).rpartition("/")[0] for node in graph.values()}
    assert len(folders) == 1


@pytest.mark.parametrize(
    "prefix", ["../x", "a/../../x", "..", "C:\\x", "a\\..\\x", "/etc/x", ["4", 0], 7, None]
)
def test_what_leads_elsewhere_or_is_no_text_stays(prefix: object) -> None:
    assert hide_outputs(saver(prefix)) == saver(prefix)


@pytest.mark.parametrize(
    "subfolder",
    ["", "discord", "discord/abc", f"x/discord/{'a' * 32}", f"discord/{'a' * 32}/..", f"discord/{'a' * 32}/../b",
     f"discord/{'A' * 32}", f"discord/{'a' * 32}x", f"discord/{'a' * 32}/"],
)  # fmt: skip
def test_other_folders_are_not_hidden(subfolder: str) -> None:
    assert not is_hidden(subfolder)
