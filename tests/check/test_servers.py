"""What is wrong with a ComfyUI server is told with its remedy."""

from pathlib import Path

import pytest

from bot.check.findings import Level
from bot.check.servers import Answers, check_servers, numbers
from bot.demo.comfyui import FaultAction, HttpFault, StandIn
from bot.settings import ComfyUISettings


async def asked(*urls: str, headers: dict[str, str] | None = None) -> Answers:
    return await check_servers(ComfyUISettings(urls=urls, headers=headers or {}))


async def test_a_healthy_server_is_fine_and_gives_its_node_classes(tmp_path: Path) -> None:
    async with StandIn(tmp_path) as server:
        answers = await asked(server.url)
    assert [finding.level for finding in answers.findings] == [Level.FINE]
    assert "KSampler" in answers.infos[0]


async def test_an_older_server_gets_a_word_about_previews(tmp_path: Path) -> None:
    async with StandIn(tmp_path, version="old") as server:
        answers = await asked(server.url)
        quiet = await check_servers(ComfyUISettings(urls=(server.url,), previews=False))
    assert [finding.level for finding in answers.findings] == [Level.FINE, Level.NOTE]
    assert "--preview-method auto" in answers.findings[1].remedy
    assert len(quiet.findings) == 1


async def test_a_server_that_is_not_there_is_an_error_and_the_others_are_asked_all_the_same(
    tmp_path: Path,
) -> None:
    async with StandIn(tmp_path) as server:
        answers = await asked("http://me:hunter2@127.0.0.1:1", server.url)
    assert [finding.level for finding in answers.findings] == [Level.ERROR, Level.FINE]
    assert "does not answer" in answers.findings[0].text
    assert "hunter2" not in str(answers.findings)


async def test_a_server_that_asks_for_a_password_says_so(tmp_path: Path) -> None:
    async with StandIn(tmp_path, basic_auth=("me", "hunter2")) as server:
        refused = await asked(server.url)
        let_in = await asked(server.url.replace("://", "://me:hunter2@"))
    assert "user:password" in refused.findings[0].remedy
    assert let_in.findings[0].level is Level.FINE


async def test_another_program_at_the_address_is_told_from_comfyui(tmp_path: Path) -> None:
    async with StandIn(tmp_path, base_path="/comfy") as server:
        answers = await asked(server.url.removesuffix("/comfy"))
    assert answers.findings[0].level is Level.ERROR
    assert "base path" in answers.findings[0].remedy


async def test_a_proxy_without_websockets_is_found(tmp_path: Path) -> None:
    async with StandIn(tmp_path) as server:
        server.faults.http.append(HttpFault(("GET", "/ws"), FaultAction.STATUS, status=400, times=None))
        answers = await asked(server.url)
    assert [finding.level for finding in answers.findings] == [Level.FINE, Level.WARNING]
    assert "WebSocket" in answers.findings[1].remedy


async def test_a_server_that_does_not_list_its_nodes_is_an_error(tmp_path: Path) -> None:
    async with StandIn(tmp_path) as server:
        server.faults.http.append(
            HttpFault(("GET", "/object_info"), FaultAction.STATUS, status=500, times=None)
        )
        answers = await asked(server.url)
    assert answers.findings[-1].level is Level.ERROR
    assert answers.infos == ()


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("0.3.64", (0, 3, 64)),
        ("v0.38", (0, 38, 0)),
        ("0.3.64-12-gabc", (0, 3, 64)),
        ("unknown", None),
        (None, None),
    ],
)
def test_versions_are_read(version: str | None, expected: tuple[int, ...] | None) -> None:
    assert numbers(version) == expected
