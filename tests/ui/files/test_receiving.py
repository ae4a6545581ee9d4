"""Files from outside become inputs, or nothing at all."""

import asyncio
from pathlib import Path

import discord
import pytest

from bot.errors import UserError
from bot.ui.files import receiving
from bot.ui.files.attachments import MAX_BYTES, check_declared
from bot.workflows.model.parameter import ParameterType
from tests.media.decoding.samples import bomb, encoded, photo, picture
from tests.ui.receiving import attachment, left_in, receiver_in

ALICE = 1
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\0" * 100
MP4 = b"\x00\x00\x00\x18ftypisom" + b"\0" * 100


async def test_what_is_kept_is_named_by_what_it_contains_and_nothing_else_stays(tmp_path: Path) -> None:
    receiver, content = receiver_in(tmp_path)
    data = encoded(photo(), "JPEG", quality=90)
    one = await receiver.attached(attachment(data), person=ALICE)
    words = b"at home"
    same = data[:2] + b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words + data[2:]
    other = attachment(same, filename="../../etc/passwd.png")
    assert await receiver.attached(other, person=ALICE) == one, (
        "what it says of itself makes no other file of it"
    )
    assert one.extension == "jpg", "a photo stays a photo"
    assert one.size <= len(data)
    assert left_in(tmp_path) == [one.name]
    assert b"at home" not in content.path(one).read_bytes()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not a picture"),
        (b"not a picture", "not a picture"),
        (picture()[:40], "not a picture"),
        (MP4, "not a picture"),
        (bomb(20_000, 20_000), "too many pixels"),
        (bomb(60_000, 2), "too many pixels"),
    ],
)
async def test_what_is_no_input_is_refused_and_leaves_nothing(
    data: bytes, sentence: str, tmp_path: Path
) -> None:
    receiver, _ = receiver_in(tmp_path)
    with pytest.raises(UserError, match=sentence):
        await receiver.attached(attachment(data), person=ALICE)
    assert left_in(tmp_path) == []


async def test_a_size_that_was_a_lie_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MAX_BYTES", 50)
    receiver, _ = receiver_in(tmp_path)
    with pytest.raises(UserError, match="too large"):
        await receiver.attached(attachment(picture(size=(300, 300)), size=10), person=ALICE)
    assert left_in(tmp_path) == []


async def test_a_download_that_fails_or_hangs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> bytes:
        raise discord.DiscordException("gone")

    async def hang() -> bytes:
        await asyncio.Event().wait()
        return b""

    monkeypatch.setattr(receiving, "TIMEOUT", 0.01)
    receiver, _ = receiver_in(tmp_path)
    for read in (fail, hang):
        with pytest.raises(UserError, match="attach it again"):
            await receiver.attached(attachment(picture(), read=read), person=ALICE)
    assert left_in(tmp_path) == []


async def test_downloads_in_memory_are_few_at_a_time(tmp_path: Path) -> None:
    """Ten files of the largest size, all at once: one after the other is in memory."""
    now, most = 0, 0
    data = picture()

    async def read() -> bytes:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        return data

    receiver, _ = receiver_in(tmp_path)
    large = [attachment(data, size=MAX_BYTES, read=read) for _ in range(10)]
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for person, each in enumerate(large):
            group.create_task(receiver.attached(each, person=person))
    assert most == 1


@pytest.mark.parametrize(
    ("kind", "data", "name", "declared", "extension"),
    [
        (ParameterType.VIDEO, MP4, "clip.mp4", "video/mp4", "mp4"),
        (ParameterType.VIDEO, MP4, "clip.exe", "application/octet-stream", "mp4"),
        (ParameterType.VIDEO, picture("P", kind="GIF"), "clip.gif", "image/gif", "gif"),
        (ParameterType.AUDIO, WAV, "song.wav", "audio/wav", "wav"),
        (ParameterType.AUDIO, MP4, "film.mp4", "video/mp4", "mp4"),
    ],
)
async def test_videos_and_sounds_are_kept_as_they_are(
    kind: ParameterType, data: bytes, name: str, declared: str, extension: str, tmp_path: Path
) -> None:
    receiver, content = receiver_in(tmp_path)
    ref = await receiver.attached(attachment(data, filename=name, content_type=declared), kind, person=ALICE)
    assert ref.extension == extension
    assert await content.get(ref) == data


@pytest.mark.parametrize(
    ("kind", "data", "declared", "sentence"),
    [
        (ParameterType.VIDEO, picture(), "image/png", "not a video"),
        (ParameterType.VIDEO, b"#EXTM3U", "video/mp4", "not a video"),
        (ParameterType.VIDEO, WAV, "audio/wav", "not a video"),
        (ParameterType.AUDIO, picture(), "image/png", "not a sound file"),
        (ParameterType.AUDIO, b"", "audio/wav", "not a sound file"),
    ],
)
async def test_what_is_no_video_or_sound_is_refused(
    kind: ParameterType, data: bytes, declared: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=sentence):
        await receiver_in(tmp_path)[0].attached(attachment(data, content_type=declared), kind, person=ALICE)
    assert left_in(tmp_path) == []
    with pytest.raises(UserError, match="too large"):
        check_declared(attachment(data, size=MAX_BYTES + 1, content_type="video/mp4"), kind)
