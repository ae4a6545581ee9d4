"""The token is judged by its shape, then by Discord itself."""

import discord
import pytest

from bot.check.discord_side import check_discord, has_token_shape
from bot.check.findings import Level
from bot.settings import DiscordSettings
from tests.check.conftest import TOKEN, FakeDiscord


async def test_a_good_token_is_known_by_discord(fake: FakeDiscord) -> None:
    (finding,) = await check_discord(DiscordSettings.model_validate({"token": TOKEN}))
    assert finding.level is Level.FINE
    assert "painter" in finding.text
    assert fake.asked[0] == "/users/@me"


async def test_a_public_bot_without_named_servers_is_a_warning(fake: FakeDiscord) -> None:
    fake.public = True
    findings = await check_discord(DiscordSettings.model_validate({"token": TOKEN}))
    assert [finding.level for finding in findings] == [Level.FINE, Level.WARNING]
    assert len(await check_discord(DiscordSettings.model_validate({"token": TOKEN, "guilds": "1"}))) == 1


async def test_a_token_discord_does_not_take_is_an_error(fake: FakeDiscord) -> None:
    fake.status = 401
    (finding,) = await check_discord(DiscordSettings.model_validate({"token": TOKEN}))
    assert finding.level is Level.ERROR
    assert "Reset Token" in finding.remedy
    assert TOKEN not in str(finding)


async def test_discord_being_unreachable_is_not_blamed_on_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unreachable(self: discord.Client, token: str) -> None:
        raise OSError("no route")

    monkeypatch.setattr(discord.Client, "login", unreachable)
    (finding,) = await check_discord(DiscordSettings.model_validate({"token": TOKEN}))
    assert (finding.topic, finding.level) == ("Discord", Level.ERROR)


async def test_without_a_token_discord_is_not_asked(fake: FakeDiscord) -> None:
    (finding,) = await check_discord(DiscordSettings())
    assert finding.level is Level.ERROR
    assert "is not set" in finding.text
    assert "Reset Token" in finding.remedy
    (finding,) = await check_discord(DiscordSettings.model_validate({"token": "my-client-secret"}))
    assert finding.level is Level.ERROR
    assert fake.asked == []


@pytest.mark.parametrize(
    ("token", "good"),
    [
        (TOKEN, True),
        ("abc.def.ghi", False),
        (TOKEN.replace("MTIz", "abcd"), False),
        (TOKEN.rsplit(".", 1)[0], False),
    ],
)
def test_the_shape_of_a_token(token: str, good: bool) -> None:
    assert has_token_shape(token) is good
