"""A place for a file of settings."""

from pathlib import Path

import pytest


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"
