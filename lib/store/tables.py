"""The tables. Times are seconds since 1970 (UTC); money is whole millionths of a dollar, so that sums are exact."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import sqlalchemy as sa

SCHEMA_VERSION = 1
MICRO = Decimal(1_000_000)

metadata = sa.MetaData()


class Usd(sa.types.TypeDecorator[Decimal]):
    """A Decimal number of dollars, kept as an integer of millionths; a fraction of one counts whole."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> int | None:
        return None if value is None else int((value * MICRO).to_integral_value(ROUND_CEILING))

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        return None if value is None else (Decimal(int(value)) / MICRO).normalize() + Decimal(0)


def no_more_than(cap: Decimal | None) -> Decimal | None:
    """A cap in whole millionths, never above what was allowed."""
    return None if cap is None else (cap * MICRO).to_integral_value(ROUND_FLOOR) / MICRO


schema = sa.Table("schema", metadata, sa.Column("version", sa.Integer, primary_key=True))

run = sa.Table(
    "run",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("token", sa.String(64), unique=True),  # one press of a button is one run
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("mode", sa.String(10), nullable=False),
    sa.Column("label", sa.String(80), nullable=False, default=""),
    sa.Column("chain", sa.JSON, nullable=False),
    sa.Column("inputs", sa.JSON, nullable=False),  # name -> sha256
    sa.Column("status", sa.String(12), nullable=False, index=True),
    sa.Column("cancel_requested", sa.Boolean, nullable=False, default=False),
    sa.Column("accept_unknown_price", sa.Boolean, nullable=False, default=False),
    sa.Column("max_usd", Usd),
    sa.Column("created_at", sa.Float, nullable=False, index=True),
    sa.Column("finished_at", sa.Float),
)

step = sa.Table(
    "step",
    metadata,
    sa.Column("run_id", sa.String(32), sa.ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("operation", sa.String(120), nullable=False),
    sa.Column("needs", sa.JSON, nullable=False),
    sa.Column("state", sa.String(12), nullable=False, index=True),
    sa.Column("attempt", sa.Integer, nullable=False, default=1),
    sa.Column("resume", sa.Integer, nullable=False, default=0),
    sa.Column("input", sa.JSON),  # references replaced by "asset:<sha256>", the seed drawn
    sa.Column("estimate", sa.JSON),
    sa.Column("error", sa.JSON),
    sa.Column("started_at", sa.Float),
    sa.Column("finished_at", sa.Float),
)

take = sa.Table(
    "take",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("run_id", sa.String(32), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
    sa.Column("step_id", sa.String(40), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("operation", sa.String(120), nullable=False),
    sa.Column("mode", sa.String(10), nullable=False),
    sa.Column("input", sa.JSON, nullable=False),
    sa.Column("output", sa.JSON, nullable=False),  # as returned; each file carries its "asset"
    sa.Column("sha256", sa.String(64)),  # the first file of the output
    sa.Column("created_at", sa.Float, nullable=False, index=True),
    sa.UniqueConstraint("run_id", "step_id", "attempt"),
)

take_note = sa.Table(  # what people say about a take; a take of which nobody said anything has no row
    "take_note",
    metadata,
    sa.Column("take_id", sa.String(32), sa.ForeignKey("take.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("favourite", sa.Boolean, nullable=False, default=False),
    sa.Column("note", sa.Text, nullable=False, default=""),
    sa.Column("deleted_at", sa.Float),
)

gate = sa.Table(  # what was found in a take before it goes on; a take that nobody looked at has no row
    "gate",
    metadata,
    sa.Column("run_id", sa.String(32), sa.ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("step_id", sa.String(40), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("found", sa.JSON, nullable=False),
    sa.Column("answer", sa.String(12)),  # accept, redo or stop; NULL: nobody has said, or was asked
    sa.Column("measured_at", sa.Float, nullable=False),
    sa.Column("answered_at", sa.Float),
)

purchase = sa.Table(
    "purchase",
    metadata,
    sa.Column("key", sa.String(96), primary_key=True),  # run/step/attempt
    sa.Column("run_id", sa.String(32), sa.ForeignKey("run.id"), nullable=False, index=True),
    sa.Column("step_id", sa.String(40), nullable=False),
    sa.Column("mode", sa.String(10), nullable=False),
    sa.Column("endpoint", sa.String(120), nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("payload_sha256", sa.String(64), nullable=False, index=True),
    sa.Column("state", sa.String(12), nullable=False, index=True),
    sa.Column("sent_at", sa.Float, nullable=False, index=True),
    sa.Column("sends", sa.Integer, nullable=False, default=1),
    sa.Column("request_id", sa.String(120)),
    sa.Column("status_url", sa.Text),
    sa.Column("response_url", sa.Text),
    sa.Column("cancel_url", sa.Text),
    sa.Column("adopted", sa.Boolean, nullable=False, default=False),
    sa.Column("reserved_usd", Usd),  # NULL: the price is unknown and somebody accepted that
    sa.Column("cost_usd", Usd),
    sa.Column("units", sa.String(40)),
    sa.Column("output", sa.JSON),  # the provider's answer, kept before its files are fetched
    sa.Column("answer", sa.JSON),  # what a person chose for an uncertain submit
    sa.Column("error", sa.JSON),  # why it ended without a result
    sa.Column("settled_at", sa.Float),
    sa.UniqueConstraint("mode", "request_id"),
)

asset = sa.Table(
    "asset",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("content_type", sa.String(80), nullable=False),
    sa.Column("suffix", sa.String(8), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("name", sa.String(160), nullable=False),
    sa.Column("origin", sa.String(10), nullable=False),  # sample, upload, address, take
    sa.Column("mode", sa.String(10)),  # of the run that made it; NULL: a person brought or chose it
    sa.Column("created_at", sa.Float, nullable=False, index=True),
    sa.Column("removed_at", sa.Float),
)

model = sa.Table(  # models that somebody added by their id; every version that was read stays
    "model",
    metadata,
    sa.Column("endpoint_id", sa.String(120), primary_key=True),
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("source", sa.String(10), nullable=False),  # rehearsal, live
    sa.Column("read_at", sa.Float, nullable=False),
)

address = sa.Table(
    "address",
    metadata,
    sa.Column("sha256", sa.String(64), sa.ForeignKey("asset.sha256"), primary_key=True),
    sa.Column("mode", sa.String(10), primary_key=True),
    sa.Column("origin", sa.String(200), primary_key=True),  # the provider's queue origin
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
)

progress = sa.Table(
    "progress",
    metadata,
    sa.Column("run_id", sa.String(32), sa.ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("step_id", sa.String(40), primary_key=True),
    sa.Column("phase", sa.String(160), nullable=False),
    sa.Column("fraction", sa.Float),
    sa.Column("queue_position", sa.Integer),
    sa.Column("logs", sa.JSON, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
)

moment = sa.Table(  # when a request was first seen in a state
    "moment",
    metadata,
    sa.Column("run_id", sa.String(32), sa.ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("step_id", sa.String(40), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(12), primary_key=True),  # running
    sa.Column("at", sa.Float, nullable=False),
)

board = sa.Table(  # a chain that somebody builds, finished or not
    "board",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("record", sa.JSON, nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False, index=True),
)

board_run = sa.Table(  # which runs were started from which board
    "board_run",
    metadata,
    sa.Column("run_id", sa.String(32), sa.ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("board_id", sa.String(32), nullable=False, index=True),
)

reuse = sa.Table(  # a step that was not run: a take that was there already stands for it
    "reuse",
    metadata,
    sa.Column("run_id", sa.String(32), sa.ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("step_id", sa.String(40), primary_key=True),
    sa.Column("take_id", sa.String(32), sa.ForeignKey("take.id", ondelete="CASCADE"), nullable=False, index=True),
)
