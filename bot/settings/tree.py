"""The settings as one frozen tree; the description of a field is what is expected of its value."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.settings import values

T = TypeVar("T")
Listed = Annotated[tuple[T, ...], BeforeValidator(values.split_list)]
Snowflake = Annotated[int, Field(ge=1, lt=values.SNOWFLAKE_LIMIT)]
Folder = Annotated[Path, AfterValidator(values.home_path)]
Seconds = Annotated[float, Field(allow_inf_nan=False)]


class Section(BaseModel):
    """A group of settings; its variables begin with its name."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True
    )


class DiscordSettings(Section):
    """Who the bot is on Discord, and whom it serves."""

    token: SecretStr = Field(
        default=SecretStr(""),
        description="the bot token, from the Bot page of the application in Discord's Developer Portal",
    )
    dev_guild: Snowflake | None = Field(
        default=None, description="the id of one Discord server, a whole number"
    )
    guilds: Listed[Snowflake] = Field(
        default=(), description="ids of Discord servers, whole numbers separated by commas"
    )
    shard_count: int | None = Field(
        default=None, ge=1, le=16384, description="a whole number from 1 to 16384"
    )
    shard_ids: Listed[Annotated[int, Field(ge=0)]] = Field(
        default=(), description="whole numbers from 0 to below DISCORD_SHARD_COUNT, separated by commas"
    )

    @field_validator("token")
    @classmethod
    def _token_is_one_word(cls, token: SecretStr) -> SecretStr:
        text = token.get_secret_value().strip()
        if len(text.split()) > 1:
            raise ValueError("has to be the token alone, without a word before it")
        return SecretStr(text)

    @field_validator("shard_ids")
    @classmethod
    def _shards_exist(cls, shard_ids: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        if not shard_ids or "shard_count" not in info.data:
            return shard_ids
        count: int | None = info.data["shard_count"]
        if count is None:
            raise ValueError("needs DISCORD_SHARD_COUNT beside it")
        if max(shard_ids) >= count:
            raise ValueError("names a shard that DISCORD_SHARD_COUNT does not have")
        if len(set(shard_ids)) != len(shard_ids):
            raise ValueError("names the same shard twice")
        return shard_ids


class ComfyUISettings(Section):
    """Where pictures are made."""

    urls: Annotated[Listed[str], AfterValidator(values.check_addresses)] = Field(
        default=("http://127.0.0.1:8188",),
        repr=False,
        description="http:// or https:// addresses of ComfyUI servers, separated by commas",
    )
    headers: Annotated[Mapping[str, str], BeforeValidator(values.check_headers)] = Field(
        default_factory=dict,
        repr=False,
        description='a JSON object of HTTP headers, such as {"X-Key": "abc"}',
    )
    public_url: Annotated[str | None, AfterValidator(values.check_public_address)] = Field(
        default=None, description="one http:// or https:// address that people can open"
    )
    depth: int = Field(default=2, ge=1, le=64, description="a whole number from 1 to 64")
    previews: bool = Field(default=True, description="true or false")


class WorkflowSettings(Section):
    """Where workflows lie, and which one is used unless told."""

    directory: Folder = Field(default=Path("workflows"), alias="dir", description="a folder")
    default: Annotated[str, AfterValidator(values.check_name)] = Field(
        default="txt2img", description="the name of a workflow, without folder and ending"
    )
    allow_nodes: Listed[str] = Field(
        default=(), description="class names of nodes, separated by commas; * stands for any letters"
    )


class LimitSettings(Section):
    """How much one person, and everybody together, may ask for; 0 means no limit where it is allowed."""

    jobs_per_user: int = Field(default=3, ge=1, description="a whole number, at least 1")
    queue: int = Field(default=100, ge=1, description="a whole number, at least 1")
    wait: Seconds = Field(default=1800, gt=0, description="seconds, more than 0")
    cooldown: Seconds = Field(default=0, ge=0, description="seconds, 0 for none")
    daily: int = Field(default=0, ge=0, description="a whole number, 0 for no limit")
    count: int = Field(default=4, ge=1, le=100, description="a whole number from 1 to 100")
    pixels: int = Field(default=2_200_000, ge=4096, description="a whole number, at least 4096")
    steps: int = Field(default=60, ge=1, le=10_000, description="a whole number from 1 to 10000")
    stall: Seconds = Field(default=600, gt=0, description="seconds, more than 0")
    job_timeout: Seconds = Field(default=1800, gt=0, description="seconds, more than 0")


class ModerationSettings(Section):
    """What may not be asked for."""

    blocked_words: Folder | None = Field(
        default=None, description="a text file with one word or /pattern/ a line"
    )


class LogSettings(Section):
    """How much is told to the operator, and in which form."""

    level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(values.upper_text)
    ] = Field(default="INFO", description="DEBUG, INFO, WARNING, ERROR or CRITICAL")
    format: Annotated[Literal["text", "json"], BeforeValidator(values.lower_text)] = Field(
        default="text", description="text or json"
    )


class Settings(BaseSettings):
    """The whole tree. Made by `load_settings`, which alone reads the environment; defaults serve everything else."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    discord: DiscordSettings = DiscordSettings()
    comfyui: ComfyUISettings = ComfyUISettings()
    data_dir: Folder = Field(default=Path("data"), description="a folder")
    data_max_bytes: int = Field(
        default=20 * 1024**3, ge=1_000_000, description="bytes, a whole number, at least 1000000"
    )
    database_url: Annotated[str, AfterValidator(values.check_database)] = Field(
        default="",
        repr=False,
        description="sqlite+aiosqlite:///path/to/file.db or postgresql+asyncpg://user:password@host/name",
    )
    workflows: WorkflowSettings = WorkflowSettings()
    limits: LimitSettings = LimitSettings()
    moderation: ModerationSettings = ModerationSettings()
    log: LogSettings = LogSettings()
    retention_days: int | None = Field(
        default=None, ge=1, le=36_500, description="a whole number of days, at least 1"
    )
    metrics_port: int | None = Field(
        default=None, ge=1, le=65535, description="a port, a whole number from 1 to 65535"
    )
    warnings: tuple[str, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is handed over and nothing behind the caller's back."""
        return (init_settings,)

    def model_post_init(self, context: object, /) -> None:
        """Put the database beside the rest of the data unless told otherwise."""
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite+aiosqlite:///{self.data_dir.as_posix()}/bot.db")
