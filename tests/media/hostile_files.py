"""Files that mean harm: playlists in every dress, references, bombs, streams without end, and damage by a seed."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from lib.media.smart.boxes import box, walk
from lib.media.smart.entry import VISUAL
from tests.media.barcoded import ffmpeg_run, noise, png_bomb, write

CANARIES = frozenset(range(2700, 2712))  # the numbers in the canary's pictures: no clip has them, nor white or black
HONEST = {"hls": ".m3u8", "ffc": ".ffconcat", "das": ".mpd", "sdp": ".sdp", "svg": ".svg", "xml": ".svg"}
FALSE = (".mp4", ".mov", ".m3u8", ".mpd", ".jpg", ".png", ".wav", ".svg", ".txt")
STSD = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
DREF = (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref")

_HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n"
_DASH = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
    'profiles="urn:mpeg:dash:profile:isoff-main:2011" type="static" mediaPresentationDuration="PT2S"><Period>'
    '<BaseURL>{base}</BaseURL><AdaptationSet mimeType="video/mp4"><Representation id="0" bandwidth="1">'
    "<BaseURL>{name}</BaseURL><SegmentBase/></Representation></AdaptationSet></Period></MPD>"
)
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'
    '<image xlink:href="{}" width="9" height="9"/></svg>'
)
POINTING = {
    "hls_file": _HLS.format("file://{canary}"),
    "hls_sibling": _HLS.format("canary.mp4"),
    "hls_http": _HLS.format("{http}/a.ts"),
    "hls_concat": _HLS.format("concat:{http}/a|file://{canary}"),
    "hls_key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{http}/key"\n#EXTINF:2,\ncanary.mp4\n#EXT-X-ENDLIST\n',
    "hls_master": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{http}/other.m3u8\n",
    "ffconcat_sibling": "ffconcat version 1.0\nfile canary.mp4\n",
    "ffconcat_absolute": "ffconcat version 1.0\nfile {canary}\n",
    "ffconcat_http": "ffconcat version 1.0\nfile {http}/a.mp4\n",
    "dash_http": _DASH.replace("{base}", "{http}/").replace("{name}", "a.mp4"),
    "dash_sibling": _DASH.replace("{base}", "./").replace("{name}", "canary.mp4"),
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n"
    "a=rtpmap:96 H264/90000\n",
    "svg_http": _SVG.format("{http}/a.png"),
    "svg_file": _SVG.format("file://{canary}"),
    "xml_entity": '<!DOCTYPE svg [<!ENTITY x SYSTEM "file://{canary}">]><svg xmlns="http://www.w3.org/2000/svg">'
    "<text>&x;</text></svg>",
}  # fmt: skip


def canary(folder: Path) -> Path:
    """The file that nobody may open: it plays, and each of its pictures can be told from all others."""
    return write(folder / "canary.mp4", frames=len(CANARIES), first=min(CANARIES), bf="0", g="1")


def pointing(folder: Path, port: int, suffixes: tuple[str, ...], each: int | None = None) -> list[Path]:
    """The texts that point elsewhere under those endings ("" is the honest one), or `each` under that many in turn."""
    words = {"canary": folder / "canary.mp4", "http": f"http://127.0.0.1:{port}", "port": port}
    made = []
    for number, (name, text) in enumerate(POINTING.items()):
        for suffix in (suffixes[number:] + suffixes * len(POINTING))[:each] if each else suffixes:
            path = folder / f"{name}{suffix or HONEST[name[:3]]}"
            path.write_text(text.format(**words))
            made.append(path)
    return made


def carriers(folder: Path, port: int) -> list[Path]:
    """Real containers that carry a pointer: MOV references, an MKV with playlists in it, an AVI with a subtitle."""
    words = {"canary": folder / "canary.mp4", "http": f"http://127.0.0.1:{port}", "port": port}
    texts = [folder / name for name in ("in.m3u8", "in.ffconcat")]
    for path, name in zip(texts, ("hls_sibling", "ffconcat_sibling"), strict=True):
        path.write_text(POINTING[name].format(**words))
    plain = write(folder / "plain.mp4", frames=10)
    attached = [word for path in texts for word in ("-attach", path)]
    types = ("-metadata:s:t:0", "mimetype=application/x-mpegurl", "-metadata:s:t:1", "mimetype=text/plain")
    ffmpeg_run("-i", plain, *attached, *types, "-c", "copy", folder / "attached.mkv")
    hollow = _hollow((folder / "canary.mp4").read_bytes())
    (folder / "reference_alias.mov").write_bytes(changed(hollow, DREF, lambda _: _dref(_alias(words["canary"]))))
    url = box(b"url ", bytes(4), f"file://{words['canary']}".encode() + b"\0")
    (folder / "reference_url.mov").write_bytes(changed(hollow, DREF, lambda _: _dref(url)))
    rdrf = box(b"rdrf", bytes(4), b"url ", struct.pack(">I", 11), b"canary.mp4\0")
    (folder / "reference_movie.mov").write_bytes(box(b"moov", box(b"rmra", box(b"rmda", rdrf))))
    (folder / "subtitle.avi").write_bytes(_gab2(POINTING["hls_file"].format(**words).encode()))
    return [folder / name for name in ("attached.mkv", "reference_alias.mov", "reference_url.mov",
                                       "reference_movie.mov", "subtitle.avi")]  # fmt: skip


def changed(data: bytes, path: tuple[bytes, ...], change: Callable[[bytes], bytes]) -> bytes:
    """The boxes with the body of that one changed (in an MP4 whose index is behind its samples)."""
    return b"".join(
        box(name, body if name != path[0] else changed(body, path[1:], change) if path[1:] else change(body))
        for name, body in walk(data)
    )


def _hollow(movie: bytes) -> bytes:
    """The movie without its pictures: only who follows its reference would see any."""
    return b"".join(box(name, bytes(len(body)) if name == b"mdat" else body) for name, body in walk(movie))


def _dref(entry: bytes) -> bytes:
    return bytes(4) + struct.pack(">I", 1) + entry


def _alias(target: Path) -> bytes:
    """A Macintosh alias record with an absolute path, as libavformat reads it."""
    path = str(target).encode()
    record = bytes(10) + b"\1v".ljust(28, b"\0") + bytes(12) + b"\6canary".ljust(64, b"\0") + bytes(16)
    record += struct.pack(">hh", 1, 1) + bytes(16)
    record += struct.pack(">hh", 2, len(path)) + path + bytes(len(path) % 2)
    return box(b"alis", bytes(4), record, struct.pack(">hh", -1, 0))


def _gab2(playlist: bytes) -> bytes:
    """An AVI whose only track is a subtitle that is a playlist (CVE-2017-9993)."""
    header = struct.pack("<4s4sIHHIIIIIIII8x", b"txts", bytes(4), 0, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0)
    track = _list(b"strl", _chunk(b"strh", header) + _chunk(b"strf", b""))
    main = struct.pack("<IIIIIIIIIII12x", 40000, 0, 0, 0x10, 1, 0, 1, 0, 96, 64, 0)
    said = b"GAB2\0" + struct.pack("<HI", 2, 0) + struct.pack("<HI", 4, len(playlist)) + playlist
    body = _list(b"hdrl", _chunk(b"avih", main) + track) + _list(b"movi", _chunk(b"00tx", said))
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"AVI " + body


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _list(name: bytes, body: bytes) -> bytes:
    return _chunk(b"LIST", name + body)


def bombs(folder: Path) -> list[Path]:
    """Small files that say they are enormous, or unpack to much."""
    made = {"bomb.png": png_bomb(16000), "bomb.gif": _gif(65535), "bomb.webp": _webp(), "bomb.jpg": _jpeg(folder)}
    plain = write(folder / "small.mp4", frames=3, profile="baseline").read_bytes()
    made["huge.mp4"] = changed(plain, STSD, lambda body: body[:8] + _entry(body[8:], 1024))
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in made]


def largest(folder: Path) -> Path:
    """A clip of the largest pictures that are taken, with all references that there can be."""
    plain = write(folder / "small.mp4", frames=3, profile="baseline").read_bytes()
    path = folder / "largest.mp4"
    path.write_bytes(changed(plain, STSD, lambda body: body[:8] + _entry(body[8:], 256)))
    return path


def _gif(side: int) -> bytes:
    screen = struct.pack("<HHBBB", side, side, 0x80, 0, 0) + bytes(6)
    return b"GIF89a" + screen + b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\2\2L\1\0;"


def _webp() -> bytes:
    """A lossless picture of 16384 x 16384 in 30 bytes."""
    bits = 16383 | 16383 << 14
    body = b"WEBPVP8L" + struct.pack("<IB", 9, 0x2F) + struct.pack("<I", bits) + bytes(4) + b"\0"
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _jpeg(folder: Path) -> bytes:
    """A picture whose frame header says 60000 x 60000."""
    path = folder / "seed.jpg"
    Image.new("RGB", (32, 32), "red").save(path)
    data = bytearray(path.read_bytes())
    path.unlink()
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 60000, 60000)
    return bytes(data)


def _entry(entries: bytes, blocks: int) -> bytes:
    """An avc1 entry that says `blocks` x `blocks` macroblocks of 16 x 16."""
    (fourcc, body), *_ = walk(entries)
    side = min(16 * blocks, 65535)
    fixed = body[:24] + struct.pack(">HH", side, side) + body[28:VISUAL]
    sps = _sps(blocks)
    pps = b"\x68\xce\x38\x80"
    record = b"\1\x42\xc0\x3e\xff\xe1" + struct.pack(">H", len(sps)) + sps + b"\1" + struct.pack(">H", 4) + pps
    return box(fourcc, fixed, box(b"avcC", record))


def _sps(blocks: int) -> bytes:
    """A baseline sequence parameter set for that size, with sixteen references."""
    bits = "".join(_golomb(value) for value in (0, 0, 2, 16)) + "0"
    bits += _golomb(blocks - 1) * 2 + "1" + "1" + "0" + "0" + "1"
    bits += "0" * (-len(bits) % 8)
    return b"\x67\x42\xc0\x3e" + int(bits, 2).to_bytes(len(bits) // 8)


def _golomb(value: int) -> str:
    word = f"{value + 1:b}"
    return "0" * (len(word) - 1) + word


def gaps(folder: Path) -> list[Path]:
    """Two pictures ten hours apart, in three containers, and two that are five hours apart."""
    made = [write(folder / f"ten_hours.{kind}", frames=2, times=[0.0, 36_000.0]) for kind in ("mkv", "mp4", "mov")]
    return [*made, write(folder / "five_hours.mkv", frames=4, times=[0.0, 0.04, 18_000.0, 18_000.04])]


def seeds(folder: Path) -> list[Path]:
    """Small honest files of every container that is taken."""
    sound = noise(1.2)
    made = [
        write(folder / "h264.mp4", frames=30, g="10", bf="2", sound=sound),
        write(folder / "h264.mkv", frames=30, g="10", bf="2", sound=sound),
        write(folder / "vp9.webm", frames=20, codec="libvpx-vp9", sound=sound, sound_codec="libopus", cpu_used="8"),
        write(folder / "h264.ts", frames=30, g="10", sound=sound),
        write(folder / "mpeg4.avi", frames=30, codec="mpeg4", g="10", sound=sound, sound_codec="mp3"),
        write(folder / "prores.mov", frames=8, codec="prores_ks", pixel_format="yuv422p10le"),
        write(folder / "small.gif", frames=10, codec="gif", pixel_format="rgb8", fps=10),
        write(folder / "hevc.mp4", frames=20, codec="libx265", g="10", preset="ultrafast",
              **{"x265-params": "log-level=none"}),
    ]  # fmt: skip
    for name in ("a.wav", "a.mp3", "a.flac", "a.ogg", "a.aac", "a.m4a"):
        ffmpeg_run("-f", "lavfi", "-i", "anoisesrc=d=1:r=44100", folder / name)
        made.append(folder / name)
    for name in ("p.png", "p.jpg", "p.webp"):
        Image.effect_noise((96, 64), 60).convert("RGB").save(folder / name)
        made.append(folder / name)
    return made


def cut_short(folder: Path, sources: list[Path], kept: tuple[int, ...]) -> list[Path]:
    """Of each file the beginning, so many tenths of it."""
    made = []
    for source in sources:
        data = source.read_bytes()
        for tenths in kept:
            path = folder / f"short{tenths}_{source.name}"
            path.write_bytes(data[: len(data) * tenths // 10])
            made.append(path)
    return made


def damaged(folder: Path, sources: list[Path], count: int, seed: int) -> list[Path]:
    """That many files, each damaged in its own way; the same for the same seed."""
    rng, made = random.Random(seed), []
    for number in range(count):
        source = sources[number % len(sources)]
        data = bytearray(source.read_bytes())
        for _ in range(rng.choice((1, 1, 2, 4, 16))):
            rng.choice((_flip, _extreme, _drop, _repeat, _swap))(data, rng)
        path = folder / f"fuzz{number:03}_{source.name}"
        path.write_bytes(data)
        made.append(path)
    return made


def _place(data: bytearray, rng: random.Random) -> int:
    """Half of the time where headers and indexes are."""
    edge = min(len(data), 2048)
    where = rng.random()
    if where < 0.3:
        return rng.randrange(edge)
    return rng.randrange(len(data) - edge, len(data)) if where < 0.55 else rng.randrange(len(data))


def _flip(data: bytearray, rng: random.Random) -> None:
    data[_place(data, rng)] ^= 1 << rng.randrange(8)


def _extreme(data: bytearray, rng: random.Random) -> None:
    at = _place(data, rng)
    value = rng.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, rng.getrandbits(32)))
    data[at : at + 4] = struct.pack(rng.choice(("<I", ">I")), value)[: max(len(data) - at, 0)]


def _drop(data: bytearray, rng: random.Random) -> None:
    at = _place(data, rng)
    del data[at : at + rng.choice((1, 7, 64, 1000))]


def _repeat(data: bytearray, rng: random.Random) -> None:
    at = _place(data, rng)
    data[at:at] = data[at : at + rng.choice((1, 16, 500))]


def _swap(data: bytearray, rng: random.Random) -> None:
    at, length = _place(data, rng), rng.choice((4, 32, 256))
    data[at : at + length] = rng.randbytes(len(data[at : at + length]))
