"""Other users of the machine read neither the database nor what people attached."""

import os
import stat
from pathlib import Path

import pytest

from bot.store import Database
from bot.store.connection.permissions import make_private_folder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has permissions of its own")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_the_database_and_what_lies_beside_it_is_its_owners_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/data/bot.db")
    await database.open()
    try:
        async with database.writing():
            files = list((tmp_path / "data").iterdir())
            assert {file.name for file in files} >= {"bot.db", "bot.db-wal", "bot.db-shm"}
            assert {mode(file) for file in files} == {0o600}
    finally:
        await database.close()
    assert mode(tmp_path / "data") == 0o700


async def test_a_database_of_an_earlier_version_is_closed_to_others(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    file.touch(0o644)
    file.chmod(0o644)
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.open()
    await database.close()
    assert mode(file) == 0o600


@pytest.mark.parametrize(
    ("there", "expected"), [((), 0o700), (("bot.db", "inputs"), 0o700), (("letters.txt",), 0o755)]
)
def test_a_folder_is_closed_to_others_unless_it_is_somebody_elses_too(
    tmp_path: Path, there: tuple[str, ...], expected: int
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o755)
    for name in there:
        (folder / name).touch()
    make_private_folder(folder)
    assert mode(folder) == expected


def test_a_new_folder_is_its_owners_alone(tmp_path: Path) -> None:
    make_private_folder(tmp_path / "a" / "data")
    assert mode(tmp_path / "a" / "data") == 0o700
