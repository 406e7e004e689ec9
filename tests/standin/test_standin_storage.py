"""Storage as both official clients use it: token and single, multipart in two dialects, signed addresses, files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.standin.conftest import Standin

BYTES = bytes(range(256)) * 40


def _token(standin: Standin) -> dict[str, str]:
    answer = standin.http.post("/storage/auth/token?storage_type=fal-cdn-v3", json={}).json()
    assert answer["base_url"] == standin.origin
    assert datetime.fromisoformat(answer["expires_at"]).utcoffset() is not None
    assert not answer["expires_at"].endswith("Z")
    return {"Authorization": f"{answer['token_type']} {answer['token']}"}


def _initiate(standin: Standin, way: str = "initiate", kind: str = "fal-cdn-v3") -> tuple[str, str]:
    wanted = {"file_name": "my clip.mp4", "content_type": "video/mp4"}
    answer = standin.http.post(f"/storage/upload/{way}?storage_type={kind}", json=wanted).json()
    return answer["upload_url"], answer["file_url"]


def test_python_single_upload(standin: Standin) -> None:
    """A token, then the bytes in one POST; the file is served to anybody with its type and length."""
    headers = _token(standin) | {"Content-Type": "video/mp4", "X-Fal-File-Name": "in put.mp4"}
    url = standin.anyone.post("/files/upload", content=BYTES, headers=headers).json()["access_url"]
    served = standin.anyone.get(url)
    assert url.startswith(f"{standin.origin}/files/b/")
    assert url.endswith("_in_put.mp4")
    assert served.content == BYTES
    assert served.headers["content-type"] == "video/mp4"
    assert served.headers["content-length"] == str(len(BYTES))


def test_an_upload_needs_the_token(standin: Standin) -> None:
    """Neither nothing nor a key opens the CDN's upload, and initiation needs a key."""
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Key id:secret"}):
        assert standin.anyone.post("/files/upload", content=BYTES, headers=headers).status_code == 401
    assert standin.anyone.post("/storage/upload/initiate", json={}).status_code == 401
    assert standin.anyone.post("/storage/auth/token", json={}).status_code == 401


def test_python_multipart_upload_with_parts_in_any_order(standin: Standin) -> None:
    """Parts answer with an ETag header; completed unsorted, the file comes out in order."""
    headers = _token(standin) | {"Content-Type": "video/mp4", "X-Fal-File-Name": "big.mp4"}
    begun = standin.anyone.post("/files/upload/multipart", headers=headers).json()
    base = f"{begun['access_url']}/multipart/{begun['uploadId']}"
    parts = []
    for number in (3, 1, 2):
        piece = BYTES[(number - 1) * 4096 : number * 4096]
        answer = standin.anyone.put(f"{base}/{number}", content=piece, headers={"Accept-Encoding": "identity"})
        parts.append({"partNumber": number, "etag": answer.headers["ETag"]})
    assert standin.anyone.get(begun["access_url"]).status_code == 404
    assert standin.anyone.post(f"{base}/complete", json={"parts": parts}).status_code == 200
    assert standin.anyone.get(begun["access_url"]).content == BYTES
    assert standin.anyone.post(f"{base}/complete", json={"parts": parts}).status_code == 200


def test_javascript_single_upload(standin: Standin) -> None:
    """A signed address takes a PUT without a key and answers 200 with nothing."""
    upload_url, file_url = _initiate(standin)
    answer = standin.anyone.put(upload_url, content=BYTES, headers={"Content-Type": "video/mp4"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert standin.anyone.get(file_url).content == BYTES
    assert standin.anyone.put(file_url, content=b"other").status_code == 403
    assert standin.anyone.put(f"{file_url}?signature=wröng", content=b"other").status_code == 403


def test_the_gcs_repository_keeps_the_announced_type(standin: Standin) -> None:
    """The other repository's PUT may come without any content type."""
    upload_url, file_url = _initiate(standin, kind="gcs")
    request = httpx.Request("PUT", upload_url, content=BYTES)
    assert standin.anyone.send(request).status_code == 200
    assert standin.anyone.get(file_url).headers["content-type"] == "video/mp4"


def test_javascript_multipart_upload(standin: Standin) -> None:
    """Parts answer JSON with number and etag, at the signed address and without a content type."""
    upload_url, file_url = _initiate(standin, "initiate-multipart")
    path, query = upload_url.split("?")
    parts = []
    for number in (1, 2):
        piece = BYTES[(number - 1) * 5120 : number * 5120]
        parts.append(standin.anyone.put(f"{path}/{number}?{query}", content=piece).json())
    assert [part["partNumber"] for part in parts] == [1, 2]
    assert all(part["etag"] for part in parts)
    assert standin.anyone.post(f"{path}/complete?{query}", json={"parts": parts}).status_code == 200
    assert standin.anyone.get(file_url).content == BYTES


@pytest.mark.parametrize("numbers", [[], [2], [1, 3], [1, 2, 4]])
def test_a_multipart_upload_with_a_gap_is_refused(standin: Standin, numbers: list[int]) -> None:
    """All parts must be there before the file is."""
    upload_url, file_url = _initiate(standin, "initiate-multipart")
    path, query = upload_url.split("?")
    parts: list[Any] = [standin.anyone.put(f"{path}/{number}?{query}", content=b"x").json() for number in numbers]
    assert standin.anyone.post(f"{path}/complete?{query}", json={"parts": parts}).status_code == 400
    assert standin.anyone.get(file_url).status_code == 404


def test_a_part_that_never_came_is_named(standin: Standin) -> None:
    """The complete call may not claim more than was sent."""
    upload_url, _ = _initiate(standin, "initiate-multipart")
    path, query = upload_url.split("?")
    standin.anyone.put(f"{path}/1?{query}", content=b"x")
    parts = [{"partNumber": 1, "etag": "a"}, {"partNumber": 2, "etag": "b"}]
    answer = standin.anyone.post(f"{path}/complete?{query}", json={"parts": parts})
    assert (answer.status_code, "Part 2" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("asked", "span", "content"),
    [
        ("bytes=0-9", "bytes 0-9/10240", BYTES[:10]),
        ("bytes=10230-", "bytes 10230-10239/10240", BYTES[10230:]),
        ("bytes=-4", "bytes 10236-10239/10240", BYTES[-4:]),
    ],
)
def test_files_are_served_in_ranges(standin: Standin, asked: str, span: str, content: bytes) -> None:
    """A range is 206 with its place in the whole."""
    upload_url, file_url = _initiate(standin)
    standin.anyone.put(upload_url, content=BYTES)
    answer = standin.anyone.get(file_url, headers={"Range": asked})
    assert (answer.status_code, answer.headers["content-range"], answer.content) == (206, span, content)
    beyond = standin.anyone.get(file_url, headers={"Range": "bytes=99999-"})
    assert beyond.status_code == 416


def test_a_file_with_a_lifetime_goes_away(standin: Standin) -> None:
    """The lifecycle header's seconds hold; without one a file stays."""
    headers = _token(standin) | {"X-Fal-Object-Lifecycle-Preference": '{"expiration_duration_seconds": 0.0}'}
    gone = standin.anyone.post("/files/upload", content=BYTES, headers=headers).json()["access_url"]
    kept = standin.anyone.post("/files/upload", content=BYTES, headers=_token(standin)).json()["access_url"]
    assert standin.anyone.get(gone).status_code == 404
    assert standin.anyone.get(kept).status_code == 200


def test_a_file_may_be_called_part(standin: Standin, tmp_path: Path) -> None:
    """The name of an upload never meets the names of unfinished ones."""
    file = tmp_path / "movie.part"
    file.write_bytes(BYTES)
    assert standin.anyone.get(standin.upload(file, "video/mp4")).content == BYTES


@pytest.mark.parametrize("path", ["../standin.sqlite3", "..%2Fstandin.sqlite3", "b/../../standin.sqlite3", "b/x/y"])
def test_only_known_files_are_served(standin: Standin, path: str) -> None:
    """No path leads out of the shelf."""
    assert standin.anyone.get(f"/files/{path}").status_code == 404
