"""Decisions of operators are kept whole, and a file that is broken decides nothing."""

import json
from pathlib import Path

import pytest

from bot.workflows.model.approvals import Approval
from bot.workflows.safety.approval_file import ApprovalFile

ONE = Approval(server="a:8188", pack="cook", class_type="Recipe", input="formula", value="abc")
TYPED = Approval(server="a:8188", pack="cook", class_type="Recipe", input="link", value=None)


def test_what_is_decided_is_found_again_and_can_be_taken_back(tmp_path: Path):
    file = ApprovalFile(tmp_path / "new" / "approvals.json")
    assert file.read() == frozenset()
    assert file.add([ONE]) == {ONE}
    assert file.add([ONE, TYPED]) == {ONE, TYPED}
    assert ApprovalFile(tmp_path / "new" / "approvals.json").read() == {ONE, TYPED}
    assert file.remove([ONE]) == {TYPED}
    assert file.read() == {TYPED}
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["approvals.json"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"approvals": 5}', '{"approvals": [5, null, {}]}', "[" * 100_000,
     '{"approvals": [{"server": "a:8188", "pack": "cook", "class": "Recipe", "input": "formula"}]}',
     '{"approvals": [{"server": 5, "pack": "cook", "class": "Recipe", "input": "formula", "value": null}]}'],
    ids=range(9),
)  # fmt: skip
def test_what_is_broken_decides_nothing(tmp_path: Path, text: str):
    path = tmp_path / "approvals.json"
    path.write_text(text)
    assert ApprovalFile(path).read() == frozenset()


def test_rows_that_are_whole_count_beside_those_that_are_not(tmp_path: Path):
    path = tmp_path / "approvals.json"
    ApprovalFile(path).add([ONE])
    rows = json.loads(path.read_text())["approvals"]
    path.write_text(json.dumps({"approvals": [*rows, {"server": "x"}, "y"]}))
    assert ApprovalFile(path).read() == {ONE}


def test_a_file_that_cannot_be_read_now_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = ApprovalFile(tmp_path / "approvals.json")
    file.add([ONE])
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", _fail)
        for change in (file.add, file.remove):
            with pytest.raises(OSError, match="too many open files"):
                change([TYPED])
        assert file.read(frozenset({ONE})) == {ONE}, "what was known goes on holding"
        assert file.read() == frozenset()
    assert file.read() == {ONE}


@pytest.mark.parametrize("text", ["{", '{"approvals": [{"server": "x"}]}', '{"approvals": 5}', "[]"])
def test_what_is_broken_is_kept_beside_before_it_is_written_over(tmp_path: Path, text: str):
    path = tmp_path / "approvals.json"
    path.write_text(text)
    assert ApprovalFile(path).add([ONE]) == {ONE}
    assert ApprovalFile(path).add([TYPED]) == {ONE, TYPED}
    (aside,) = (each for each in tmp_path.iterdir() if each != path)
    assert aside.read_text() == text


def _fail(_: Path) -> bytes:
    raise OSError("too many open files")
