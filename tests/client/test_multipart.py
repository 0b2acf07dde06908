from __future__ import annotations

import asyncio
import threading
from email import message_from_bytes
from io import FileIO
from pathlib import Path

import pytest

from nemo_notebook import errors
from nemo_notebook.client.transfers import multipart
from nemo_notebook.client.transport import Body


def parts_of(body: Body, sent: bytes) -> list[tuple[str | None, bytes]]:
    content_type = body.headers["Content-Type"].encode()
    parsed = message_from_bytes(b"Content-Type: " + content_type + b"\r\n\r\n" + sent)
    return [(part.get_filename(), part.get_payload(decode=True)) for part in parsed.get_payload()]


async def joined(body: Body) -> bytes:
    return b"".join([chunk async for chunk in body.content()])


def test_multipart__is_read_by_another_parser_and_its_length_is_right(tmp_path: Path) -> None:
    names = ["a.mp3", 'häß"lich 🎵.mp4', "b.png", "empty.png"]
    files = [tmp_path / name.replace('"', "'") for name in names]
    for number, file in enumerate(files[:3]):
        file.write_bytes(bytes([number]) * (2_500_000 if number == 1 else 7))
    files[3].touch()
    told: list[tuple[int, int]] = []
    body = multipart(files, lambda done, total: told.append((done, total)))
    sent = asyncio.run(joined(body))
    assert len(sent) == int(body.headers["Content-Length"])
    assert [content for _, content in parts_of(body, sent)] == [file.read_bytes() for file in files]
    assert told[-1] == (2_500_014, 2_500_014)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_multipart__says_the_type_by_the_name(tmp_path: Path) -> None:
    (tmp_path / "song.mp3").write_bytes(b"1")
    body = multipart([tmp_path / "song.mp3"])
    sent = asyncio.run(joined(body))
    assert parts_of(body, sent) == [("song.mp3", b"1")]
    assert b"Content-Type: audio/mpeg\r\n" in sent


def test_multipart__the_same_body_can_be_made_anew(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"12345")
    body = multipart([tmp_path / "a.mp3"])
    assert asyncio.run(joined(body)) == asyncio.run(joined(body))


def test_multipart__a_file_that_shrinks_is_an_error_and_one_that_grows_is_cut(tmp_path: Path) -> None:
    file = tmp_path / "a.mp3"
    file.write_bytes(b"12345")
    body = multipart([file])
    file.write_bytes(b"1234567")
    sent = asyncio.run(joined(body))
    assert [content for _, content in parts_of(body, sent)] == [b"12345"]
    file.write_bytes(b"1")
    with pytest.raises(errors.InputError, match="shorter"):
        asyncio.run(joined(body))


def test_multipart__a_file_that_vanishes_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.mp3"
    file.write_bytes(b"12345")
    body = multipart([file])
    file.unlink()
    with pytest.raises(errors.FileMissing):
        asyncio.run(joined(body))
    with pytest.raises(errors.FileMissing):
        multipart([file])


def test_multipart__left_half_way_closes_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[FileIO] = []

    def keep(path: Path, *_: object, **__: object) -> FileIO:
        opened.append(FileIO(path, "rb"))
        return opened[-1]

    file = tmp_path / "a.mp3"
    file.write_bytes(b"1" * 3_000_000)
    monkeypatch.setattr(Path, "open", keep)

    async def run() -> None:
        content = multipart([file]).content()
        await anext(content)
        await anext(content)
        await content.aclose()

    asyncio.run(run())
    for thread in threading.enumerate():
        if thread.name.startswith("nemo-upload"):
            thread.join(10)
    assert [file.closed for file in opened] == [True]
