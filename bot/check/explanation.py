"""Print what is found in one workflow file, by itself or against a server's node classes."""

import asyncio
import json
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from bot.check.report import print_json, print_lines
from bot.check.servers import check_servers, kept_infos
from bot.errors import ConfigError
from bot.settings import Settings, load_settings
from bot.workflows import ApprovalFile, ObjectInfo, approvals_in, explain_with_manifest
from bot.workflows.library.sources import ENDINGS, JSON
from bot.workflows.model.approvals import Trust

SHOWN = 80
"""Characters of a default that are printed; the manifest below has all of it."""


async def print_explanation(arguments: Namespace) -> int:
    """Print one workflow's explanation; return 1 when it has an error, and raise ConfigError when it is not there."""
    saved: Path | None = arguments.object_info
    settings = load_settings(require_token=False)
    file = await asyncio.to_thread(_find, arguments.explain, settings.workflows.directory)
    info = ObjectInfo(await asyncio.to_thread(_read, saved)) if saved is not None else await _ask(settings)
    approved = await asyncio.to_thread(ApprovalFile(approvals_in(settings.data_dir)).read)
    trust = Trust(tuple(settings.workflows.allow_nodes), approved)
    found, manifest = await asyncio.to_thread(explain_with_manifest, file, info, trust)
    if arguments.json:
        print_json(found)
    else:
        print_lines([*_lines(file, found, known=info is not None), *_beginning(file, manifest)])
    return 1 if any(problem["severity"] == "error" for problem in found["problems"]) else 0


def _find(wanted: str, directory: Path) -> Path:
    """Return the file meant: a path as it is, else a name in the folder of workflows, in any capitals."""
    path = Path(wanted).expanduser()
    if path.is_file():
        return path
    there = directory.iterdir() if directory.is_dir() else ()
    files = [each for each in there if each.suffix.lower() in ENDINGS and each.is_file()]
    files.sort(key=lambda each: (each.suffix.lower() != JSON, each.name))
    for each in files:
        if wanted.casefold() in (each.name.casefold(), each.stem.casefold()):
            return each
    names = ", ".join(dict.fromkeys(each.stem for each in files)) or "none"
    raise ConfigError(
        f"There is no file {wanted} and no workflow of that name in {directory}. There are: {names}."
    )


def _read(file: Path) -> Mapping[str, Any]:
    try:
        raw: object = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise ConfigError(f"{file} cannot be read: {problem.strerror}.") from None
    except ValueError:
        raise ConfigError(
            f"{file} is not valid JSON; save it with: curl -o FILE http://…/object_info"
        ) from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{file} is not what ComfyUI answers at /object_info.")
    return cast("Mapping[str, Any]", raw)


async def _ask(settings: Settings) -> ObjectInfo | None:
    """Return the node classes of the first server that answers, else those that one told the bot last."""
    answers = await check_servers(settings.comfyui)
    if answers.infos:
        return answers.infos[0]
    return next(iter(await kept_infos(settings.comfyui, settings.data_dir / "cache")), None)


def _lines(file: Path, found: Mapping[str, Any], *, known: bool) -> list[str]:
    lines = [f"{file} ({found['format']} format)"]
    if not known:
        lines.append(
            "No server told its node classes, so types, ranges and choices are guessed from the file alone."
        )
    lines.append("\nParameters:")
    lines += [_parameter(each) for each in found["parameters"]] or ["  none"]
    lines.append("\nOutputs:")
    lines += [f"  {each['kind']} from node {each['node']}" for each in found["outputs"]] or ["  none"]
    if found["problems"]:
        lines.append("\nProblems:")
        lines += [f"  {each['severity']}: {each['text']}" for each in found["problems"]]
    return lines


def _beginning(file: Path, manifest: str) -> list[str]:
    return [f"\nA manifest to start from, {file.with_suffix('.toml').name}:\n", *manifest.splitlines()]


def _parameter(parameter: Mapping[str, Any]) -> str:
    low, high = parameter["minimum"], parameter["maximum"]
    default = parameter["default"]
    parts = [
        parameter["type"],
        f"{low} to {high}" if low is not None and high is not None else "",
        f"{len(parameter['choices'])} choices" if parameter["choices"] else "",
        f"default {_short(repr(default))}" if default is not None else "",
        _places(parameter),
    ]
    return f"  {parameter['name']}: " + "; ".join(part for part in parts if part)


def _places(parameter: Mapping[str, Any]) -> str:
    places = ", ".join(f"{node}.{name}" for node, name in parameter["targets"])
    return f"at {places} ({parameter['why']})" if places else ""


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
