"""How pictures of each coding are copied and encoded, so that both kinds stand in one track."""

from __future__ import annotations

from typing import Any

from lib.errors import Unsupported
from lib.media.smart import h264
from lib.media.smart.av1 import sequence_header
from lib.media.smart.boxes import find, walk
from lib.media.smart.entry import VISUAL, descriptors, with_parameters

MPEG4_VISUAL = 0x20
SAME_LIKENESS, LOW_CRF = 4, 4  # x264's superfast against what `crf` usually means; so low it must be just that
IRAP = range(19, 21)  # HEVC: IDR_W_RADL and IDR_N_LP


class Coding:
    """Pictures that may be copied from any clean key picture, and that are not encoded here."""

    decoder = ""
    encoder = ""
    mixes_orders = True  # pictures in the order shown may stand beside reordered ones

    def __init__(self, entry: bytes) -> None:
        self.entry = entry
        (self.fourcc, body), *_ = walk(entry)
        self.fixed, self.boxes = body[:VISUAL], body[VISUAL:]

    @property
    def extradata(self) -> bytes | None:
        return None

    def settings(self, crf: int) -> dict[str, str]:
        """How the encoder is set: as near to the source as libx264 comes at `crf`, fast, and in the order shown."""
        return {}

    def beside(self, other: Coding) -> None:
        """Makes room for pictures of another clip. Raises Unsupported where the two contradict each other."""

    def can_start(self, sample: bytes) -> bool:
        """Whether a key picture parts the coding, so that what follows needs nothing from before."""
        return True

    def droppable(self, sample: bytes) -> bool:
        """Whether no other picture needs this one."""
        return False

    def check(self, sample: bytes) -> None:
        """Looks at a key sample that is taken. Raises Unsupported where it cannot stand beside those before."""

    def copied(self, sample: bytes) -> bytes:
        """A key sample as it must stand in the result."""
        return sample

    def encoded(self, packet: bytes, encoder: Any) -> bytes:
        """What the encoder gave as a sample."""
        return packet

    def final_entry(self) -> bytes:
        """The sample entry for all that was copied and encoded."""
        return self.entry


class Hevc(Coding):
    """HEVC: copied from an IDR only (x265 cannot give its parameter sets numbers of their own)."""

    def can_start(self, sample: bytes) -> bool:
        length_size = ((find(self.boxes, b"hvcC") or bytes(22))[21] & 3) + 1
        kinds = [unit[0] >> 1 & 63 for unit in h264.nals(sample, length_size)]
        return any(kind in IRAP for kind in kinds)


class Vp9(Coding):
    decoder, encoder = "vp9", "libvpx-vp9"

    def settings(self, crf: int) -> dict[str, str]:
        live = {"deadline": "realtime", "cpu-used": "6", "lag-in-frames": "0", "auto-alt-ref": "0"}
        return live | {"crf": str(crf), "b": "0"}


class Av1(Coding):
    """AV1: each key picture brings its sequence header along, and under one sample entry there is but one header."""

    decoder, encoder = "libdav1d", "libsvtav1"
    header = b""

    def settings(self, crf: int) -> dict[str, str]:
        return {"preset": "9", "crf": str(crf + 2), "svtav1-params": "pred-struct=1:lookahead=0:lp=2:scd=0"}

    @property
    def extradata(self) -> bytes | None:
        return find(self.boxes, b"av1C")

    def check(self, sample: bytes) -> None:
        found = sequence_header(sample)
        self.header = self.header or found
        if found and found != self.header:
            raise Unsupported("Pictures encoded here would need another AV1 sequence header than the clip's.", hint="")

    def encoded(self, packet: bytes, encoder: Any) -> bytes:
        self.check(packet)
        return packet


class Mpeg4(Coding):
    """MPEG-4 part 2: headers in front of each run, since the two encoders' differ."""

    decoder, encoder = "mpeg4", "mpeg4"
    mixes_orders = False  # its decoders lose the picture that they hold back where the order changes

    def settings(self, crf: int) -> dict[str, str]:
        step = "2" if crf > 10 else "1"  # there are none between
        return {"qmin": step, "qmax": step, "mbd": "rd"}

    @property
    def extradata(self) -> bytes | None:
        return descriptors(find(self.boxes, b"esds") or b"")[1]

    def copied(self, sample: bytes) -> bytes:
        return sample if sample.startswith(b"\0\0\1\xb0") else (self.extradata or b"") + sample


class H264(Coding):
    """H.264: copied from an IDR only; all parameter sets in the one avcC, none among the pictures."""

    decoder, encoder = "h264", "libx264"

    def __init__(self, entry: bytes) -> None:
        super().__init__(entry)
        self.source = h264.Parameters.parse(find(self.boxes, b"avcC") or b"")
        self.both = self.source
        self.number = self.source.free_number()
        self.own: tuple[bytes, ...] = ()

    @property
    def extradata(self) -> bytes | None:
        return find(self.boxes, b"avcC")

    def settings(self, crf: int) -> dict[str, str]:
        profile = h264.PROFILES.get(self.source.head[1])
        if profile is None:
            raise Unsupported("The clip has a profile of H.264 that cannot be encoded here.", hint="")
        wide = int(profile.startswith("high"))
        cabac = int(profile != "baseline")
        own = f"sps-id={self.number}:keyint=infinite:scenecut=0:bframes=0:cabac={cabac}:8x8dct={wide}"
        level = f"level={self.source.head[3]}"
        # A quarter of ultrafast's bytes in the same time, and as like to the clip 4 steps higher. Slower presets take
        # longer for little less.
        crf += SAME_LIKENESS if crf > LOW_CRF else 0
        return {"preset": "superfast", "crf": str(crf), "profile": profile, "x264-params": f"{own}:{level}"}

    def beside(self, other: Coding) -> None:
        assert isinstance(other, H264)
        self.both = self.both.joined(other.source)
        self.number = self.both.free_number()

    def units(self, sample: bytes) -> list[bytes]:
        return list(h264.nals(sample, self.source.length_size))

    def can_start(self, sample: bytes) -> bool:
        return any(h264.kind(unit) == h264.IDR for unit in self.units(sample))

    def droppable(self, sample: bytes) -> bool:
        return not any(h264.is_reference(unit) for unit in self.units(sample) if h264.kind(unit) <= h264.IDR)

    def copied(self, sample: bytes) -> bytes:
        units = self.units(sample)
        if not any(h264.kind(unit) in (h264.SPS, h264.PPS) for unit in units):
            return sample
        known = {*self.source.sps, *self.source.pps}
        if any(h264.kind(unit) in (h264.SPS, h264.PPS) and unit not in known for unit in units):
            raise Unsupported("The clip changes its coding parameters on the way.", hint="")
        return h264.to_sample([unit for unit in units if unit not in known], self.source.length_size)

    def encoded(self, packet: bytes, encoder: Any) -> bytes:
        kept = [unit for unit in h264.from_annexb(packet) if h264.kind(unit) <= h264.IDR]
        sets = tuple(h264.from_annexb(bytes(encoder.extradata)))
        if sets != self.own:  # once, since each run's encoder is set alike
            self._take(sets)
        return h264.to_sample(kept, self.source.length_size)

    def _take(self, sets: tuple[bytes, ...]) -> None:
        sps = tuple(unit for unit in sets if h264.kind(unit) == h264.SPS)
        pps = tuple(unit for unit in sets if h264.kind(unit) == h264.PPS)
        added = h264.Parameters(self.source.head, self.source.length_size, sps, pps, b"")
        self.both, self.own = self.both.joined(added), sets

    def final_entry(self) -> bytes:
        return with_parameters(self.entry, b"avcC", self.both.build())


CODINGS: dict[bytes, type[Coding]] = {
    b"avc1": H264, b"vp09": Vp9, b"av01": Av1, b"mp4v": Mpeg4, b"hvc1": Hevc, b"hev1": Hevc,
    b"apcn": Coding, b"apch": Coding, b"apcs": Coding, b"apco": Coding, b"ap4h": Coding, b"ap4x": Coding,
    b"mjpa": Coding, b"jpeg": Coding,
}  # fmt: skip


def coding_of(entry: bytes) -> Coding:
    """The coding that a sample entry names. Raises Unsupported."""
    kind = entry[4:8]
    if kind not in CODINGS or (kind == b"mp4v" and not _is_mpeg4_visual(entry)):
        raise Unsupported("Pictures of this coding cannot be copied in parts.", hint="")
    return CODINGS[kind](entry)


def _is_mpeg4_visual(entry: bytes) -> bool:
    return descriptors(find(entry[8 + VISUAL :], b"esds") or b"")[0] == MPEG4_VISUAL
