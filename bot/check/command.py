"""`python -m bot check`: look at everything, say what is wrong and what to do about it."""

import asyncio
from argparse import Namespace

from bot.check.discord_side import check_discord
from bot.check.explanation import print_explanation
from bot.check.findings import Finding, Level, error, fine, warning
from bot.check.places import check_places
from bot.check.recipes import check_workflows
from bot.check.report import print_findings
from bot.check.servers import check_servers
from bot.errors import ConfigError
from bot.settings import Settings, load_settings
from bot.workflows import ApprovalFile, approvals_in


async def check(arguments: Namespace) -> int:
    """Print every finding; return 0 if the bot is ready to start, else 1: something has to be fixed or is missing.

    Raises ConfigError when the settings cannot be read and the answer is for people; as JSON it is a finding.
    """
    if arguments.explain:
        return await print_explanation(arguments)
    try:
        settings = load_settings(require_token=False)
    except ConfigError as problem:
        if not arguments.json:
            raise
        lines = [line.strip() for line in str(problem).splitlines()[1:]]
        findings = [error("settings", line, "Correct it in .env or in the environment.") for line in lines]
    else:
        findings = await look(settings)
    print_findings(findings, as_json=arguments.json)
    return 1 if any(finding.level is Level.ERROR for finding in findings) else 0


async def look(settings: Settings) -> list[Finding]:
    """Look at everything that the settings name; takes half a minute at the most."""
    discord, places, servers = await asyncio.gather(
        check_discord(settings.discord), check_places(settings), check_servers(settings.comfyui)
    )
    return [
        fine("settings", "can be read"),
        *(warning("settings", text) for text in settings.warnings),
        *discord,
        *places,
        *servers.findings,
        *await check_workflows(
            settings.workflows, servers.infos, ApprovalFile(approvals_in(settings.data_dir))
        ),
    ]
