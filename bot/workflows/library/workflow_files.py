"""Putting workflow files into the folder and taking them out: whole or not at all, and never lost."""

import os
import re
import shutil
import tomllib
import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import UserError
from bot.workflows.library.sources import REMOVED

LONGEST = 50
MANIFEST = ".toml"
_UNFIT = re.compile(r"[^\w.-]+")
_FORMAT = re.compile(r"\.(api|ui|workflow)$", re.IGNORECASE)
"""What people add to file names to tell ComfyUI's formats apart."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_STAMP = re.compile(r"\d{8}-\d{6}(-\d{1,3})?")
_COMMAND = re.compile(r"^[ \t]*command[ \t]*=.*$", re.MULTILINE)
_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Filing:
    """A workflow to be put into the folder; without a manifest, one that is there already stays."""

    name: str
    ending: str
    data: bytes
    manifest: bytes | None = None


def clean_name(text: str) -> str:
    """Return what a workflow can be called as a file on any system; raises `UserError` when nothing is left."""
    text = unicodedata.normalize("NFC", text).replace("\\", "/").rpartition("/")[2]
    name = _UNFIT.sub("-", _FORMAT.sub("", text)).strip("-._")[:LONGEST].strip("-._")
    if not name:
        raise UserError("Please give it a name of letters or digits.")
    return f"{name}-workflow" if _RESERVED.fullmatch(name.split(".")[0]) else name


class WorkflowFiles:
    """The folder the workflows lie in. Every method blocks; raises `UserError` when the folder cannot be written."""

    def __init__(self, directory: Path, endings: Iterable[str]) -> None:
        self.directory = directory
        self._endings = frozenset(endings)

    def files(self, name: str) -> tuple[Path, ...]:
        """Return the files of a workflow of that name in any capitals, its manifest last."""
        folded = name.casefold()
        try:
            found = [each for each in self.directory.iterdir() if each.stem.casefold() == folded]
        except OSError:
            return ()
        kept = [each for each in found if each.suffix.lower() in {*self._endings, MANIFEST}]
        return tuple(sorted(kept, key=lambda each: (each.suffix.lower() == MANIFEST, each.name)))

    def stamps(self) -> dict[str, tuple[tuple[str, int, int], ...]]:
        """Return names, times and sizes of every workflow's files, by its name: equal as long as none was changed."""
        found: dict[str, list[tuple[str, int, int]]] = {}
        try:
            for each in sorted(self.directory.iterdir()):
                if each.suffix.lower() in {*self._endings, MANIFEST}:
                    state = each.stat()
                    found.setdefault(each.stem, []).append((each.name, state.st_mtime_ns, state.st_size))
        except OSError:
            return {}
        return {
            name: tuple(files)
            for name, files in found.items()
            if any(not file.lower().endswith(MANIFEST) for file, _, _ in files)
        }

    def taken(self, name: str) -> bool:
        """Tell whether there is a workflow of that name in any capitals."""
        return any(each.suffix.lower() != MANIFEST for each in self.files(name))

    def free_name(self, name: str) -> str:
        """Return the name with a number behind it that no file has."""
        number = 2
        while self.files(tail := f"{name[: LONGEST - 5]}-{number}"):
            number += 1
        return tail

    def manifest(self, name: str) -> bytes | None:
        """Return the manifest that lies there for a workflow."""
        beside = [each for each in self.files(name) if each.suffix.lower() == MANIFEST]
        return beside[0].read_bytes() if beside else None

    def put(self, filing: Filing) -> None:
        """Write a workflow's files, each whole or not at all; what is replaced goes to `removed/`."""
        target = self.directory / f"{filing.name}{filing.ending}"
        beside = self.directory / f"{filing.name}{MANIFEST}"
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            former = self.files(filing.name)
            if former:
                self._copy(former)
            kept = filing.manifest if filing.manifest is not None else self.manifest(filing.name)
            if kept is not None:
                _write(beside, kept)
            _write(target, filing.data)
            for each in former:
                if not any(_same(each, new) for new in (target, beside)):
                    each.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(error) from error

    def take_away(self, name: str) -> str | None:
        """Move a workflow's files to `removed/`; return where in it they lie, None when there were none."""
        files = self.files(name)
        if not files:
            return None
        try:
            place = self._place()
            for each in files:
                each.replace(place / each.name)
        except OSError as error:
            raise cannot_write(error) from error
        return place.name

    def put_back(self, stamp: str) -> str:
        """Move files taken away back; return the workflow's name; raises `UserError` when that cannot be done."""
        place = self.directory / REMOVED / stamp
        if not _STAMP.fullmatch(stamp) or not place.is_dir():
            raise UserError("These files are no longer in `removed/`.")
        files = sorted(place.iterdir(), key=lambda each: each.suffix.lower() == MANIFEST)
        if not files:
            raise UserError("These files are no longer in `removed/`.")
        name = files[0].stem
        if self.taken(name):
            raise UserError("There is another workflow called {name} now.", name=name)
        try:
            for each in reversed(files):
                each.replace(self.directory / each.name)
            place.rmdir()
        except OSError as error:
            raise cannot_write(error) from error
        return name

    def give_command(self, name: str, command: str) -> None:
        """Write an own command into a workflow's manifest, and leave everything else in it as it is."""
        text = (self.manifest(name) or b"").decode("utf-8-sig")
        new = with_command(text, command)
        own = next((each.stem for each in self.files(name) if each.suffix.lower() != MANIFEST), name)
        try:
            _write(self.directory / f"{own}{MANIFEST}", new.encode())
        except OSError as error:
            raise cannot_write(error) from error

    def _copy(self, files: Iterable[Path]) -> None:
        place = self._place()
        for each in files:
            shutil.copy2(each, place / each.name)

    def _place(self) -> Path:
        """Make a new folder in `removed/` called by the time."""
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        for number in range(1, 1000):
            place = self.directory / REMOVED / (stamp if number == 1 else f"{stamp}-{number}")
            try:
                place.mkdir(parents=True)
            except FileExistsError:
                continue
            return place
        raise FileExistsError(stamp)


def with_command(text: str, command: str) -> str:
    """Return a manifest's text that names an own command; raises `UserError` when it cannot be changed so."""
    table = _TABLE.search(text)
    head, tail = (text[: table.start()], text[table.start() :]) if table else (text, "")
    line = f'command = "{command}"'
    new = _COMMAND.sub(lambda _: line, head, count=1) if _COMMAND.search(head) else f"{line}\n{head}"
    try:
        said = tomllib.loads(new + tail).get("command")
    except tomllib.TOMLDecodeError:
        said = None
    if said != command:
        raise UserError(
            'The manifest cannot be changed by me. Please write `command = "{command}"` into it.',
            command=command,
        )
    return new + tail


def with_automatic(text: str, parameters: Iterable[str]) -> str | None:
    """Return a manifest's text in which these model parameters take what the server has; None where it speaks of one already."""
    try:
        said = tomllib.loads(text).get("parameters", {})
    except tomllib.TOMLDecodeError:
        return None
    names = list(parameters)
    if any(name in said for name in names):
        return None
    tables = "".join(f'\n[parameters.{name}]\ndefault = "auto"\n' for name in names)
    return f"{text.rstrip()}\n{tables}".lstrip("\n")


def cannot_write(error: OSError) -> UserError:
    """Say that the folder cannot be written, and what to do."""
    return UserError(
        "The folder of the workflows cannot be written ({reason}). Let the bot write there, or put the file there"
        " yourself.",
        reason=error.strerror or type(error).__name__,
    )


def _write(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, even when the machine stops on the way."""
    partial = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
