"""Everything the bot can say, it can say in Chinese; the catalogue holds nothing else."""

import re
import string
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry

from bot.i18n import LANGUAGES, extract
from bot.i18n.catalogue import catalogues, load_catalogue
from bot.i18n.source import Sentence

NAME = re.compile(r"[-_'\w]{1,32}")
"""Discord's own rule for the names of commands and options, which also must not have capitals."""


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return load_catalogue("zh_CN")


@pytest.fixture(scope="module")
def said() -> dict[tuple[str | None, str], Sentence]:
    """Everything the program may say; reading all of it takes a moment."""
    return extract.extract()


def entries(catalogue: Catalog) -> Iterator[tuple[Entry, tuple[str, ...], tuple[str, ...]]]:
    for entry in catalogue:
        if entry.id:
            ids = (entry.id,) if isinstance(entry.id, str) else tuple(entry.id)
            yield entry, ids, (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.fixture(scope="module", params=catalogues())
def any_catalogue(request: pytest.FixtureRequest) -> Catalog:
    return load_catalogue(request.param)


def test_every_sentence_has_a_translation(
    catalogue: Catalog, said: dict[tuple[str | None, str], Sentence]
) -> None:
    lacking = extract.missing(catalogue, said)
    told = [f"{each.path.name}:{each.line}: {each.context or ''} {each.message!r}" for each in lacking]
    assert not told, "translate what `python -m bot.i18n.extract` prints"


def test_traditional_chinese_is_said_in_its_own_script(
    said: dict[tuple[str | None, str], Sentence],
) -> None:
    taiwan = LANGUAGES["zh-TW"]
    assert taiwan.name("history", "command name") == "歷史"
    assert taiwan.t("Your history").startswith("你的歷史")
    assert not [key for key in said if taiwan.description(key[1]) is None and key[0] is None]


def test_no_translation_is_left_over(
    catalogue: Catalog, said: dict[tuple[str | None, str], Sentence]
) -> None:
    assert extract.unused(catalogue, said) == []


def test_plurals_are_plural_on_both_sides(
    catalogue: Catalog, said: dict[tuple[str | None, str], Sentence]
) -> None:
    plurals = {message: each.plural for (_, message), each in said.items()}
    for _, ids, _ in entries(catalogue):
        assert plurals[ids[0]] == (ids[1] if len(ids) > 1 else None), ids


def test_both_sides_have_the_same_placeholders(any_catalogue: Catalog) -> None:
    for _, ids, forms in entries(any_catalogue):
        # A singular may say "one" where the plural says {n}.
        wanted = placeholders(ids[-1])
        assert all(placeholders(form) == wanted for form in forms), (ids, forms)
        assert placeholders(ids[0]) <= wanted, ids


def test_translated_names_are_ones_that_discord_takes(any_catalogue: Catalog) -> None:
    for entry, ids, forms in entries(any_catalogue):
        for form in forms:
            assert form.strip() == form, ids
            if entry.context in ("command name", "option name", "group name"):
                assert NAME.fullmatch(form), form
                assert form == form.lower()


def test_names_in_one_place_differ(any_catalogue: Catalog) -> None:
    for context in ("command name", "option name"):
        names = [forms[0] for entry, _, forms in entries(any_catalogue) if entry.context == context]
        assert len(names) == len(set(names)), context


def test_the_image_server_is_called_the_same_everywhere(catalogue: Catalog) -> None:
    """Discord's own "servers" are meant where only 服务器 is said."""
    other = [
        said
        for _, ids, texts in entries(catalogue)
        if any("image server" in each.casefold() for each in ids)
        for said in texts
        if "绘图服务器" not in said
    ]
    assert other == []
