"""An estimate as the store keeps it, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from lib.catalog.price import Estimate, Price, Unknown


def price_record(price: Price) -> dict[str, Any]:
    """{"low_usd", "high_usd", "source", "seen"} as texts, or {"unknown": reason}."""
    if isinstance(price, Unknown):
        return {"unknown": price.reason}
    return {
        "low_usd": str(price.low_usd),
        "high_usd": str(price.high_usd),
        "source": price.source,
        "seen": price.seen.isoformat(),
    }


def price_of(record: Mapping[str, Any] | None) -> Price:
    """The reverse of `price_record`; nothing recorded is Unknown."""
    if not record or "unknown" in record:
        return Unknown(str((record or {}).get("unknown", "Not estimated yet.")))
    low, high = Decimal(record["low_usd"]), Decimal(record["high_usd"])
    return Estimate(low, high, str(record["source"]), date.fromisoformat(record["seen"]))
