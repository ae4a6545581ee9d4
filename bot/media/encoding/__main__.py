"""The process that makes one file smaller: says on its standard output what came of it."""

import json
import sys
import time
from pathlib import Path

from bot.media.encoding.confinement import confine, largest_result
from bot.media.encoding.kinds import HEAD_BYTES, Content, Family, recognised
from bot.media.encoding.made import Made, Missing, Task, Unreadable
from bot.media.encoding.outcome import Outcome

MEMORY = 4 * 1024**3
"""Bytes of addresses this process may take: a file that wants more is not decoded."""


def main(arguments: list[str]) -> int:
    """Make the file smaller and say how it ended: `{"outcome": …, "path": …, "how": …}`, always exit code 0."""
    source, stem, limit, seconds = arguments
    confine(memory=MEMORY, largest_file=largest_result(int(limit)))
    task = Task(Path(source), Path(stem), int(limit), time.monotonic() + float(seconds))
    outcome, detail, path = _attempt(task)
    sys.stdout.write(json.dumps({"outcome": outcome, "how": detail, "path": path}))
    return 0


def _attempt(task: Task) -> tuple[Outcome, str, str | None]:
    with task.source.open("rb") as file:
        content = recognised(file.read(HEAD_BYTES))
    if content is None:
        return Outcome.UNREADABLE, "nothing that is known", None
    try:
        made = _made(task, content)
    except Unreadable as error:
        return Outcome.UNREADABLE, str(error), None
    except MemoryError:
        return Outcome.UNREADABLE, "takes too much memory", None
    except Missing as error:
        return Outcome.MISSING, str(error), None
    if made is None:
        return Outcome.NOTHING_FITS, "", None
    return Outcome.MADE, made.how, str(made.path)


def _made(task: Task, content: Content) -> Made | None:
    if content.family is Family.PICTURE:
        from bot.media.encoding.pictures import shrink_picture

        return shrink_picture(task, content)
    try:
        import av.logging as av_logging
    except ImportError as error:
        raise Missing("PyAV") from error
    av_logging.set_level(av_logging.FATAL)
    from bot.media.encoding.measure import measured
    from bot.media.encoding.sounds import shrink_sound
    from bot.media.encoding.videos import shrink_video

    footage = measured(task.source, content)
    return (shrink_video if footage.width else shrink_sound)(task, content, footage)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
