"""What the composition root keeps out of sight and how the bot starts and stops."""

from bot.app import secrets_of
from bot.settings import load_settings


def test_every_login_is_kept_out_of_the_log() -> None:
    settings = load_settings(
        {
            "DISCORD_TOKEN": "abc.def.ghi",
            "COMFYUI_URLS": "https://me:p%40ssword@gpu.example",
            "COMFYUI_HEADERS": '{"X-Key": "open sesame"}',
        },
        None,
    )
    hidden = secrets_of(settings)
    assert {"abc.def.ghi", "p@ssword", "open sesame", "Basic bWU6cEBzc3dvcmQ=", "bWU6cEBzc3dvcmQ="} <= set(
        hidden
    )
