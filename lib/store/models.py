"""Models that somebody added: their documents, every version by its hash, so that they work without a network."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from lib.catalog.openapi import endpoint_of, fingerprint, read_document, written
from lib.catalog.operation import Endpoint
from lib.errors import NotFound, ProtocolError
from lib.store import tables as t
from lib.store.database import Clock, Database
from lib.store.views import AddedModel, Mode

log = logging.getLogger(__name__)
_COLUMNS = (t.model.c.endpoint_id, t.model.c.sha256, t.model.c.source, t.model.c.read_at)


class Models:
    """The newest version of a model is the one that was read last."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock
        self._made: dict[tuple[str, str], Endpoint] = {}

    def keep(self, endpoint_id: str, document: Mapping[str, Any], source: Mode) -> AddedModel:
        """Keeps the document; one that is there already only counts as read again."""
        kept = AddedModel(endpoint_id, fingerprint(document), source, self._clock())
        values = {"source": source, "read_at": kept.read_at}
        is_it = (t.model.c.endpoint_id == endpoint_id, t.model.c.sha256 == kept.sha256)
        with self._db.write() as c:
            if not c.execute(sa.update(t.model).where(*is_it).values(**values)).rowcount:
                row = {"endpoint_id": endpoint_id, "sha256": kept.sha256, "document": written(document), **values}
                c.execute(sa.insert(t.model).values(**row))
        return kept

    def all(self) -> list[AddedModel]:
        """The newest version of each, the one that was read last first."""
        with self._db.read() as c:
            rows = c.execute(sa.select(*_COLUMNS).order_by(t.model.c.read_at.desc())).all()
        newest = {row.endpoint_id: row for row in reversed(rows)}
        return [_view(row) for row in rows if newest[row.endpoint_id] is row]

    def get(self, id: str) -> AddedModel:
        """The model "owner/app", or the version "owner/app@0123456789ab" of it. Raises NotFound."""
        if (found := self._find(id)) is None:
            raise NotFound("Nobody has added this model here.", hint="Read its form first.")
        return found

    def document(self, kept: AddedModel) -> dict[str, Any]:
        """The document as it was read."""
        is_it = (t.model.c.endpoint_id == kept.endpoint_id, t.model.c.sha256 == kept.sha256)
        with self._db.read() as c:
            return read_document(c.execute(sa.select(t.model.c.document).where(*is_it)).scalar_one())

    def endpoint(self, id: str) -> Endpoint | None:
        """The operation of that id, or of that version of it."""
        known = next((made for made in list(self._made.values()) if made.id == id), None)
        found = None if known is not None else self._find(id)
        return self._endpoint(found) if found is not None else known

    def _endpoint(self, found: AddedModel) -> Endpoint | None:
        key = (found.endpoint_id, found.sha256)
        if key not in self._made:
            try:
                self._made[key] = endpoint_of(self.document(found), found.endpoint_id)
            except ProtocolError as error:
                log.warning("the description of %s cannot be used any more: %s", found.endpoint_id, error.message)
                return None
        return self._made[key]

    def _find(self, id: str) -> AddedModel | None:
        endpoint_id, _, version = id.partition("@")
        where = (t.model.c.endpoint_id == endpoint_id, t.model.c.sha256.startswith(version, autoescape=True))
        with self._db.read() as c:
            row = c.execute(sa.select(*_COLUMNS).where(*where).order_by(t.model.c.read_at.desc()).limit(1)).first()
        return None if row is None else _view(row)


def _view(row: Any) -> AddedModel:
    return AddedModel(row.endpoint_id, row.sha256, row.source, row.read_at)
