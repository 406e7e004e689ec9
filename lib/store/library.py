"""Everything ever made: found by what it is about, marked, noted, deleted and brought back."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa

from lib.errors import NotFound
from lib.store import tables as t
from lib.store.database import Clock, Database
from lib.store.read import as_purchase, as_take
from lib.store.views import KeptTake, Mode

GRACE_S = 7 * 24 * 3600.0
"""So long a deleted take can be brought back; after that its file is the first to go when room is made."""
MOST_LETTERS = 4000
Order = Literal["newest", "oldest", "costliest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which takes; what is left open matches every take.

    All of `words` must be in names, notes or the input's `text_fields`; `named` says which operations a word stands
    for ("extend"), whose takes then count as having it. `operations` are the only ones, `but` are left out. `since`
    and `before` are seconds since 1970; `least_usd` is what a paid take must have cost (or may have, where the cost is
    not known).
    """

    words: str = ""
    text_fields: Collection[str] = ("prompt",)
    named: Mapping[str, Collection[str]] = field(default_factory=dict)
    operations: Collection[str] | None = None
    but: Collection[str] = ()
    since: float | None = None
    before: float | None = None
    label: str | None = None
    mode: Mode | None = None
    paid: bool | None = None
    least_usd: Decimal | None = None
    favourite: bool = False
    deleted: bool = False
    order: Order = "newest"


class Library:
    """Takes as people look for them. Nothing here touches a file, nor a run."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def find(self, wanted: Wanted, *, offset: int = 0, limit: int = 24) -> tuple[list[KeptTake], int]:
        """One page of the takes that match, and how many match in all: two queries, however many there are."""
        where = list(self._where(wanted))
        with self._db.read() as c:
            total = c.execute(sa.select(sa.func.count()).select_from(_JOINED).where(*where)).scalar_one()
            query = _ALL.where(*where).order_by(*_ORDERS[wanted.order]).offset(offset).limit(limit)
            return [_kept(row) for row in c.execute(query)], int(total)

    def get(self, take_id: str) -> KeptTake:
        """That take, deleted or not. Raises NotFound."""
        found = self.some([take_id])
        if not found:
            raise NotFound("There is no such take.", hint="It may belong to another data folder.")
        return found[0]

    def some(self, take_ids: Sequence[str]) -> list[KeptTake]:
        """Those of them that exist, in this order."""
        with self._db.read() as c:
            rows = {row.id: row for row in c.execute(_ALL.where(t.take.c.id.in_(take_ids)))}
        return [_kept(rows[take_id]) for take_id in dict.fromkeys(take_ids) if take_id in rows]

    def labels(self) -> list[str]:
        """The names of the people who started runs that gave takes."""
        query = sa.select(t.run.c.label).join(t.take, t.take.c.run_id == t.run.c.id).where(t.run.c.label != "")
        with self._db.read() as c:
            return sorted(c.execute(query.distinct()).scalars())

    def operations(self) -> set[str]:
        """The ids of the operations that takes were made by."""
        with self._db.read() as c:
            return set(c.execute(sa.select(t.take.c.operation).distinct()).scalars())

    def set_favourite(self, take_id: str, *, favourite: bool) -> None:
        self._say(take_id, favourite=favourite)

    def set_note(self, take_id: str, note: str) -> None:
        self._say(take_id, note=note.strip()[:MOST_LETTERS])

    def delete(self, take_id: str) -> None:
        """Hides the take; `restore` brings it back within GRACE_S. Its run, cost and file stay as they are."""
        self._say(take_id, deleted_at=self._clock())

    def restore(self, take_id: str) -> None:
        self._say(take_id, deleted_at=None)

    def _say(self, take_id: str, **said: Any) -> None:
        with self._db.write() as c:
            if c.execute(sa.update(t.take_note).where(t.take_note.c.take_id == take_id).values(**said)).rowcount:
                return
            if c.execute(sa.select(t.take.c.id).where(t.take.c.id == take_id)).scalar() is None:
                raise NotFound("There is no such take.", hint="Reload the page.")
            c.execute(sa.insert(t.take_note).values(take_id=take_id, **said))

    def _where(self, wanted: Wanted) -> Iterable[sa.ColumnElement[bool]]:
        yield from self._there(deleted=wanted.deleted)
        for word in wanted.words.split():
            yield _says(word, wanted)
        if wanted.operations is not None:
            yield t.take.c.operation.in_(wanted.operations)
        yield t.take.c.operation.not_in(wanted.but)
        if wanted.since is not None:
            yield t.take.c.created_at >= wanted.since
        if wanted.before is not None:
            yield t.take.c.created_at < wanted.before
        if wanted.label is not None:
            yield t.run.c.label == wanted.label
        if wanted.mode is not None:
            yield t.take.c.mode == wanted.mode
        if wanted.favourite:
            yield t.take_note.c.favourite.is_(True)
        if wanted.paid is not None:
            yield _PAID if wanted.paid else sa.not_(_PAID)
        if wanted.least_usd is not None:
            yield sa.and_(_PAID, sa.or_(_COST.is_(None), wanted.least_usd <= _COST))

    def _there(self, *, deleted: bool) -> Iterable[sa.ColumnElement[bool]]:
        """Not deleted; or deleted so lately that it can be brought back."""
        if deleted:
            yield t.take_note.c.deleted_at > self._clock() - GRACE_S
        else:
            yield t.take_note.c.deleted_at.is_(None)


_KEY = t.take.c.run_id + "/" + t.take.c.step_id + "/" + sa.cast(t.take.c.attempt, sa.String)
_SAME_STEP = sa.and_(
    t.step.c.run_id == t.take.c.run_id, t.step.c.id == t.take.c.step_id, t.step.c.attempt == t.take.c.attempt
)
_JOINED = (
    t.take.join(t.run, t.run.c.id == t.take.c.run_id)
    .outerjoin(t.take_note, t.take_note.c.take_id == t.take.c.id)
    .outerjoin(t.purchase, t.purchase.c.key == _KEY)
    .outerjoin(t.step, _SAME_STEP)
)
_OF_PURCHASE = [column.label(f"bought_{column.name}") for column in t.purchase.c]
_ALL = sa.select(
    t.take, t.run.c.name.label("run_name"), t.run.c.label, t.step.c.estimate,
    (t.step.c.finished_at - t.step.c.started_at).label("took_s"),
    sa.func.coalesce(t.take_note.c.favourite, sa.false()).label("favourite"),
    sa.func.coalesce(t.take_note.c.note, "").label("note"), t.take_note.c.deleted_at, *_OF_PURCHASE,
).select_from(_JOINED)  # fmt: skip
_COST = sa.func.coalesce(t.purchase.c.cost_usd, t.purchase.c.reserved_usd, type_=t.Usd())
_PAID = sa.func.coalesce(
    sa.and_(t.purchase.c.mode == "live", sa.or_(t.purchase.c.cost_usd.is_(None), t.purchase.c.cost_usd > 0)), sa.false()
)
_LAST_FIRST = (t.take.c.created_at.desc(), t.take.c.id)
_ORDERS: dict[Order, tuple[sa.ColumnElement[Any], ...]] = {
    "newest": _LAST_FIRST,
    "oldest": (t.take.c.created_at, t.take.c.id),
    "costliest": (sa.case((_PAID, _COST), else_=None).desc().nulls_last(), *_LAST_FIRST),
}


def files_with(word: str, wanted: Wanted) -> sa.Select[tuple[str | None]]:
    """The hashes of the files of those takes that have this word somewhere."""
    told = t.take.join(t.run, t.run.c.id == t.take.c.run_id).outerjoin(
        t.take_note, t.take_note.c.take_id == t.take.c.id
    )
    query = sa.select(t.take.c.sha256).select_from(told)
    return query.where(t.take.c.sha256.is_not(None), t.take_note.c.deleted_at.is_(None), _says(word, wanted))


def _says(word: str, wanted: Wanted) -> sa.ColumnElement[bool]:
    """Whether that word is somewhere in what is known of a take. JSON keeps letters beyond ASCII escaped."""
    plain = (t.run.c.name, t.run.c.label, t.take.c.operation, t.take_note.c.note)
    places = [column.icontains(word, autoescape=True) for column in plain]
    written = json.dumps(word)[1:-1]
    if wanted.text_fields:
        inside = sa.cast(t.take.c.input, sa.Text)
        # The cheap look comes first: only where the word is anywhere in the input its fields are taken apart.
        texts = [t.take.c.input[name].as_string().icontains(word, autoescape=True) for name in wanted.text_fields]
        places.append(sa.and_(inside.icontains(written, autoescape=True), sa.or_(*texts)))
    return sa.or_(*places, t.take.c.operation.in_(wanted.named.get(word, ())))


def _kept(row: Any) -> KeptTake:
    values = row._mapping
    bought = {name: values[f"bought_{name}"] for name in t.purchase.c.keys()}  # noqa: SIM118 - a collection of columns
    return KeptTake(
        take=as_take(_Part({column.name: values[column] for column in t.take.c})),
        run_name=row.run_name, label=row.label, estimate=row.estimate, took_s=row.took_s,
        purchase=as_purchase(_Part(bought)) if bought["key"] is not None else None,
        favourite=bool(row.favourite), note=row.note, deleted_at=row.deleted_at,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Part:
    """Some columns of a row, as `read` takes rows."""

    _mapping: dict[str, Any]
