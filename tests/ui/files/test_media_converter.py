"""Files made smaller in another process: bounded, cancellable, without a trace when it fails."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.ui.files import child_process
from bot.ui.files import media_converter as module
from bot.ui.files.media_converter import Patience, Workshop
from tests.jobs.rooms import roomy
from tests.media.encoding.samples import noise, save_video


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "small", space=roomy(tmp_path))


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "big.png"
    noise((400, 300)).save(path)
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_video(tmp_path_factory.mktemp("film") / "v.mp4", size=(320, 240), frames=96)


def weight(path: Path) -> int:
    return path.stat().st_size


def left(shop: Workshop) -> list[str]:
    return sorted(path.name for path in shop.folder.iterdir()) if shop.folder.exists() else []


async def test_a_file_is_made_once_and_found_again_even_by_the_next_process(
    shop: Workshop, big: Path
) -> None:
    limit = weight(big) // 3
    first, second = await asyncio.gather(shop.smaller(big, limit), shop.smaller(big, limit))
    assert first is not None
    assert first == second
    assert first.stat().st_size <= limit
    made_at = first.stat().st_ctime_ns
    assert await Workshop(shop.folder, space=roomy(shop.folder)).smaller(big, limit) == first
    assert left(shop) == [first.name]
    assert made_at <= first.stat().st_ctime_ns


async def test_what_cannot_be_made_small_enough_is_tried_once(
    shop: Workshop, big: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await shop.smaller(big, 40) is None
    monkeypatch.setattr(module, "_in_other_process", None)
    assert await shop.smaller(big, 40) is None
    assert left(shop) == []


@pytest.mark.parametrize(
    "data", [b"glTF....", b"#EXTM3U\nhttp://127.0.0.1/x", b"", b"\x89PNG\r\n\x1a\nbroken"]
)
async def test_what_is_nothing_known_or_broken_is_left_alone(
    shop: Workshop, tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "x.mp4"
    path.write_bytes(data)
    assert await shop.smaller(path, 3) is None
    assert left(shop) == []


async def test_too_slow_is_given_up_without_a_trace(film: Path, tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "small", patience=Patience(video=0.05), space=roomy(tmp_path))
    assert await shop.smaller(film, weight(film) // 2) is None
    assert left(shop) == []


async def test_cancelling_kills_the_process_and_leaves_nothing(
    shop: Workshop, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[asyncio.subprocess.Process] = []
    begun = asyncio.Event()
    real = asyncio.create_subprocess_exec

    async def noted(*args: object, **options: object) -> asyncio.subprocess.Process:
        process = await real(*args, **options)  # type: ignore[arg-type]  # handed on as it came
        started.append(process)
        begun.set()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        work = group.create_task(shop.smaller(film, weight(film) // 2))
        await begun.wait()
        work.cancel()
    assert started[0].returncode is not None
    assert left(shop) == []
    monkeypatch.undo()
    assert await shop.smaller(film, weight(film) // 2) is not None


async def test_the_process_ends_when_nobody_waits_for_it_any_more(film: Path, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.media.encoding", str(film), str(tmp_path / "out"), "100000", "60",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, cwd=child_process.ROOT,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.close()
    async with asyncio.timeout(10):
        assert await process.wait() == 1


async def test_a_picture_does_not_wait_for_a_film(
    shop: Workshop, film: Path, big: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, real = asyncio.Event(), module._in_other_process

    async def endless(source: Path, *rest: Any) -> Any:
        if source.suffix != ".mp4":
            return await real(source, *rest)
        begun.set()
        return await asyncio.Event().wait()

    monkeypatch.setattr(module, "_in_other_process", endless)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        slow = group.create_task(shop.smaller(film, weight(film) // 2))
        await begun.wait()
        assert await shop.smaller(big, weight(big) // 3) is not None
        slow.cancel()


async def test_one_film_at_a_time(shop: Workshop, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, most = 0, 0

    async def counted(*_args: object) -> tuple[None, str, None]:
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0.01)
        now -= 1
        return None, "", None

    monkeypatch.setattr(module, "_in_other_process", counted)
    await asyncio.gather(*(shop.smaller(film, 1000 + n) for n in range(4)))
    assert most == 1


async def test_the_loop_goes_on_while_a_film_is_made(shop: Workshop, film: Path) -> None:
    began = latest = time.perf_counter()
    worst = 0.0
    async with asyncio.TaskGroup() as group:
        work = group.create_task(shop.smaller(film, weight(film) // 2))
        while not work.done():
            await asyncio.sleep(0.005)
            worst, latest = max(worst, time.perf_counter() - latest), time.perf_counter()
    made = work.result()
    assert made is not None
    # Both processes share a busy machine's cores; what must not happen is that the loop stands still meanwhile.
    assert worst < max(0.5, (latest - began) / 2)


async def test_without_the_library_for_films_that_is_said_to_the_operator(
    shop: Workshop,
    film: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "av.py").write_text("raise ImportError('not installed')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert await shop.smaller(film, weight(film) // 2) is None
    assert "install the extra `media`" in caplog.text


async def test_the_process_sees_no_secrets(
    shop: Workshop, big: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, str] = {}
    real = asyncio.create_subprocess_exec

    async def noted(*args: object, env: dict[str, str], **options: object) -> asyncio.subprocess.Process:
        seen.update(env)
        return await real(*args, env=env, **options)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@host/db")
    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    assert await shop.smaller(big, weight(big) // 3) is not None
    assert seen
    assert "secret" not in " ".join(seen.values())


async def test_a_picture_with_a_film_s_name_is_still_made_smaller(shop: Workshop, tmp_path: Path) -> None:
    path = tmp_path / "wrong.mp4"
    noise((200, 200)).save(path, "PNG")
    made = await shop.smaller(path, path.stat().st_size // 3)
    assert made is not None
    with Image.open(made) as image:
        assert image.size == (200, 200)


async def test_a_file_that_is_gone_has_no_smaller_version(shop: Workshop, tmp_path: Path) -> None:
    assert await shop.smaller(tmp_path / "gone.png", 1000) is None


async def test_what_failed_for_want_of_the_machine_is_tried_again(
    shop: Workshop, big: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_args: object, **_options: object) -> asyncio.subprocess.Process:
        raise OSError("no more processes")

    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "create_subprocess_exec", refused)
        assert await shop.smaller(big, weight(big) // 3) is None
    assert left(shop) == []
    assert await shop.smaller(big, weight(big) // 3) is not None
