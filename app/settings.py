"""The service's settings, read once at each front door and passed inwards."""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SETTINGS_FILE = Path("var/settings.env")


class Settings(BaseSettings):
    """What an operator can set, each by the environment variable of the same name.

    With nothing set everything runs on one SQLite file. A file `var/settings.env`, where there
    is one (the demo writes it), is read first; the environment wins over it.
    """

    model_config = SettingsConfigDict(
        frozen=True, env_file=SETTINGS_FILE, extra="ignore", env_ignore_empty=True
    )

    database_url: str = Field(
        default="sqlite:///var/baocao.sqlite3",
        description="sqlite:///FILE, or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE",
    )
    clock_offset: timedelta = Field(
        default=timedelta(0),
        description="Added to the real time (ISO 8601 duration, e.g. -P1824D); only a database "
        "created as demo or sandbox accepts it.",
    )
    worker_id: str | None = Field(
        default=None,
        description="This worker's name, unique and the same after a restart.",
    )
    rate_limit: str = Field(
        default="3000/minute", description="Requests allowed per key and API process."
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="Mail server of the worker: smtp://[USER:PASSWORD@]HOST[:PORT][?starttls=1], "
        "or smtps://…; without it no e-mail is sent.",
    )
    smtp_from: str | None = Field(
        default=None, description="From whom e-mail comes: the service's own address."
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="From it the secrets of all webhooks are derived, 32 characters or more; the "
        "same for the API and every worker. Without it they are derived from a secret that is in "
        "the database. Changing it makes every webhook's owner rotate its secret.",
    )
    webhook_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(),
        description="Networks that are not public and to which webhooks are sent all the same, "
        "with blanks between: 10.0.0.0/8 fd00::/8.",
    )
    webhook_http: bool = Field(
        default=False, description="Whether webhooks may go to http:// as well as https://."
    )
    webhook_timeout: float = Field(
        default=15, gt=0, le=60, description="Seconds that a webhook's receiver has to answer."
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("webhook_networks", mode="before")
    @classmethod
    def _separated(cls, value: Any) -> Any:
        return value.replace(",", " ").split() if isinstance(value, str) else value


def load_settings() -> Settings:
    """Read the settings from the environment and `var/settings.env`."""
    return Settings()
