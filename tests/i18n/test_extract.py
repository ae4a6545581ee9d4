"""Sentences are found wherever the code can say them."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from bot.i18n import extract
from bot.i18n.source import sentences_in

MODULE = '''
class QueueFull(UserError):
    """A refusal of its own."""

    def __init__(self) -> None:
        super().__init__("Nothing fits any more.")


class StillFuller(QueueFull):
    """Another one."""


class Studio(app_commands.Group, name="studio", description="Everything about it"):
    """A group."""

    @app_commands.command(description="Paint something")
    @app_commands.describe(look="How it looks")
    @app_commands.rename(look="style")
    @app_commands.choices(look=[Choice(name="Film", value="film"), Choice(name="1:1", value="1")])
    async def paint(self, interaction: Interaction[Bot], prompt: str, look: str = "") -> None:
        lang.t("Painting " "{prompt}", prompt=prompt)
        lang.t("yes" if look else "no")
        lang.n("{n} picture", "{n} pictures", 2)
        lang.t(variable)
        raise StillFuller("And {more}", more=N_("later"))


class Cog(commands.GroupCog, group_name="cog", group_description="A cog"):
    """A cog."""


other = app_commands.Group(name="other", description=locale_str("Other things"))


@tree.context_menu(name="View")
async def look(interaction, message):
    return Message("Seen"), t("")
'''


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "bot" / "module.py"
    path.parent.mkdir()
    (tmp_path / "cogs").mkdir()
    path.write_text(MODULE, encoding="utf-8")
    return path


def test_sentences_names_and_descriptions_are_found(module: Path) -> None:
    found = {(sentence.context, sentence.message) for sentence in sentences_in([module])}
    assert found == {
        (None, "Nothing fits any more."),
        ("group name", "studio"),
        (None, "Everything about it"),
        ("command name", "paint"),
        (None, "Paint something"),
        (None, "How it looks"),
        ("option name", "prompt"),
        ("option name", "style"),
        ("choice", "Film"),
        (None, "Painting {prompt}"),
        (None, "yes"),
        (None, "no"),
        (None, "{n} picture"),
        (None, "And {more}"),
        (None, "later"),
        ("group name", "cog"),
        (None, "A cog"),
        ("group name", "other"),
        (None, "Other things"),
        ("command name", "View"),
        (None, "Seen"),
    }


def test_what_is_missing_and_what_is_unused_is_told(
    module: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    catalogue = Catalog(locale="zh_CN")
    catalogue.add("Seen", "看到了")
    catalogue.add("Gone", "没了")
    monkeypatch.setattr(extract, "ROOT", module.parents[1])
    monkeypatch.setattr(extract, "load_catalogue", lambda name: catalogue)
    sentences = extract.extract(module.parents[1])
    monkeypatch.setattr(extract, "extract", lambda: sentences)
    assert sentences[None, "{n} picture"].plural == "{n} pictures"
    assert extract.main() == 1
    out, err = capfdbinary.readouterr()
    assert b'msgctxt "option name"\nmsgid "style"' in out
    assert b'msgid_plural "{n} pictures"' in out
    assert b"Seen" not in out
    assert err.decode().splitlines() == ["unused: -: 'Gone'"]
    # Another language begins with everything.
    assert extract.main("pl") == 1
    out, err = capfdbinary.readouterr()
    assert b'msgid "Seen"' in out
    assert out.count(b"msgstr[") == 3
    assert not err
