"""Reading settings that are wrong."""

from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.settings import load_settings

TOKEN = {"DISCORD_TOKEN": "abc.def.ghi"}


def mistakes_of(environ: dict[str, str], env_file: Path | None = None) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        load_settings(environ, env_file)
    lines = str(caught.value).splitlines()[1:]
    return {line.strip().split(":")[0].split(" ")[0]: line for line in lines}
