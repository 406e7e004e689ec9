"""One file of a form: where its address is kept, and how a file gets there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lib.catalog.fields import fits
from lib.chain.files import ASSET
from lib.errors import DailiesError, NotFound
from lib.store.views import Asset
from lib.studio import Studio
from lib.ui.draft import Draft

ENDINGS = {
    "video": ["mp4", "mov", "webm", "mkv", "avi", "m4v", "ts", "m2ts", "mts", "3gp", "ogv", "gif"],
    "image": ["png", "jpg", "jpeg", "webp", "gif"],
    "audio": ["wav", "mp3", "flac", "ogg", "m4a", "aac"],
}
ENDINGS["media"] = sorted({ending for endings in ENDINGS.values() for ending in endings})
NAMES = {"video": "a video", "image": "a picture", "audio": "a sound", "scene": "a scene", "weights": "weights"}
NAMES["media"] = "a video, picture or sound"


@dataclass(frozen=True, slots=True)
class Slot:
    """One file of a form: where its address is kept, what kind it is, and how it is drawn."""

    draft: Draft
    path: str
    kind: str
    disabled: bool = False
    addresses: bool = True
    """Whether an address may be pasted instead of choosing a file."""
    many: bool = False
    """Whether several files may be chosen at once; each is put by itself."""
    height: Literal["content", "stretch"] = "content"
    """"stretch" where two boxes stand side by side."""

    @property
    def key(self) -> str:
        return self.draft.key(self.path)

    @property
    def value(self) -> str:
        return str(self.draft.state.get(self.key) or "")

    @property
    def error(self) -> str:
        """What is wrong at this field, or ""."""
        return self.draft.errors.get(self.draft.place(self.path), "")

    def put(self, value: str | None, *, error: str = "") -> None:
        """Keeps the choice; a message at this field goes away, or comes."""
        self.draft.state[self.key] = value
        place = self.draft.place(self.path)
        others = {at: message for at, message in self.draft.errors.items() if at != place}
        self.draft.put_errors(others | ({place: error} if error else {}))

    def clear(self) -> None:
        self.put(None)

    def take(self, add: Callable[[], Asset], instead: str | None = None) -> None:
        """The file that `add` gives, if this field takes such a one; else `instead`, and what is wrong."""
        try:
            asset = add()
        except DailiesError as error:
            self.put(instead, error=f"{error.message} {error.hint}".strip())
            return
        if not fits(self.kind, asset.kind):
            is_ = NAMES.get(asset.kind, asset.kind)
            self.put(instead, error=f"This field takes {NAMES[self.kind]}, and {asset.name} is {is_}.")
            return
        self.put(ASSET + asset.sha256)

    def clip(self) -> Slot:
        """Beside a field for a picture: the clip that the picture is taken out of. It is never sent."""
        return Slot(self.draft, f"{self.path}:clip", "video", disabled=self.disabled, addresses=False)


def clip_in(studio: Studio, slot: Slot) -> Asset | None:
    """The clip that is chosen, if its pictures can be shown: an address is fetched only when the run begins."""
    if not slot.value.startswith(ASSET):
        return None
    try:
        asset = studio.asset(slot.value.removeprefix(ASSET))
    except NotFound:
        return None
    shown = asset.path is not None and asset.kind == "video" and asset.facts.frames
    return asset if shown else None
