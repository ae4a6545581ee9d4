"""Pictures decoded in other processes: few at once, bounded, cancellable, without a trace when it fails."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.errors import UserError
from bot.media.decoding.order import Kind, Order, Report, Verdict
from bot.ui.files import child_process
from bot.ui.files import decoder as module
from bot.ui.files.decoder import Decoder
from tests.jobs.samples import eventually
from tests.media.decoding.samples import bomb, encoded, photo, picture
from tests.ui.receiving import decoder_in, left_in

ALICE, BOB, CAROL = 1, 2, 3


def kept(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


async def cleaned(decoder: Decoder, path: Path, person: int = ALICE) -> bytes:
    async with decoder.clean(path, path.name, person=person) as clean:
        return clean.read_bytes()


async def test_every_kind_of_order_is_carried_out_and_nothing_is_left(tmp_path: Path) -> None:
    decoder = decoder_in(tmp_path)
    one = kept(tmp_path, "one.jpg", encoded(photo(), "JPEG"))
    none = kept(tmp_path, "none.png", b"not a picture")
    assert len(await cleaned(decoder, one)) <= one.stat().st_size
    small = await decoder.small([one, none], 64, person=ALICE)
    assert (small[0] or b"")[:4] == b"RIFF"
    assert small[1] is None
    assert (await decoder.sheet({3: one, 5: none}, person=ALICE) or b"")[:4] == b"RIFF"
    assert await decoder.sheet({1: none}, person=ALICE) is None
    assert await decoder.sheet({}, person=ALICE) is None
    async with decoder.mask(one, "one.jpg", person=ALICE) as mask:
        assert mask.suffix == ".png"
        async with decoder.layer(mask, one, "one.jpg", person=ALICE) as layer:
            assert layer.read_bytes()[:4] == b"\x89PNG"
    assert left_in(tmp_path / "work") == []


@pytest.mark.parametrize(
    ("data", "sentence"), [(b"nothing", "not a picture"), (bomb(9000, 9000), "too many pixels")]
)
async def test_what_is_wrong_is_told(data: bytes, sentence: str, tmp_path: Path) -> None:
    decoder = decoder_in(tmp_path)
    with pytest.raises(UserError, match=sentence):
        await cleaned(decoder, kept(tmp_path, "x.png", data))
    assert left_in(tmp_path / "work") == []


async def test_one_at_a_time_per_person_and_two_in_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[str] = []
    most: list[int] = []
    doors: dict[str, asyncio.Event] = {}

    async def run(_module: str, order: str, **_: Any) -> bytes:
        name = Path(Order.from_json(order).sources[0]).name
        running.append(name)
        most.append(len(running))
        try:
            await doors[name].wait()
        finally:
            running.remove(name)
        return Report(Verdict.UNREADABLE).to_json().encode()

    monkeypatch.setattr(module, "run_module", run)
    decoder = decoder_in(tmp_path)
    names = [("a1", ALICE), ("a2", ALICE), ("b1", BOB), ("c1", CAROL)]
    doors |= {name: asyncio.Event() for name, _ in names}
    for name, _ in names:
        kept(tmp_path, name, picture())

    async def ask(name: str, person: int) -> None:
        with pytest.raises(UserError):
            await cleaned(decoder, tmp_path / name, person)

    async def until(*expected: str) -> None:
        await eventually(lambda: sorted(running) == sorted(expected))

    async with asyncio.TaskGroup() as group:
        for name, person in names:
            group.create_task(ask(name, person))
            await asyncio.sleep(0.02)
        await until("a1", "b1")
        doors["b1"].set()
        await until("a1", "c1")
        doors["a1"].set()
        await until("a2", "c1")
        for door in doors.values():
            door.set()
    assert max(most) == 2


async def test_too_slow_is_given_up_and_leaves_nothing(tmp_path: Path) -> None:
    path = kept(tmp_path, "x.png", picture())
    decoder = decoder_in(tmp_path, seconds=0.001)
    with pytest.raises(UserError, match="too long"):
        await cleaned(decoder, path)
    assert await decoder.small([path], 64, person=ALICE) == (None,)
    assert left_in(tmp_path / "work") == []


async def test_whoever_stops_waiting_ends_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[asyncio.subprocess.Process] = []
    begun = asyncio.Event()
    real = asyncio.create_subprocess_exec

    async def noted(*args: Any, **options: Any) -> asyncio.subprocess.Process:
        process = await real(sys.executable, "-c", "import time; time.sleep(60)", **options)
        started.append(process)
        begun.set()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        decoder = decoder_in(tmp_path)
        work = group.create_task(cleaned(decoder, kept(tmp_path, "x.png", picture())))
        await begun.wait()
        work.cancel()
    assert started[0].returncode is not None
    assert left_in(tmp_path / "work") == []


@pytest.mark.skipif(sys.platform == "win32", reason="memory cannot be limited there")
async def test_a_picture_that_takes_too_much_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real process, with less memory than the picture takes."""
    path = kept(tmp_path, "x.bmp", encoded(photo((3000, 3000)), "BMP"))
    script = kept(
        tmp_path,
        "limited.py",
        b"import sys\nfrom bot.media.decoding import __main__ as process\n"
        b"import PIL.Image, PIL.ImageFont, ssl\nprocess.MEMORY = 90 * 1024**2\n"
        b"raise SystemExit(process.main(sys.argv[1:]))\n",
    )
    real = asyncio.create_subprocess_exec

    async def limited(program: str, _m: str, _module: str, *args: str, **options: Any) -> Any:
        options["env"] = {**options["env"], "PYTHONPATH": str(child_process.ROOT)}
        return await real(program, str(script), *args, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", limited)
    with pytest.raises(UserError, match="too long to read"):
        await cleaned(decoder_in(tmp_path), path)
    assert left_in(tmp_path / "work") == []


async def test_the_process_writes_only_where_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(_module: str, _order: str, **_: Any) -> bytes:
        return b'{"verdict": "made", "extensions": ["/../../etc/passwd"]}'

    monkeypatch.setattr(module, "run_module", run)
    with pytest.raises(UserError, match="too long"):
        await cleaned(decoder_in(tmp_path), kept(tmp_path, "x.png", picture()))


def test_an_order_survives_the_way() -> None:
    order = Order(kind=Kind.SHEET, sources=("/a b", "/c"), folder="/f", largest=9, side=4, numbers=(1, 2))
    assert Order.from_json(order.to_json()) == order
