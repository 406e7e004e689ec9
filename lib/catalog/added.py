"""Models that somebody added by their id. Whoever puts a process together says who keeps their documents."""

from __future__ import annotations

from collections.abc import Callable

from lib.catalog.operation import Endpoint

Find = Callable[[str], Endpoint | None]
"""(operation id, with or without the hash of its document) -> the endpoint, if somebody added it."""

_finders: list[Find] = []


def look_with(find: Find) -> None:
    """From now on added models are found so; one keeper a process."""
    _finders[:] = [find]


def forget(find: Find) -> None:
    """They are no longer found so: their keeper closes."""
    if find in _finders:
        _finders.remove(find)


def added(id: str) -> Endpoint | None:
    """The added model of that id."""
    return next((made for find in _finders if (made := find(id)) is not None), None)
