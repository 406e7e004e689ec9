"""Files that only point elsewhere: nothing but the given file is read, and no connection is made."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.errors import BadMedia, MediaError
from lib.media.command import Command
from lib.media.probe import probe
from lib.media.run import run
from tests.media.barcoded import write

pytestmark = pytest.mark.anyio

PAYLOADS = {
    "hls_file": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{canary}\n#EXT-X-ENDLIST\n",
    "hls_sibling": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\ncanary.mp4\n#EXT-X-ENDLIST\n",
    "hls_http": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{http}/a.ts\n#EXT-X-ENDLIST\n",
    "hls_concat": "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:2,\nconcat:{http}/a|file://{canary}\n#EXT-X-ENDLIST\n",
    "ffconcat_sibling": "ffconcat version 1.0\nfile canary.mp4\n",
    "ffconcat_absolute": "ffconcat version 1.0\nfile {canary}\n",
    "ffconcat_http": "ffconcat version 1.0\nfile {http}/a.mp4\n",
    "dash_http": (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
        'profiles="urn:mpeg:dash:profile:isoff-main:2011" type="static" mediaPresentationDuration="PT2S"><Period>'
        "<BaseURL>{http}/</BaseURL><AdaptationSet mimeType="
        '"video/mp4"><Representation id="0" bandwidth="1"><BaseURL>a.mp4</BaseURL><SegmentBase/></Representation>'
        "</AdaptationSet></Period></MPD>"
    ),
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n"
    "a=rtpmap:96 H264/90000\n",
    "svg": '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'
    '<image xlink:href="{http}/a.png"/></svg>',
}


@pytest.fixture
def canary_socket() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine, and what was ever sent to it."""
    listener, came = socket.create_server(("127.0.0.1", 0)), []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # closed: the test is over
                return
            came.append(b"connected")
            connection.close()

    thread = threading.Thread(target=accept)
    thread.start()
    yield listener.getsockname()[1], came
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


@pytest.mark.parametrize("suffix", [".mp4", ".honest"])
@pytest.mark.parametrize("name", list(PAYLOADS))
async def test_pointing_files_are_refused(
    tmp_path: Path, canary_socket: tuple[int, list[bytes]], name: str, suffix: str
) -> None:
    """Neither the probe nor a cut follows what a file points to, whatever its name; both say so in a sentence."""
    port, came = canary_socket
    canary = write(tmp_path / "canary.mp4", frames=5)
    honest = {"hls": ".m3u8", "ffc": ".ffconcat", "das": ".mpd", "sdp": ".sdp", "svg": ".svg"}
    hostile = tmp_path / f"clip{honest[name[:3]] if suffix == '.honest' else suffix}"
    hostile.write_text(PAYLOADS[name].format(canary=canary, http=f"http://127.0.0.1:{port}", port=port))
    with pytest.raises(BadMedia) as caught:
        await probe(hostile)
    assert caught.value.hint
    output = tmp_path / "out.mp4"
    with pytest.raises(MediaError) as failed:
        await run(Command(("-i", str(hostile), str(output)), output, (hostile,)))
    assert failed.value.message
    assert not output.exists()
    assert came == []


async def test_the_canary_is_readable(tmp_path: Path) -> None:
    """The file that the payloads point to would open, so that a refusal means something."""
    assert (await probe(write(tmp_path / "canary.mp4", frames=5))).frames == 5
