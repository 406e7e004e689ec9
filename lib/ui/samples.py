"""The shipped samples as stored files, copied in only when they are not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.catalog.fields import fits
from lib.catalog.form import fields
from lib.catalog.operation import Operation, media_given
from lib.chain.files import ASSET
from lib.errors import NotFound
from lib.media.samples import SAMPLES, sample
from lib.store.assets import hash_file
from lib.store.views import Asset
from lib.studio import Studio


def sample_of(kind: str) -> str | None:
    """The name of the shipped sample of that kind."""
    return next((name for name, given in SAMPLES.items() if fits(kind, given)), None)


def sample_asset(studio: Studio, name: str) -> Asset:
    """The sample, stored."""
    try:
        asset = studio.asset(hash_file(sample(name)))
    except NotFound:
        return studio.add_sample(name)
    return asset if asset.path is not None and asset.path.is_file() else studio.add_sample(name)


def with_samples(studio: Studio, made: Operation, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with each file of a kind that has a sample replaced by it; weights stay where they are.

    A required file that the values leave empty is the sample too: one documented example sends none, which the model
    refuses.
    """
    changed = _copy(values)
    for spec in fields(made.input):
        name = sample_of(str(spec.media)) if spec.kind == "media" and spec.required else None
        if name and not changed.get(spec.name):
            changed[spec.name] = f"{ASSET}{sample_asset(studio, name).sha256}"
    for path, _, mark in media_given(made.validate(values)):
        if name := sample_of(mark.kind):
            *above, last = path.split(".")
            holder = changed
            for part in above:
                holder = holder[int(part)] if isinstance(holder, list) else holder[part]
            holder[int(last) if isinstance(holder, list) else last] = f"{ASSET}{sample_asset(studio, name).sha256}"
    return changed  # type: ignore[no-any-return]


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list | tuple) else value
