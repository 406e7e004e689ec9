"""Sound on clips and out of them: laid, taken out, removed, evened, faded, spoken, drawn."""

from lib.media.sound.lay import Tone, build

__all__ = ["Tone", "build"]
