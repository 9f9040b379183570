"""The service's settings, read once at each front door and passed inwards."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")


def load_settings() -> Settings:
    """Read the settings from the environment and `var/settings.env`."""
    return Settings()
