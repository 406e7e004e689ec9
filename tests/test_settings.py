"""Settings: the environment wins over secrets.toml, and what cannot be read is said by name."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from lib.errors import SettingsError
from lib.settings import fal_key, is_loopback, load_settings

NONE = Path("/nonexistent/secrets.toml")


def test_defaults_are_five_dollars_and_no_key() -> None:
    settings = load_settings({}, NONE)
    assert settings.max_usd_per_day == 5
    assert settings.access_code == ""
    assert settings.fal_origin is None
    assert settings.standin_dir == settings.data_dir / "standin"
    assert fal_key({}, NONE) is None


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text('FAL_KEY = "file:key"\nDAILIES_MAX_USD_PER_DAY = 2.5\n[other]\nx = 1\n')
    assert fal_key({}, secrets) == "file:key"
    assert fal_key({"FAL_KEY": " env:key\n"}, secrets) == "env:key"
    assert load_settings({}, secrets).max_usd_per_day == Decimal("2.5")
    assert load_settings({"DAILIES_MAX_USD_PER_DAY": "0"}, secrets).max_usd_per_day == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DAILIES_MAX_USD_PER_DAY", "lots"),
        ("DAILIES_MAX_USD_PER_DAY", "-1"),
        ("DAILIES_MAX_USD_PER_DAY", "nan"),
        ("DAILIES_MAX_USD_PER_DAY", "inf"),
        ("DAILIES_FAL_ORIGIN", "queue.fal.run"),
    ],
)
def test_what_cannot_be_read_is_said_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings({name: value}, NONE)


@pytest.mark.parametrize("content", [b"FAL_KEY = ", b"\xff\xfe\x00"])
def test_a_broken_secrets_file_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secrets.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"secrets\.toml"):
        load_settings({}, tmp_path / "secrets.toml")


def test_settings_do_not_show_the_access_code() -> None:
    settings = load_settings({"DAILIES_ACCESS_CODE": "hush", "DAILIES_DATA_DIR": "~/here"}, NONE)
    assert "hush" not in repr(settings)
    assert settings.data_dir == Path.home() / "here"


@pytest.mark.parametrize(
    ("host", "answer"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("localhost", True), ("0.0.0.0", False),
     ("192.168.1.2", False), ("localhost.evil.com", False), ("", False)],
)  # fmt: skip
def test_loopback_is_told_from_the_rest(host: str, answer: bool) -> None:
    assert is_loopback(host) is answer
