"""Traditional Chinese is made from simplified, corrected by hand, and known to be stale when its sources change."""

from pathlib import Path

import pytest

from bot.i18n import build
from bot.i18n.catalogue import find, load_catalogue

HEAD = 'msgid ""\nmsgstr "Language: zh\\n"\n'
SOURCE = """
msgid "file"
msgstr "文件"

msgctxt "option name"
msgid "file"
msgstr "文件"

msgid "One file"
msgid_plural "{n} files"
msgstr[0] "{n} 个文件"
"""
CORRECTION = """
msgid "file"
msgstr "檔"
"""


def spoken(text: str) -> str:
    return text.replace("文件", "檔案").replace("个", "個")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "zh_CN.po").write_text(HEAD + SOURCE, encoding="utf-8")
    (tmp_path / "zh_TW.overrides.po").write_text(HEAD + CORRECTION, encoding="utf-8")
    build.build(tmp_path, spoken)
    return tmp_path


def test_everything_is_converted_and_a_correction_goes_first(folder: Path) -> None:
    catalogue = load_catalogue("zh_TW", folder)
    assert find(catalogue, "file") == ("檔",)
    assert find(catalogue, "file", "option name") == ("檔案",)
    assert find(catalogue, "One file") == ("{n} 個檔案",)


def test_words_are_those_that_are_said() -> None:
    assert build.reworded("“引數”") == "「參數」"


@pytest.mark.parametrize("name", ["zh_CN", "zh_TW.overrides"])
def test_a_change_of_a_source_makes_it_stale_but_its_order_does_not(folder: Path, name: str) -> None:
    assert not build.is_stale(folder)
    file = folder / f"{name}.po"
    first, *rest = file.read_text(encoding="utf-8").split("\n\n")
    file.write_text("\n\n".join([first, *reversed(rest)]) + "\n# said where\n", encoding="utf-8")
    assert not build.is_stale(folder)
    file.write_text(file.read_text(encoding="utf-8").replace("file", "flie", 1), encoding="utf-8")
    assert build.is_stale(folder)


def test_what_is_kept_is_what_its_sources_make() -> None:
    assert not build.is_stale(), "run `python -m bot.i18n.build`"


def test_who_has_no_opencc_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opencc", None)
    assert build.main() == 1
    assert "OpenCC is needed" in capsys.readouterr().err
