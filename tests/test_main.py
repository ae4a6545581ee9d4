"""The command line hands over to the right room and ends with the right code."""

import argparse
import asyncio
import importlib.util
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot import __main__ as program
from bot.errors import ConfigError

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `.env` of the developer's own and no token from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(program, "set_up", lambda level: None)
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple[Any, ...]]]:
    """Put a recorder in the place of one function of one room."""

    def replace(module: str, name: str, result: int | BaseException) -> list[tuple[Any, ...]]:
        calls: list[tuple[Any, ...]] = []

        async def recorder(*arguments: Any, deadline: float = 0.0, **options: Any) -> int:
            assert deadline < 10, "told to stop, it ends within ten seconds"
            calls.append((*arguments, *options.values()))
            if isinstance(result, BaseException):
                raise result
            return result

        stand_in = types.ModuleType(module)
        setattr(stand_in, name, recorder)
        monkeypatch.setitem(sys.modules, module, stand_in)
        return calls

    return replace


@pytest.mark.parametrize("words", [[], ["run"]])
def test_no_word_means_run(
    words: list[str], room: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a.b.c")
    calls = room("bot.run", "run", 0)
    assert program.main(words) == 0
    assert calls[0][0].discord.token.get_secret_value() == "a.b.c"


def test_run_with_wrong_settings_says_so_and_ends_with_1(
    room: Callable[..., list[Any]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMITS_COUNT", "none at all")
    calls = room("bot.run", "run", 0)
    assert program.main([]) == 1
    told = capsys.readouterr().err
    assert "DISCORD_TOKEN" in told
    assert "LIMITS_COUNT" in told
    assert "Traceback" not in told
    assert not calls


def test_demo_takes_where_to_listen_and_needs_no_settings(room: Callable[..., list[Any]]) -> None:
    pytest.importorskip("simcord")
    calls = room("bot.demo.run", "demo", 0)
    assert program.main(["demo"]) == 0
    assert program.main(["demo", "--host", "0.0.0.0", "--port", "0", "--comfyui", "http://gpu:8188"]) == 0
    assert program.main(["demo", "--stand-in"]) == 0
    assert calls == [
        ("127.0.0.1", 8080, None, False),
        ("0.0.0.0", 0, "http://gpu:8188", False),
        ("127.0.0.1", 8080, None, True),
    ]


def test_demo_without_its_package_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "simcord" else found(name))
    assert program.main(["demo"]) == 1
    assert "[demo]" in capsys.readouterr().err


def test_check_is_handed_its_arguments_and_its_code_comes_back(room: Callable[..., list[Any]]) -> None:
    calls = room("bot.check", "check", 1)
    assert program.main(["check", "--explain", "txt2img", "--object-info", "info.json", "--json"]) == 1
    assert program.main(["check"]) == 1
    wanted: argparse.Namespace = calls[0][0]
    assert (wanted.explain, wanted.object_info, wanted.json) == ("txt2img", Path("info.json"), True)
    assert (calls[1][0].explain, calls[1][0].object_info, calls[1][0].json) == (None, None, False)


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 0), (ConfigError("The database is gone."), 1)]
)
def test_an_interrupt_is_quiet_and_a_wrong_configuration_is_one_sentence(
    error: BaseException, code: int, room: Callable[..., list[Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    room("bot.check", "check", error)
    assert program.main(["check"]) == code
    assert capsys.readouterr().err == ("The database is gone.\n" if code else "")


@pytest.mark.parametrize(
    "words",
    [
        ["dance"],
        ["check", "--loud"],
        ["demo", "--port", "x"],
        ["demo", "--port", "70000"],
        ["demo", "--stand-in", "--comfyui", "http://gpu:8188"],
        ["check", "--object-info", "a"],
    ],
)
def test_a_wrong_command_line_ends_with_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(words)
    assert ended.value.code == 2


async def test_it_is_a_program() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "--help", stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    out, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert b"demo" in out
