from __future__ import annotations

import asyncio
from email import message_from_bytes
from pathlib import Path

import httpx
import pytest

from nemo_notebook import errors
from nemo_notebook.client import transfers


async def _joined(body: object) -> bytes:
    return b"".join([chunk async for chunk in body.content()])  # type: ignore[attr-defined]


def test_multipart__is_read_by_another_parser_and_its_length_is_right(tmp_path: Path) -> None:
    names = ["a.mp3", 'häß"lich 🎵.mp4', "b.png"]
    files = [tmp_path / name.replace('"', "'") for name in names]
    for number, file in enumerate(files):
        file.write_bytes(bytes([number]) * (1_500_000 if number == 1 else 7))
    told: list[tuple[int, int]] = []
    body = transfers.multipart(files, lambda done, total: told.append((done, total)))
    sent = asyncio.run(_joined(body))
    assert len(sent) == int(body.headers["Content-Length"])
    parsed = message_from_bytes(b"Content-Type: " + body.headers["Content-Type"].encode() + b"\r\n\r\n" + sent)
    parts = parsed.get_payload()
    assert [part.get_payload(decode=True) for part in parts] == [file.read_bytes() for file in files]
    assert told[-1] == (1_500_014, 1_500_014)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_multipart__a_file_that_shrinks_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "a.mp3"
    file.write_bytes(b"12345")
    body = transfers.multipart([file])
    file.write_bytes(b"1")
    with pytest.raises(errors.InputError):
        asyncio.run(_joined(body))


@pytest.mark.parametrize("url", ["http://example.com/x.mp4", "file:///etc/passwd", "ftp://h/x", "http://10.0.0.1/x"])
def test_asset_urls__only_https_or_this_machine(url: str) -> None:
    with pytest.raises(errors.ProtocolError):
        transfers.check_asset_url(url)


def _fetch(response: httpx.Response, target: Path) -> None:
    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: response)) as http:
            await transfers.download(http, "https://files.test/x.mp4", target)

    asyncio.run(run())


def test_download__appears_whole(tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    _fetch(httpx.Response(200, content=b"x" * 3_000_000), target)
    assert target.read_bytes() == b"x" * 3_000_000
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, content=b"short", headers={"content-length": "50"}),
        httpx.Response(404, text="gone"),
    ],
)
def test_download__a_broken_one_leaves_nothing_and_keeps_what_was_there(
    tmp_path: Path, response: httpx.Response
) -> None:
    target = tmp_path / "film.mp4"
    target.write_bytes(b"old")
    with pytest.raises(errors.NetworkError):
        _fetch(response, target)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]
