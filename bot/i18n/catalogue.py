"""The catalogue of one language: English sentences and names in, translated ones out, read once from its .po file."""

from collections.abc import Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
OVERRIDES = ".overrides"
"""Ends the name of a file that corrects a catalogue which is built from another one."""


def catalogues(folder: Path = LOCALE) -> tuple[str, ...]:
    """Return the names of the catalogues there are, such as `zh_CN`: adding a file adds a language."""
    return tuple(sorted(path.stem for path in folder.glob("*.po") if not path.stem.endswith(OVERRIDES)))


def load_catalogue(name: str, folder: Path = LOCALE) -> Catalog:
    """Return the catalogue in locale/<name>.po; a broken line in it is an error, not a missing sentence."""
    with (folder / f"{name}.po").open("rb") as file:
        return read_po(file, locale=name.removesuffix(OVERRIDES), abort_invalid=True)


def find(catalogue: Catalog | None, message: str, context: str | None = None) -> Sequence[str] | None:
    """Return the forms of a finished translation, one where the sentence knows no number."""
    # An empty id is the header of a catalogue, not a sentence.
    if catalogue is None or not message:
        return None
    entry = catalogue.get(message, context)
    if entry is None or entry.fuzzy or not entry.string:
        return None
    forms = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)
    return forms if all(forms) else None
