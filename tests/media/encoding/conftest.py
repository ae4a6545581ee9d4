"""Films to make smaller, made once."""

from pathlib import Path

import pytest

from tests.media.encoding.samples import save_video


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("videos")
    return {
        "mp4": save_video(folder / "v.mp4"),
        "silent": save_video(folder / "silent.mp4", sound=False),
        "webm": save_video(folder / "v.webm", codec="libvpx"),
        "mkv": save_video(folder / "v.mkv", size=(161, 91)),
        "mov": save_video(folder / "v.mov"),
    }
