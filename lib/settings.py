"""Settings from the environment and `.streamlit/secrets.toml`; the environment wins.

The key is looked up again whenever it is needed and is never kept, printed or written.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lib.errors import SettingsError

ROOT = Path(__file__).resolve().parents[1]
SECRETS = ROOT / ".streamlit" / "secrets.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """What this installation is told. Money in US dollars."""

    data_dir: Path
    max_usd_per_day: Decimal = Decimal(5)
    access_code: str = field(default="", repr=False)
    fal_origin: str | None = None
    """Where live requests go instead of fal's own hosts: a proxy, or a stand-in under test."""

    @property
    def standin_dir(self) -> Path:
        return self.data_dir / "standin"


def load_settings(environ: Mapping[str, str] | None = None, secrets: Path = SECRETS) -> Settings:
    """The settings in force. Raises SettingsError, naming the variable, where one cannot be read."""
    values = _values(environ, secrets)
    folder = values.get("DAILIES_DATA_DIR") or str(ROOT / ".dailies")
    origin = values.get("DAILIES_FAL_ORIGIN") or None
    if origin is not None and not origin.startswith(("http://", "https://")):
        raise SettingsError("DAILIES_FAL_ORIGIN is no web address.", hint="Write http(s)://host, or leave it out.")
    return Settings(
        data_dir=Path(folder).expanduser().absolute(),
        max_usd_per_day=_dollars(values, "DAILIES_MAX_USD_PER_DAY", "5"),
        access_code=values.get("DAILIES_ACCESS_CODE", ""),
        fal_origin=origin,
    )


def fal_key(environ: Mapping[str, str] | None = None, secrets: Path = SECRETS) -> str | None:
    """The key as it stands now, or None."""
    return _values(environ, secrets).get("FAL_KEY", "").strip() or None


def is_loopback(host: str) -> bool:
    """Whether a server bound to `host` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _values(environ: Mapping[str, str] | None, secrets: Path) -> dict[str, str]:
    given = os.environ if environ is None else environ
    names = ("DAILIES_", "FAL_KEY")
    return _file_values(secrets) | {key: value for key, value in given.items() if key.startswith(names) and value}


def _file_values(secrets: Path) -> dict[str, str]:
    try:
        table: dict[str, Any] = tomllib.loads(secrets.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:  # not readable, not TOML, or not even text
        raise SettingsError("secrets.toml cannot be read.", hint="Compare it with secrets.toml.example.") from error
    return {key: str(value) for key, value in table.items() if isinstance(value, str | int | float)}


def _dollars(values: Mapping[str, str], name: str, default: str) -> Decimal:
    try:
        amount = Decimal(values.get(name, default))
    except InvalidOperation as error:
        raise SettingsError(f"{name} is not an amount of money.", hint="Write a number such as 5 or 12.50.") from error
    if not amount.is_finite() or amount < 0:
        raise SettingsError(f"{name} must be 0 or more.", hint="Write a number such as 5 or 12.50.")
    return amount
