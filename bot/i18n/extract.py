"""List every sentence the code can say, and compare it with a catalogue: `python -m bot.i18n.extract [zh_CN]`."""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bot.i18n.catalogue import catalogues, find, load_catalogue
from bot.i18n.source import Sentence, sentences_in

ROOT = Path(__file__).parents[2]


def sources(root: Path = ROOT) -> list[Path]:
    """Return the modules that may speak to people."""
    return sorted(path for room in ("bot", "cogs") for path in (root / room).rglob("*.py"))


def extract(root: Path = ROOT) -> dict[tuple[str | None, str], Sentence]:
    """Return every sentence by context and message id, in the order of the files."""
    found: dict[tuple[str | None, str], Sentence] = {}
    for sentence in sentences_in(sources(root)):
        known = found.setdefault((sentence.context, sentence.message), sentence)
        if known.plural is None and sentence.plural is not None:
            found[sentence.context, sentence.message] = sentence
    return found


def missing(catalogue: Catalog, sentences: dict[tuple[str | None, str], Sentence]) -> list[Sentence]:
    """Return the sentences that have no finished translation."""
    return [
        sentence
        for (context, message), sentence in sentences.items()
        if not find(catalogue, message, context)
    ]


def unused(
    catalogue: Catalog, sentences: dict[tuple[str | None, str], Sentence]
) -> list[tuple[str | None, str]]:
    """Return the entries of the catalogue that the code never says."""
    entries = [
        (entry.context, entry.id if isinstance(entry.id, str) else entry.id[0])
        for entry in catalogue
        if entry.id
    ]
    return [entry for entry in entries if entry not in sentences]


def main(name: str = "zh_CN") -> int:
    """Print what is missing, ready to be pasted into the catalogue, and what is unused; 0 when nothing is.

    A catalogue that is not there yet misses everything.
    """
    catalogue = load_catalogue(name) if name in catalogues() else Catalog(locale=name)
    sentences = extract()
    lacking, idle = missing(catalogue, sentences), unused(catalogue, sentences)
    paste = Catalog(locale=name, header_comment="")
    for sentence in lacking:
        id_ = (sentence.message, sentence.plural) if sentence.plural else sentence.message
        paste.add(
            id_, context=sentence.context, locations=[(str(sentence.path.relative_to(ROOT)), sentence.line)]
        )
    sys.stdout.flush()
    write_po(sys.stdout.buffer, paste, omit_header=True, width=0)
    for context, message in idle:
        sys.stderr.write(f"unused: {context or '-'}: {message!r}\n")
    return 1 if lacking or idle else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
