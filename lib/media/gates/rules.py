"""From when on something counts as a defect: every limit with its reason. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """`limit` is the last value that passes; `source` says, in its unit, why it is that one."""

    limit: float
    source: str


BLACK_S = Rule(0.25, "seconds of black that no fade leads to; a shorter flash is hardly seen")
BLACK_SHARE = Rule(0.5, "share of the clip that is black, faded to or not; half of it shows nothing")
FROZEN_S = Rule(0.35, "seconds without any change at the end; scenes that only seem still change within that time")
SILENCE_DB = Rule(-60.0, "dBFS of the loudest twentieth of a second; quiet rooms are recorded at about -55")
MUTED_S = Rule(0.5, "seconds of silence where the sound that was given is heard; pauses of speech are in both")
CLIPPING_SHARE = Rule(0.005, "share of the samples at full scale; a mastered film has less than a thousandth")
DURATION_SHARE = Rule(0.04, "share of the length; models round to their own steps of pictures")
DURATION_S = 0.15  # what is always allowed: the last pictures of a short clip
ASPECT_SHARE = Rule(0.04, "share of width by height; 832 x 480 counts as 16:9, which it misses by 2.5 %")
SIZE_SHARE = Rule(0.06, "share of a side; models round sides to multiples of 32")
FPS_SHARE = Rule(0.02, "share of the rate; 23.976 counts as 24, and 25 does not")
FLICKER_TURNS = Rule(4, "times that brightness or colour turns back within half a second; nothing filmed does")
UNCHANGED_SHARE = Rule(0.9, "share of the pictures that are those of the input again")
OUT_OF_STEP_S = Rule(0.045, "seconds; from there on people notice it (ITU-R BT.1359)")
TORN_PICTURES = Rule(0, "pictures that are cut straight across or cannot be read; whole clips have none")
GREEN_SHARE = Rule(0.12, "share of a picture in the green that decoders show where nothing was written")
