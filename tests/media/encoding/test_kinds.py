"""What a file is, by its first bytes."""

import pytest

from bot.media.encoding.kinds import Family, recognised


@pytest.mark.parametrize(
    ("head", "family", "extension"),
    [
        (b"\x89PNG\r\n\x1a\n....", Family.PICTURE, "png"),
        (b"\xff\xd8\xff\xe0", Family.PICTURE, "jpg"),
        (b"GIF89a", Family.PICTURE, "gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", Family.PICTURE, "webp"),
        (b"\0\0\0 ftypavif", Family.PICTURE, "avif"),
        (b"BM\0\0\0\0\0\0\0\0", Family.PICTURE, "bmp"),
        (b"\0\0\0 ftypisom", Family.VIDEO, "mp4"),
        (b"\0\0\0 ftypqt  ", Family.VIDEO, "mov"),
        (b"\0\0\0\x08wide", Family.VIDEO, "mov"),
        (b"\0\0\0 ftypM4A ", Family.AUDIO, "m4a"),
        (b"\x1aE\xdf\xa3....webm", Family.VIDEO, "webm"),
        (b"\x1aE\xdf\xa3....matroska", Family.VIDEO, "mkv"),
        (b"RIFF\0\0\0\0WAVEfmt ", Family.AUDIO, "wav"),
        (b"RIFF\0\0\0\0AVI LIST", Family.VIDEO, "avi"),
        (b"fLaC", Family.AUDIO, "flac"),
        (b"OggS", Family.AUDIO, "ogg"),
        (b"ID3\x04", Family.AUDIO, "mp3"),
        (b"\xff\xfb\x90\x00", Family.AUDIO, "mp3"),
    ],
)
def test_files_are_known_by_their_bytes(head: bytes, family: Family, extension: str) -> None:
    found = recognised(head)
    assert found is not None
    assert (found.family, found.extension("exe")) == (family, extension)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"glTF",
        b"#EXTM3U\n",
        b"ffconcat version 1.0",
        b"<html>",
        b"RIFF....ABCD",
        b"BMW is a car",
        b"\xff\xff\xff",
    ],
)
def test_what_is_not_known_is_left_alone(head: bytes) -> None:
    assert recognised(head) is None


def test_a_right_extension_stays_and_a_wrong_one_goes() -> None:
    found = recognised(b"\xff\xd8\xff")
    assert found is not None
    assert [found.extension(each) for each in ("jpeg", "JPG", "png", "")] == ["jpeg", "JPG", "jpg", "jpg"]
