"""Why an id is a guess: the documents print the types of many endpoints without saying what their ids are."""

from __future__ import annotations

PRINTED = (
    "The documents print this request without an id; the official JavaScript client (1.6.0) lists the same fields "
    "under this one."
)
PRINTED_EARLIER = (
    "The documents print this request without an id; an older version of the official JavaScript client (1.3.0) lists "
    "the same fields under this one."
)
ITEMS_PRINTED = (
    "The documents print only types that belong to this endpoint; its id and its request are those of the official "
    "JavaScript client (1.6.0)."
)
FRAMES_PRINTED = (
    "The documents print only the type of one frame; the id and the request are those of the official JavaScript "
    "client (1.10.1)."
)
