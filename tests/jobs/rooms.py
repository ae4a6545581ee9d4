"""Room on the disk, as much as a test says."""

from pathlib import Path

from bot.jobs.files.space import Space


async def nothing() -> frozenset[str]:
    return frozenset()


def roomy(folder: Path, most: int = 10**12) -> Space:
    """Return a space in which nothing is needed, for so many bytes."""
    return Space(folder, most, nothing)
