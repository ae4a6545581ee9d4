"""`python -m bot [run | demo | check]`: read the command line and the settings, and hand over."""

import argparse
import asyncio
import importlib.util
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path

from bot.errors import ConfigError
from bot.observe import set_up
from bot.settings import load_settings

FINE, PROBLEMS = 0, 1
DEADLINE = 9.5
"""Seconds from a signal to the end of the process, whatever hangs: less than the ten it is promised to take."""
INSTALL_DEMO = (
    'The playground needs one more package. Install it with: pip install -c constraints.txt -e ".[demo]"'
)


def parser() -> argparse.ArgumentParser:
    """Return the command line; a mistake in it ends the program with 2."""
    top = argparse.ArgumentParser(
        prog="python -m bot", description="Make pictures, videos and sounds on your own ComfyUI from Discord."
    )
    commands = top.add_subparsers(dest="command", metavar="{run,demo,check}")
    commands.add_parser("run", help="run the bot (also without any word)")
    demo = commands.add_parser(
        "demo", help="try the bot in a page in the browser, without Discord and without a GPU"
    )
    demo.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    demo.add_argument("--port", default=8080, type=_port, help="port to listen on (%(default)s)")
    source = demo.add_mutually_exclusive_group()
    source.add_argument(
        "--comfyui",
        metavar="URL",
        help="use this ComfyUI (else the one at 127.0.0.1:8188 if it answers, else the stand-in)",
    )
    source.add_argument(
        "--stand-in",
        action="store_true",
        help="use a stand-in that paints demo pictures by itself, even if a ComfyUI answers",
    )
    check = commands.add_parser(
        "check", help="say what is wrong with settings, servers and workflows, and the remedy"
    )
    check.add_argument("--json", action="store_true", help="print JSON for machines")
    check.add_argument("--explain", metavar="NAME_OR_FILE", help="print what is found in one workflow")
    check.add_argument(
        "--object-info",
        metavar="FILE",
        type=Path,
        help="with --explain: a saved /object_info instead of a server's",
    )
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; return 0 when all is well and 1 when there were problems."""
    top = parser()
    arguments = top.parse_args(argv)
    if arguments.command == "check" and arguments.object_info and not arguments.explain:
        top.error("--object-info goes with --explain")
    try:
        match arguments.command:
            case "demo":
                return _demo(arguments)
            case "check":
                return _check(arguments)
            case _:
                return _run()
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return PROBLEMS
    except KeyboardInterrupt:
        return FINE


def _run() -> int:
    from bot.run import run

    return _finish(run(load_settings(), deadline=DEADLINE))


def _demo(arguments: argparse.Namespace) -> int:
    if importlib.util.find_spec("simcord") is None:
        sys.stderr.write(f"{INSTALL_DEMO}\n")
        return PROBLEMS
    from bot.demo.run import demo

    return _finish(
        demo(
            arguments.host,
            arguments.port,
            arguments.comfyui,
            stand_in=arguments.stand_in,
            deadline=DEADLINE,
        )
    )


def _check(arguments: argparse.Namespace) -> int:
    from bot.check import check

    # Whatever is wrong is said in the report; logs beside it would say it twice.
    set_up("CRITICAL")
    return _finish(check(arguments))


def _finish(work: Coroutine[None, None, int]) -> int:
    return asyncio.run(work)


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError("expected a port, a whole number from 0 to 65535")


if __name__ == "__main__":
    sys.exit(main())
