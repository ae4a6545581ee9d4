"""Files kept by what they contain, and what is made from them."""

from pathlib import Path

from bot.jobs.files.content import ContentStore, derived_name


async def test_what_is_made_from_a_file_goes_with_it(tmp_path: Path) -> None:
    folders = tmp_path / "published", tmp_path / "smaller"
    store = ContentStore(tmp_path / "outputs", derived=folders)
    one, other = await store.put(b"one", "png"), await store.put(b"other", "png")

    def made(source: Path, folder: Path, *about: object) -> Path:
        folder.mkdir(exist_ok=True)
        path = folder / f"{derived_name(source, *about)}.webp"
        path.write_bytes(b"made")
        return path

    first = made(store.path(one), folders[0], "without paths")
    second = made(first, folders[1], 1000), made(store.path(one), folders[1], 1000)
    stays = made(store.path(other), folders[1], 1000)
    assert len({first.name, stays.name, *(each.name for each in second)}) == 4
    store.remove(one)
    store.remove(one)
    assert not any(path.exists() for path in (store.path(one), first, *second))
    assert stays.exists()
    assert store.path(other).exists()
