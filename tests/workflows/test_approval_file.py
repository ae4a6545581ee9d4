"""Decisions of operators are kept whole, and a file that is broken decides nothing."""

import json
from pathlib import Path

import pytest

from bot.workflows.approval_file import ApprovalFile
from bot.workflows.approvals import Approval

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
