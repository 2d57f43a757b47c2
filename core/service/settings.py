"""What an operator can set: environment first, then ``okienko.toml``, then these defaults.

``OKIENKO_DATA_DIR`` puts a whole desk (database, key, mail, settings file) in one folder, so that two desks on a
machine never meet; ``OKIENKO_DATABASE_URL`` names a PostgreSQL server instead of the file. Nested values are
written ``OKIENKO_MAIL__HOST``. Secrets can be given by a file (``password_file``) and are hidden when shown.
"""

import ipaddress
import os
import tomllib
import zoneinfo
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from core import paths

ENVIRONMENT_PREFIX = "OKIENKO_"
NOT_SETTINGS = ("OKIENKO_CONFIG", "OKIENKO_LANGUAGE", "OKIENKO_INIT_CODE", "OKIENKO_LMS_URL")
"""Variables of the environment that are no settings of the desk's."""

Policy = Literal["off", "mail", "strong"]
Theme = Literal[
    "",
    "dark",
    "light",
    "contrast",
    "16",
    "ansi-dark",
    "ansi-light",
    "atom-one-dark",
    "atom-one-light",
    "catppuccin-frappe",
    "catppuccin-latte",
    "catppuccin-macchiato",
    "catppuccin-mocha",
    "dracula",
    "flexoki",
    "gruvbox",
    "monokai",
    "nord",
    "rose-pine",
    "rose-pine-dawn",
    "rose-pine-moon",
    "solarized-dark",
    "solarized-light",
    "textual-dark",
    "textual-light",
    "tokyo-night",
]
"""How the screen looks until a reader chooses: ours, or one of those that come with the library; empty is as the
terminal can."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DeskSection(Section):
    """Who runs the desk, as people see it."""

    name: str = Field(default="Okienko", max_length=40)
    phone: str = ""
    email: str = ""
    team_email: str = Field(default="", description="a mailing list told of new tickets; else each agent is")
    address: str = Field(default="", description="how it is reached over SSH, such as desk@support.example.com")
    language: Literal["en", "pl"] = "en"
    theme: Theme = ""
    zone: str = "Europe/Warsaw"

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            raise PydanticCustomError("zone", "{name} is no time zone", {"name": name}) from None
        return name


class MailSection(Section):
    """How mail leaves: into a Maildir until a server is named."""

    backend: Literal["maildir", "smtp"] = "maildir"
    maildir: Path | None = None
    sender: str = "desk@example.com"
    host: str = "localhost"
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    ca_file: Path | None = None
    timeout: float = Field(default=20.0, gt=0, le=300)
    strangers_an_hour: int = Field(
        default=120, ge=2, description="letters of the whole desk to addresses that nobody has proved yet"
    )

    def secret(self) -> str:
        """The password, from its file when one is named (systemd credentials, containers)."""
        if self.password_file is not None:
            return self.password_file.read_text(encoding="utf-8-sig").strip()
        return self.password.get_secret_value()


class SecondStep(Section):
    """After the password, by role: nothing, a mailed code, an authenticator.
    ``installer_owner`` is for those who decide about the people of an installer company."""

    customer: Policy = "mail"
    installer: Policy = "mail"
    installer_owner: Policy = "strong"
    agent: Policy = "strong"
    admin: Policy = "strong"


class SecuritySection(Section):
    second_step: SecondStep = SecondStep()
    session_hours: int = Field(default=12, ge=1, le=72)
    idle_minutes: int = Field(default=15, ge=1, le=240, description="until a session left alone is locked")
    remember_days: int = Field(default=30, ge=1, le=365)
    key_file: Path | None = None


def _parsed(networks: tuple[str, ...]) -> tuple[str, ...]:
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise PydanticCustomError("network", "an address or a network, such as 10.0.0.0/8") from None
    return networks


class SshSection(Section):
    """What sshd says of whoever logs in, and when it is believed (:mod:`core.service.client_address`)."""

    kiosk_uid: int | None = Field(default=None, ge=1, description="the unix account that only sshd starts the desk as")
    own_accounts: bool = Field(default=False, description="each unix account is one person's, and no command is forced")
    own_addresses: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()

    @field_validator("own_addresses", "proxies")
    @classmethod
    def _networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        return _parsed(networks)


class ServeSection(Section):
    """``okienko serve``: the doors it opens, and how much of everything it gives."""

    ssh: str = Field(default="127.0.0.1:2222", description="address and port of SSH; empty: no such door")
    web: str = Field(default="", description="address and port of the browser's door; empty: no such door")
    web_address: str = Field(default="", description="how browsers reach it, such as https://support.example.com")
    certificate: Path | None = Field(default=None, description="the browser door's own, with its key in one file")
    proxies: tuple[str, ...] = Field(
        default=(), description="before the browser's door: their word on the address counts"
    )
    balancers: tuple[str, ...] = Field(default=(), description="before SSH, and all that comes from them is of others")
    mail: bool = Field(default=True, description="deliver letters")
    jobs: bool = Field(default=True, description="do what is due")
    sessions: int = Field(default=100, ge=1, le=2000, description="at once, in all")
    sessions_an_address: int = Field(default=20, ge=1, le=2000)
    sessions_a_key: int = Field(default=5, ge=1, le=100)
    strangers: int = Field(default=20, ge=1, le=1000, description="connections that have not said who they are")
    starts_at_once: int = Field(default=4, ge=1, le=64, description="sessions that are being started; others wait")
    memory: int = Field(default=400, ge=100, le=4000, description="megabytes of one session")
    cpu_seconds: int = Field(default=3600, ge=60, description="of the processor, for one session")
    kiosk: Path | None = Field(default=None, description="the socket at which sshd's forced command hands over")
    drain: int = Field(default=30, ge=0, le=3600, description="seconds that people have when the server is told to end")
    idle_end: int = Field(default=120, ge=1, le=24 * 60, description="minutes until a session left alone ends")
    hardware_keys: Literal["one", "both"] = Field(
        default="one", description="for staff a hardware key is one step, or both"
    )

    @field_validator("proxies", "balancers")
    @classmethod
    def _networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        return _parsed(networks)

    @field_validator("web_address")
    @classmethod
    def _site(cls, address: str) -> str:
        """The address of a whole site, as letters put a code behind it."""
        site = address.strip().rstrip("/")
        try:
            parts = urlsplit(site)
            whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            whole = False
        if site and not (whole and not any((parts.path, parts.query, parts.fragment, parts.username))):
            raise PydanticCustomError("site", "an address such as https://support.example.com")
        return site

    @field_validator("ssh", "web")
    @classmethod
    def _place(cls, place: str) -> str:
        host, colon, port = place.rpartition(":")
        if place and not (colon and host and port.isdecimal() and 0 <= int(port) <= 65535):
            raise PydanticCustomError("place", "an address and a port, such as 0.0.0.0:22")
        return place


class CareSection(Section):
    """Installer companies and their customers."""

    invitations_a_day: int = Field(
        default=50, ge=1, description="of one company, until ten were accepted or an agent has lifted it"
    )


class SubscribersSection(Section):
    """Internet subscribers. ``line_rule``: sign-up only from one's own line (``require``), or with an agent's code too
    (``staff``), or from anywhere (``off``: a desk used at the counter)."""

    line_rule: Literal["require", "staff", "off"] = "require"


class SellerSection(Section):
    """Who issues the invoices that are imported."""

    name: str = ""
    street: str = ""
    postcode: str = ""
    town: str = ""
    tax_id: str = ""
    bank_account: str = ""
    bank_name: str = ""


class InBoth(Section):
    """A few words in both languages; a single text in the file stands for both."""

    en: str = ""
    pl: str = ""

    @model_validator(mode="before")
    @classmethod
    def _same(cls, value: object) -> object:
        return {"en": value, "pl": value} if isinstance(value, str) else value

    def text(self, language: str) -> str:
        """The words in ``language``, or else in the other one."""
        return (self.pl or self.en) if language == "pl" else (self.en or self.pl)


class Department(Section):
    """One door of the operator's: ``[[contact]]`` in the file. How ``hours`` are written says
    :mod:`core.knowledge.opening_hours`; ``around_the_clock`` is what works at any hour (an SMS)."""

    name: InBoth
    phones: tuple[str, ...] = ()
    email: str = ""
    address: str = ""
    hours: str = ""
    holidays: Literal["closed", "open"] = "closed"
    around_the_clock: InBoth = InBoth()


_BY_PROGRAM = frozenset({"demo"})
"""What only the program itself says: a demo's guards are open, and a real desk must not become one by a variable."""


class _File(TomlConfigSettingsSource):
    """``okienko.toml``, with or without the mark that some editors put before the first line."""

    def _read_file(self, file_path: Any) -> dict[str, Any]:
        values = tomllib.loads(file_path.read_text(encoding="utf-8-sig"))
        return {name: value for name, value in values.items() if name not in _BY_PROGRAM}


class Settings(BaseSettings):
    """Everything in force. ``Settings.load()`` reads it; tests and the demo build it by hand."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,  # compose files and unit files leave what is not given empty
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    data_dir: Path = Field(default_factory=paths.data_folder)
    database_url: SecretStr | None = None
    demo: bool = False
    desk: DeskSection = DeskSection()
    mail: MailSection = MailSection()
    security: SecuritySection = SecuritySection()
    ssh: SshSection = SshSection()
    serve: ServeSection = ServeSection()
    care: CareSection = CareSection()
    subscribers: SubscribersSection = SubscribersSection()
    seller: SellerSection = SellerSection()
    contact: tuple[Department, ...] = ()

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, folder: Path) -> Path:
        return folder.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        if isinstance(env_settings, EnvSettingsSource):
            reserved = {ENVIRONMENT_PREFIX.casefold() + name for name in _BY_PROGRAM}
            env_settings.env_vars = {
                name: value for name, value in env_settings.env_vars.items() if name.casefold() not in reserved
            }
        return init_settings, env_settings, _File(settings_cls, paths.settings_file())

    @classmethod
    def load(cls) -> "Settings":
        return cls()

    @classmethod
    def unknown_variables(cls) -> list[str]:
        """Variables of the environment that look like settings and are none: a mistyped section takes no effect."""
        sections = {name.upper() for name in cls.model_fields if name not in _BY_PROGRAM}
        return sorted(
            name
            for name, value in os.environ.items()
            if value
            and name.upper().startswith(ENVIRONMENT_PREFIX)
            and name.upper() not in NOT_SETTINGS
            and name.upper().removeprefix(ENVIRONMENT_PREFIX).partition("__")[0] not in sections
        )

    @property
    def beyond_doubt(self) -> bool:
        """Whether nobody but root could have written the settings: only then is ``ssh`` believed."""
        if any(value and name.upper().startswith("OKIENKO_SSH") for name, value in os.environ.items()):
            return False
        file = paths.settings_file()
        try:
            stats = [file.stat(), file.parent.stat()]
        except OSError:
            return False
        return all(each.st_uid == 0 and not each.st_mode & 0o022 for each in stats)

    @property
    def is_served(self) -> bool:
        """Whether whoever set the desk up has said how ``okienko serve`` opens it."""
        return "serve" in self.model_fields_set

    @property
    def database_file(self) -> Path:
        return self.data_dir / "desk.db"

    @property
    def key_file(self) -> Path:
        return self.security.key_file or self.data_dir / "desk.key"

    @property
    def maildir(self) -> Path:
        return self.mail.maildir or self.data_dir / "mail"

    @property
    def mail_folder(self) -> Path | None:
        """The folder that letters stay in; None where a server takes them away."""
        return self.maildir if self.mail.backend == "maildir" else None
