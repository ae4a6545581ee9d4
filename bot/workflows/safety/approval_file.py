"""The file in which the decisions of operators about node classes are kept."""

import json
import logging
import os
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from bot.workflows.model.approvals import Approval

log = logging.getLogger(__name__)


def approvals_in(data_dir: Path) -> Path:
    """Return where the decisions lie in the bot's own folder."""
    return data_dir / "approvals.json"


class ApprovalFile:
    """Decisions in a JSON file, the whole of which is replaced with each change. Every method blocks."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, last: frozenset[Approval] = frozenset()) -> frozenset[Approval]:
        """Return what is decided: of a broken file what is whole in it, of one that cannot be read now `last`."""
        try:
            return self._read()[0]
        except OSError as error:
            log.error("%s cannot be read: %s", self._path.name, error)  # noqa: TRY400 - no news for a traceback
            return last

    def add(self, approvals: Iterable[Approval]) -> frozenset[Approval]:
        """Add decisions and return all there are; raises OSError when they cannot be kept."""
        return self._write(self._kept() | frozenset(approvals))

    def remove(self, approvals: Iterable[Approval]) -> frozenset[Approval]:
        """Take decisions back and return those that are left; raises OSError when that cannot be kept."""
        return self._write(self._kept() - frozenset(approvals))

    def _read(self) -> tuple[frozenset[Approval], bool]:
        """Return what is decided, and whether the file is whole; raises OSError when it cannot be read."""
        try:
            raw: object = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return frozenset(), True
        except (ValueError, RecursionError) as error:
            log.error("%s is broken, so nothing in it is approved: %s", self._path.name, error)  # noqa: TRY400 - no news for a traceback
            return frozenset(), False
        listed = cast("dict[str, Any]", raw).get("approvals") if isinstance(raw, dict) else None
        rows = cast("list[object]", listed) if isinstance(listed, list) else [None]
        found = [_approval(row) for row in rows]
        return frozenset(each for each in found if each is not None), None not in found

    def _kept(self) -> frozenset[Approval]:
        """Return what is decided before it is written over; a copy of a broken file stays beside it."""
        approvals, whole = self._read()
        if not whole:
            shutil.copy2(self._path, self._path.with_name(f"{self._path.name}.{uuid.uuid4().hex}.broken"))
        return approvals

    def _write(self, approvals: frozenset[Approval]) -> frozenset[Approval]:
        rows = [
            {
                "server": each.server,
                "pack": each.pack,
                "class": each.class_type,
                "input": each.input,
                "value": each.value,
            }
            for each in approvals
        ]
        rows.sort(key=str)
        text = json.dumps({"approvals": rows}, ensure_ascii=False, indent=1)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_name(f".{uuid.uuid4().hex}.part")
        try:
            with partial.open("x", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._path)
        finally:
            partial.unlink(missing_ok=True)
        return approvals


def _approval(row: object) -> Approval | None:
    """Return a row as a decision, `None` for one that is not whole: it decides nothing."""
    fields = cast("dict[str, object]", row) if isinstance(row, dict) else {}
    texts = [fields.get(key) for key in ("server", "pack", "class", "input")]
    value = fields.get("value", 0)
    if not all(isinstance(each, str) for each in texts) or not (value is None or isinstance(value, str)):
        return None
    server, pack, class_type, name = cast("list[str]", texts)
    return Approval(server=server, pack=pack, class_type=class_type, input=name, value=value)
