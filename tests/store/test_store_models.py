"""Models that somebody added: every version by its hash, found by id from any process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lib.catalog import known, operation
from lib.catalog.added import forget, look_with
from lib.catalog.form import fields
from lib.errors import NotFound
from lib.store import Store
from tests.store.rows import Hands


def document(*names: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    told = {"content": {"application/json": {"schema": schema}}}
    return {"paths": {"/a/b": {"post": {"requestBody": told}}}}


@pytest.fixture
def other(store: Store) -> Iterator[Store]:
    """Another process on the same folder, which has only just begun to look."""
    opened = Store(store.data_dir, clock=Hands())
    look_with(opened.models.endpoint)
    yield opened
    forget(opened.models.endpoint)
    opened.close()


def names(id: str) -> list[str]:
    return [spec.name for spec in fields(operation(id).input)]


def test_every_version_is_found_and_the_last_read_is_the_newest(store: Store, hands: Hands, other: Store) -> None:
    """By the plain id the newest, by the id with its hash that very one, from a process that never read either."""
    first = store.models.keep("a/b", document("x"), "live")
    assert names("a/b") == ["x"]
    hands.now_s += 1
    second = store.models.keep("a/b", document("y", "z"), "live")
    assert names("a/b") == ["y", "z"]
    assert names(f"a/b@{first.sha256[:12]}") == ["x"]
    hands.now_s += 1
    store.models.keep("a/b", document("x"), "live")
    assert names("a/b") == ["x"]
    assert [kept.sha256 for kept in other.models.all()] == [first.sha256]
    assert other.models.get(f"a/b@{second.sha256[:12]}").sha256 == second.sha256


def test_one_row_for_one_version(store: Store, hands: Hands) -> None:
    """Reading the same again only counts as read later."""
    store.models.keep("a/b", document("x"), "rehearsal")
    hands.now_s += 60
    kept = store.models.keep("a/b", document("x"), "live")
    assert store.models.all() == [kept]
    assert (kept.read_at, kept.source) == (hands.now_s, "live")
    assert store.models.document(kept) == document("x")


def test_fields_keep_the_order_of_their_author(store: Store, other: Store) -> None:
    """Also where the document has no word of its own for the order."""
    store.models.keep("a/b", document("zebra", "apple", "mango"), "live")
    assert names("a/b") == ["zebra", "apple", "mango"]


@pytest.mark.parametrize("id", ["a/b", "a/b@", "a/b@000000000000", "a/%", "a/b@%", "", "@"])
def test_what_nobody_added_is_not_found(store: Store, other: Store, id: str) -> None:
    """No wildcard and no empty hash finds somebody else's model."""
    store.models.keep("c/d", document("x"), "live")
    assert known(id) is None
    with pytest.raises(NotFound):
        other.models.get(id)


def test_a_description_that_this_version_cannot_use_is_no_model(store: Store, other: Store) -> None:
    """What was kept by another version of Dailies takes no page down."""
    store.models.keep("a/b", {"paths": {}}, "live")
    assert known("a/b") is None
