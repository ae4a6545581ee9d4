"""Files put into the folder of the workflows and taken out: whole, under clean names, and never lost."""

from pathlib import Path

import pytest

from bot.errors import UserError
from bot.workflows.library.workflow_files import (
    Filing,
    WorkflowFiles,
    clean_name,
    with_automatic,
    with_command,
)


@pytest.fixture
def shelf(tmp_path: Path) -> WorkflowFiles:
    return WorkflowFiles(tmp_path / "workflows", {".json", ".png"})


def names(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("My Portrait!", "My-Portrait"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\evil", "evil"),
        ("人像 摄影", "人像-摄影"),
        ("default@t95.api", "default-t95"),
        (".hidden", "hidden"),
        ("con", "con-workflow"),
        ("a" * 300, "a" * 50),
        ("x\x00y\n", "x-y"),
    ],
)
def test_names_are_clean(given: str, cleaned: str) -> None:
    assert clean_name(given) == cleaned


@pytest.mark.parametrize("given", ["", "///", "…", " . "])
def test_names_without_anything_are_refused(given: str) -> None:
    with pytest.raises(UserError):
        clean_name(given)


def test_replacing_keeps_what_was_there_and_the_manifest(shelf: WorkflowFiles) -> None:
    shelf.put(Filing("Cat", ".json", b"1", b"nsfw = true"))
    assert names(shelf.directory) == ["Cat.json", "Cat.toml"]
    assert shelf.taken("CAT")
    assert shelf.free_name("cat") == "cat-2"
    shelf.put(Filing("cat", ".png", b"2"))
    assert (shelf.directory / "cat.png").read_bytes() == b"2"
    assert shelf.manifest("CAT") == b"nsfw = true"
    left = [each for each in names(shelf.directory) if not each.startswith("removed")]
    assert left == ["cat.png", "cat.toml"]
    kept = {each.name: each.read_bytes() for each in shelf.directory.glob("removed/*/*")}
    assert kept == {"Cat.json": b"1", "Cat.toml": b"nsfw = true"}


def test_taking_away_and_putting_back(shelf: WorkflowFiles) -> None:
    shelf.put(Filing("cat", ".json", b"1", b"nsfw = true"))
    before = shelf.stamps()
    stamp = shelf.take_away("CAT")
    assert stamp is not None
    assert not shelf.taken("cat")
    assert shelf.stamps() == {}
    assert shelf.take_away("cat") is None
    shelf.put(Filing("cat", ".json", b"other"))
    with pytest.raises(UserError, match="another workflow called cat"):
        shelf.put_back(stamp)
    other = shelf.take_away("cat")
    assert other not in {None, stamp}
    assert shelf.put_back(stamp) == "cat"
    assert shelf.stamps() == before
    for wrong in (stamp, "../..", "20200101-000000", ""):
        with pytest.raises(UserError, match="no longer"):
            shelf.put_back(wrong)


def test_a_write_that_fails_leaves_everything_as_it_was(
    shelf: WorkflowFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.put(Filing("cat", ".json", b"1"))

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(UserError, match="No space left on device"):
            shelf.put(Filing("cat", ".json", b"22"))
    assert (shelf.directory / "cat.json").read_bytes() == b"1"
    assert [each for each in names(shelf.directory) if each.endswith(".part")] == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", 'command = "cat"\n'),
        ("nsfw = true\n", 'command = "cat"\nnsfw = true\n'),
        (
            '# mine\ncommand = "old" # why\n[parameters.prompt]\n',
            '# mine\ncommand = "cat"\n[parameters.prompt]\n',
        ),
        ('[parameters.x]\ncommand = "no"\n', 'command = "cat"\n[parameters.x]\ncommand = "no"\n'),
    ],
)
def test_a_command_is_written_without_touching_the_rest(text: str, written: str) -> None:
    assert with_command(text, "cat") == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", '[parameters.model]\ndefault = "auto"\n'),
        ("nsfw = true\n", 'nsfw = true\n\n[parameters.model]\ndefault = "auto"\n'),
        ("[parameters.model]\nhidden = true\n", None),
        ("nsfw = tr", None),
    ],
)
def test_a_model_is_made_automatic_unless_the_manifest_speaks_of_it(text: str, written: str | None) -> None:
    assert with_automatic(text, ["model"]) == written


def test_a_manifest_that_cannot_be_read_is_left_alone(shelf: WorkflowFiles) -> None:
    shelf.put(Filing("cat", ".json", b"1", b"nsfw = tr"))
    with pytest.raises(UserError, match='write `command = "cat"`'):
        shelf.give_command("cat", "cat")
    assert shelf.manifest("cat") == b"nsfw = tr"
