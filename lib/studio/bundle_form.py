"""What a bundle is: the names in the zip, and what its JSON files hold."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from lib.catalog.recorded import price_of

FORMAT: Literal[1] = 1
MANIFEST, CHAIN, RUN, LEDGER, REPORT = "manifest.json", "chain.json", "run.json", "ledger.json", "report.html"
TEXTS = (CHAIN, RUN, LEDGER, REPORT)
FILE = re.compile(r"files/([0-9a-f]{64})(\.[a-z0-9]{1,7})?")
MOST_TEXT_BYTES = 32 << 20
"""The report carries small pictures; what else is read at once is far smaller."""
MOST_FILES = 5000
MOST_FILE_BYTES = 4 << 30
MOST_BYTES = 256 << 30
LABEL = "from a bundle"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Moment = Annotated[float, Field(ge=0, le=4e10, allow_inf_nan=False)]
"""Seconds since 1970."""


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Entry(Part):
    """One entry of the zip."""

    sha256: Sha256
    size_bytes: int = Field(ge=0, le=MOST_FILE_BYTES)


class KeptFile(Part):
    """What is said of a file; whoever opens the bundle finds its facts again by looking."""

    name: str = Field(max_length=160)
    kind: str = Field(max_length=10)
    content_type: str = Field(max_length=80)
    origin: str = Field(max_length=10)
    mode: Literal["live", "rehearsal"] | None = None


class Manifest(Part):
    """`entries` are all others in the zip; `files` says what those under files/ are, `missing` what was cleaned up."""

    dailies_bundle: Literal[1] = FORMAT
    run: str = Field(max_length=64)
    mode: Literal["live", "rehearsal"]
    provenance: dict[str, str] = {}
    entries: dict[str, Entry] = Field(max_length=MOST_FILES + len(TEXTS))
    files: dict[Sha256, KeptFile] = Field(max_length=MOST_FILES)
    missing: list[Sha256] = Field([], max_length=MOST_FILES)


class BundledError(Part):
    """As `DailiesError.record` writes it."""

    kind: str = Field(max_length=40)
    message: str
    hint: str = ""
    fields: dict[str, str] = {}
    request: str = ""
    error_type: str = ""
    billed: bool | None = None


class BundledStep(Part):
    id: str = Field(max_length=40)
    operation: str = Field(max_length=120)
    state: Literal["done", "failed", "cancelled", "skipped"]
    attempt: int = Field(ge=1, le=100_000)
    input: dict[str, Any] | None = None
    estimate: dict[str, str] | None = None
    error: BundledError | None = None
    started_at: Moment | None = None
    finished_at: Moment | None = None

    @field_validator("estimate")
    @classmethod
    def _is_price(cls, value: dict[str, str] | None) -> dict[str, str] | None:
        try:
            price_of(value)
        except (ArithmeticError, KeyError) as error:
            raise ValueError("that is no price") from error
        return value


class BundledTake(Part):
    step_id: str = Field(max_length=40)
    attempt: int = Field(ge=1, le=100_000)
    operation: str = Field(max_length=120)
    input: dict[str, Any]
    output: dict[str, Any]
    sha256: Sha256 | None = None
    created_at: Moment


class BundledRun(Part):
    name: str = Field(min_length=1, max_length=120)
    mode: Literal["live", "rehearsal"]
    inputs: dict[str, Sha256]
    created_at: Moment
    finished_at: Moment | None = None
    steps: list[BundledStep] = Field(min_length=1, max_length=200)
    takes: list[BundledTake] = Field(max_length=MOST_FILES)
