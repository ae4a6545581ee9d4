"""The process that decodes pictures: takes one order, writes files, and says on its standard output what came of it."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bot.media.decoding.order import Kind, Order, Report, Verdict
from bot.media.encoding.confinement import confine

MEMORY = 1536 * 1024**2
"""Bytes of addresses this process may take: what wants more is not decoded."""


def main(arguments: list[str]) -> int:
    """Do what is ordered and report, always with exit code 0."""
    order = Order.from_json(arguments[0])
    confine(memory=MEMORY, largest_file=order.largest)
    with _silent_libraries():
        report = _carried_out(order)
    sys.stdout.write(report.to_json())
    return 0


def _carried_out(order: Order) -> Report:
    # Imported within the limits: whatever it takes counts.
    from bot.media.decoding.opening import TooManyPixels
    from bot.media.encoding.made import Unreadable

    try:
        return Report(Verdict.MADE, _made(order))
    except TooManyPixels:
        return Report(Verdict.PIXELS)
    except Unreadable:
        return Report(Verdict.UNREADABLE)
    except MemoryError:
        return Report(Verdict.HEAVY)


def _made(order: Order) -> tuple[str, ...]:
    sources, folder = [Path(each) for each in order.sources], Path(order.folder)
    match order.kind:
        case Kind.CLEAN:
            from bot.media.decoding.clean import write_clean

            return (write_clean(sources[0], folder),)
        case Kind.SMALL:
            from bot.media.decoding.small import write_small

            return write_small(sources, folder, order.side)
        case Kind.SHEET:
            from bot.media.decoding.small import write_sheet

            return (write_sheet(sources, order.numbers, folder),)
        case Kind.MASK:
            from bot.media.decoding.masks import write_mask

            return (write_mask(sources[0], folder),)
        case Kind.LAYER:
            from bot.media.decoding.masks import write_layer

            return (write_layer(sources[0], sources[1], folder),)


@contextmanager
def _silent_libraries() -> Generator[None]:
    """Keep what C libraries print about broken files out of the report."""
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
