"""Pictures are found wherever a message shows some, and only Discord's own addresses are ever asked."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.errors import UserError
from bot.ui.files.pictures import Shown, is_discords, pictures_in, save_shown

CDN = "https://cdn.discordapp.com/attachments/1/2"


def media(url: str, proxy_url: str = "", content_type: str = "") -> Any:
    return SimpleNamespace(url=url, proxy_url=proxy_url, content_type=content_type)


def attachment(name: str, content_type: str | None) -> Any:
    return SimpleNamespace(filename=name, url=f"{CDN}/{name}?ex=1", content_type=content_type)


def message(**parts: Any) -> Any:
    empty = {"attachments": [], "embeds": [], "components": [], "message_snapshots": []}
    return SimpleNamespace(**{**empty, **parts})


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        (f"{CDN}/a.png", True),
        ("https://media.discordapp.net/attachments/1/2/a.png?width=4", True),
        ("https://images-ext-1.discordapp.net/external/abc/https/example.org/a.png", True),
        ("http://cdn.discordapp.com/a.png", False),
        ("https://cdn.discordapp.com.example.org/a.png", False),
        ("https://cdn.discordapp.com@127.0.0.1/a.png", False),
        ("https://user:word@cdn.discordapp.com/a.png", False),
        ("https://cdn.discordapp.com:8188/a.png", False),
        ("https://127.0.0.1/a.png", False),
        ("file:///etc/passwd", False),
        ("https://[broken", False),
        ("https://cdn.discordapp.com:port/", False),
        ("", False),
    ],
)
def test_which_addresses_are_discords(address: str, ours: bool) -> None:
    assert is_discords(address) is ours


def test_attachments_embeds_galleries_and_forwarded_messages_are_looked_through() -> None:
    items = [
        {"media": {"url": f"{CDN}/gallery.png"}},
        {"media": {"url": f"{CDN}/film.mp4", "content_type": "video/mp4"}},
    ]
    data: Any = {"type": 12, "id": 1, "items": items}
    gallery = discord.MediaGalleryComponent(data, None)
    box = SimpleNamespace(children=[SimpleNamespace(children=[gallery])])
    embed = SimpleNamespace(
        image=media("https://example.org/a.png", "https://images-ext-1.discordapp.net/external/x/a.png"),
        thumbnail=media("https://example.org/b.png", "https://example.org/b.png"),
    )
    found = pictures_in(
        message(
            attachments=[
                attachment("one.png", "image/png"),
                attachment("notes.txt", "text/plain"),
                attachment("two.webp", None),
                attachment("one.png", "image/png"),
            ],
            embeds=[embed],
            components=[box],
            message_snapshots=[message(attachments=[attachment("old.jpg", "image/jpeg")])],
        )
    )
    assert [each.name for each in found] == ["one.png", "two.webp", "a.png", "gallery.png", "old.jpg"]
    assert all(is_discords(each.address) for each in found)


async def test_other_addresses_are_never_asked(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no picture"):
        await save_shown(Shown("a.png", "https://127.0.0.1:9/a.png"), tmp_path / "a.png")
