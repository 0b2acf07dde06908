"""Resumable downloads and multipart uploads."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gzip
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from email import message_from_bytes
from io import BufferedWriter, FileIO
from pathlib import Path

import httpx
import pytest
from cases import cases
from hypothesis import HealthCheck, given, settings as given_settings, strategies as st

from nemo_notebook import errors, settings
from nemo_notebook.client import transfers, transport
from nemo_notebook.client.transfers import TransferProgress, multipart
from nemo_notebook.client.transport import Body as RequestBody, is_loopback

FILM = bytes(range(256)) * 4000
TAG = '"v1"'
URL = "https://files.test/x.mp4"

Answer = Callable[[httpx.Request], httpx.Response]


class Body(httpx.AsyncByteStream):
    """A body in pieces that may break at its end."""

    def __init__(self, content: bytes, *, breaks: bool = False, piece: int = 10_000) -> None:
        self.content, self.breaks, self.piece = content, breaks, piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(self.content), self.piece):
            yield self.content[at : at + self.piece]
        if self.breaks:
            raise httpx.ReadError("broken")


class Host:
    """Answers requests with the next of its answers, the last one for ever; remembers what was asked."""

    def __init__(self, *answers: Answer | httpx.Response) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, httpx.Response) else answer(request)

    @property
    def ranges(self) -> list[str | None]:
        return [request.headers.get("range") for request in self.asked]


def sends(upto: int | None = None, film: bytes = FILM, tag: str = TAG, **more: str) -> Answer:
    """The film from where it is asked for, breaking off after `upto` bytes of it."""

    def answer(request: httpx.Request) -> httpx.Response:
        start = int(request.headers.get("range", "bytes=0-")[6:-1])
        if start and request.headers["if-range"] != (tag or more.get("last-modified")):
            start = 0
        headers = {"content-type": "video/mp4", "content-length": str(len(film) - start), **more}
        if tag:
            headers["etag"] = tag
        if start:
            headers["content-range"] = f"bytes {start}-{len(film) - 1}/{len(film)}"
        sent = film[start : len(film) if upto is None else start + upto]
        body = Body(sent, breaks=start + len(sent) < len(film))
        return httpx.Response(206 if start else 200, headers=headers, stream=body)

    return answer


def fetch(host: Host, target: Path, progress: TransferProgress | None = None, url: str = URL) -> None:
    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(host)) as http:
            await transfers.download(transfers.asset_opener(http, url, loopback_ok=False), target, progress)

    asyncio.run(run())


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Breaks are resumed where they were, to the byte; what is doubted then has a test of its own."""
    monkeypatch.setattr(transfers, "_DOUBTED_BYTES", 0)


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Path]:
    """A place for a film; afterwards there is nothing else beside it."""
    folder = tmp_path / "films"
    folder.mkdir()
    yield folder / "film.mp4"
    assert {path.name for path in folder.iterdir()} <= {"film.mp4"}


def test_download__is_not_seen_before_it_is_whole(target: Path) -> None:
    target.write_bytes(b"old")
    seen: set[bytes] = set()
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        seen.add(target.read_bytes())
        told.append((done, total))

    fetch(Host(sends()), target, progress)
    assert seen == {b"old"}
    assert target.read_bytes() == FILM
    assert told[-1] == (len(FILM), len(FILM))
    assert told == sorted(told)


def test_download__asks_for_no_packing_and_carries_no_secret(target: Path) -> None:
    other = "https://her:s3cret@files.test/other.mp4"
    host = Host(httpx.Response(302, headers={"location": other, "set-cookie": "a=b"}), sends())
    login = URL.replace("://", "://user:s3cret@")

    async def run() -> None:
        transport = httpx.MockTransport(host)
        async with httpx.AsyncClient(transport=transport, auth=("user", "pass"), cookies={"c": "d"}) as http:
            await transfers.download(transfers.asset_opener(http, login, loopback_ok=False), target)

    asyncio.run(run())
    assert [str(request.url) for request in host.asked] == [URL, "https://files.test/other.mp4"]
    for request in host.asked:
        assert request.headers["accept-encoding"] == "identity"
        assert not {"authorization", "cookie"} & set(request.headers)


def test_breaks__are_resumed_where_they_were(target: Path) -> None:
    told: list[int] = []
    host = Host(sends(300_000), sends(70_000), sends())
    fetch(host, target, lambda done, total: told.append(done))
    assert target.read_bytes() == FILM
    assert host.ranges == [None, "bytes=300000-", "bytes=370000-"]
    assert [request.headers.get("if-range") for request in host.asked] == [None, TAG, TAG]
    assert told == sorted(told)


@pytest.mark.parametrize("tag", ["", 'W/"weak"'])
def test_breaks__without_a_strong_tag_the_date_is_the_validator(target: Path, tag: str) -> None:
    date = "Sat, 21 Nov 2026 06:00:00 GMT"
    headers = {"etag": tag} if tag else {}
    host = Host(sends(300_000, tag="", **{"last-modified": date}, **headers), sends(tag="", **{"last-modified": date}))
    fetch(host, target)
    assert target.read_bytes() == FILM
    assert host.ranges == [None, "bytes=300000-"]
    assert host.asked[1].headers["if-range"] == date


RESUMED = "bytes=300000-"
WHOLE_REST = f"bytes 300000-{len(FILM) - 1}/{len(FILM)}"
NEWER = b"n" * 450_000


def rest(content_range: str, tag: str = TAG) -> httpx.Response:
    return httpx.Response(206, headers={"content-range": content_range, "etag": tag}, stream=Body(FILM[300_000:]))


def packed(content: bytes, *, breaks: bool = False) -> httpx.Response:
    stream = Body(gzip.compress(content), breaks=breaks)
    return httpx.Response(200, headers={"content-encoding": "gzip", "etag": TAG}, stream=stream)


def ends_early(_: httpx.Request) -> httpx.Response:
    headers = {"content-length": str(len(FILM)), "etag": TAG}
    return httpx.Response(200, headers=headers, stream=Body(FILM[:300_000]))


@pytest.mark.parametrize(
    ("answers", "film", "ranges"),
    [
        pytest.param([sends(300_000, tag=""), sends(tag="")], FILM, [None, None], id="no validator"),
        pytest.param([sends(300_000), sends(film=NEWER, tag='"v2"')], NEWER, [None, RESUMED], id="a newer file"),
        pytest.param([sends(300_000), rest(WHOLE_REST, '"v2"'), sends()], FILM, [None, RESUMED, None], id="other tag"),
        pytest.param([sends(300_000), httpx.Response(416), sends()], FILM, [None, RESUMED, None], id="no such range"),
        pytest.param([ends_early, sends()], FILM, [None, RESUMED], id="a body that ends early"),
        pytest.param([packed(os.urandom(50_000), breaks=True), packed(FILM)], FILM, [None, None], id="packed"),
        *(
            pytest.param([sends(300_000), rest(span), sends()], FILM, [None, RESUMED, None], id=f"the rest {span!r}")
            for span in (
                f"bytes 299999-{len(FILM) - 1}/{len(FILM)}",
                f"bytes 300000-{len(FILM)}/{len(FILM) + 1}",
                f"bytes 300000-{len(FILM)}/{len(FILM)}",
                "bytes 300000-1/*",
                "items 300000-300001/300002",
                "",
            )
        ),
        *(
            pytest.param(
                [httpx.Response(status), sends(300_000), httpx.Response(status), sends()],
                FILM,
                [None, None, RESUMED, RESUMED],
                id=f"busy {status}",
            )
            for status in (429, 500, 503)
        ),
    ],
)
def test_breaks__the_rest_is_taken_only_where_it_fits(
    target: Path, answers: list[Answer | httpx.Response], film: bytes, ranges: list[str | None]
) -> None:
    host = Host(*answers)
    fetch(host, target)
    assert target.read_bytes() == film
    assert host.ranges == ranges


def test_breaks__a_server_that_sends_portions_is_asked_for_the_next(target: Path) -> None:
    def portion(request: httpx.Request) -> httpx.Response:
        start = int(request.headers["range"][6:-1])
        stop = min(start + 100_000, len(FILM))
        headers = {"content-range": f"bytes {start}-{stop - 1}/{len(FILM)}", "etag": TAG}
        return httpx.Response(206, headers=headers, stream=Body(FILM[start:stop]))

    host = Host(sends(300_000), portion)
    fetch(host, target)
    assert target.read_bytes() == FILM
    assert len(host.asked) == 1 + -(-(len(FILM) - 300_000) // 100_000)


@pytest.mark.parametrize(
    "answer", [httpx.Response(503), sends(0), httpx.Response(200, headers={"content-length": "50"}, stream=Body(b""))]
)
def test_breaks__five_tries_without_a_byte_are_the_end(target: Path, answer: Answer | httpx.Response) -> None:
    target.write_bytes(b"old")
    host = Host(answer)
    with pytest.raises(errors.NetworkError):
        fetch(host, target)
    assert len(host.asked) == 5
    assert target.read_bytes() == b"old"


def test_breaks__new_bytes_win_new_tries_and_the_same_bytes_do_not(target: Path) -> None:
    slow = Host(sends(len(FILM) // 20 + 1))
    fetch(slow, target)
    assert target.read_bytes() == FILM
    assert len(slow.asked) == 20
    stuck = Host(sends(300_000, tag=""))
    with pytest.raises(errors.NetworkError, match="broke"):
        fetch(stuck, target)
    assert len(stuck.asked) == 5


@pytest.mark.parametrize(
    "answer",
    [
        *(httpx.Response(status) for status in (400, 403, 404, 410, 416, 204, 304)),
        httpx.Response(206, headers={"content-range": "bytes 0-4/5"}, content=b"short"),
        httpx.Response(200, html="<p>Sign in</p>"),
        *(
            httpx.Response(200, content=b"{}", headers={"content-type": kind})
            for kind in ("application/json", "text/plain; charset=utf-8", "application/xml")
        ),
        httpx.Response(200, content=b""),
        httpx.Response(200, headers={"content-length": "3"}, stream=Body(b"longer")),
        httpx.Response(200, headers={"content-encoding": "br"}, stream=Body(b"bomb")),
    ],
)
def test_what_is_no_film__is_refused_at_once(target: Path, answer: httpx.Response) -> None:
    target.write_bytes(b"old")
    host = Host(answer)
    with pytest.raises(errors.ProtocolError):
        fetch(host, target)
    assert len(host.asked) == 1
    assert target.read_bytes() == b"old"


def test_packed_films__are_unpacked_up_to_the_limit(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch(Host(packed(FILM)), target)
    assert target.read_bytes() == FILM
    monkeypatch.setattr(settings, "MAX_FILE_BYTES", len(FILM) - 1)
    with pytest.raises(errors.ProtocolError, match="longer"):
        fetch(Host(packed(FILM)), target)


def test_real_connections__break_and_are_resumed(target: Path) -> None:
    asked: list[tuple[bool, int]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_first = True
        with contextlib.suppress(asyncio.IncompleteReadError), contextlib.closing(writer):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                start = int(head.lower().partition(b"range: bytes=")[2].partition(b"-")[0] or 0)
                asked.append((is_first, start))
                is_first = False
                status = f"206 Partial Content\r\nContent-Range: bytes {start}-{len(FILM) - 1}/{len(FILM)}"
                status = status if start else "200 OK"
                head = f"HTTP/1.1 {status}\r\nETag: {TAG}\r\nContent-Length: {len(FILM) - start}\r\n\r\n".encode()
                writer.write(head + FILM[start : 600_000 if len(asked) == 1 else len(FILM)])
                await writer.drain()
                if len(asked) == 1:
                    return

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/film.mp4"
        async with httpx.AsyncClient(trust_env=False) as http:
            for _ in range(2):
                await transfers.download(transfers.asset_opener(http, url, loopback_ok=True), target)
                assert target.read_bytes() == FILM
        server.close()

    asyncio.run(run())
    assert asked == [(True, 0), (True, 600_000), (True, 0)]


def redirect(to: str) -> httpx.Response:
    return httpx.Response(302, headers={"location": to})


@pytest.mark.parametrize("to", ["http://files.test/x", "http://127.0.0.1:9/x", "file:///etc/passwd", "ftp://h/x"])
def test_redirects__lead_to_safe_addresses_only(target: Path, to: str) -> None:
    host = Host(redirect(to), sends())
    with pytest.raises(errors.ProtocolError, match="unsafe"):
        fetch(host, target)
    assert len(host.asked) == 1


def test_redirects__are_followed_five_times(target: Path) -> None:
    steps = [redirect(f"https://files.test/{step}.mp4") for step in range(5)]
    fetch(Host(*steps, sends()), target)
    assert target.read_bytes() == FILM
    endless = Host(redirect("https://files.test/again.mp4"))
    with pytest.raises(errors.ProtocolError):
        fetch(endless, target)
    assert len(endless.asked) == 6


@cases
def test_asset_urls__only_https_or_this_machine(url: str) -> None:
    with pytest.raises(errors.ProtocolError):
        transport.check_asset_url(url, loopback_ok=True)


def test_asset_urls__this_machine_only_where_the_service_is_there_too() -> None:
    transport.check_asset_url("http://127.0.0.1:1/x", loopback_ok=True)
    transport.check_asset_url("http://[::1]:1/x", loopback_ok=True)
    transport.check_asset_url("https://example.com/x", loopback_ok=False)
    with pytest.raises(errors.ProtocolError):
        transport.check_asset_url("http://127.0.0.1:1/x", loopback_ok=False)


@cases
def test_loopback__is_told(url: str, is_near: bool) -> None:
    assert is_loopback(url) is is_near


def test_disk__long_names_are_no_trouble(target: Path) -> None:
    film = target.with_name(f"{'f' * 250}.mp4")
    fetch(Host(sends()), film)
    assert film.read_bytes() == FILM
    film.rename(target)


def disk_of(monkeypatch: pytest.MonkeyPatch, file_type: type[FileIO]) -> None:
    """Have what is downloaded written to such a file."""

    def opened(part: transfers.PartFile) -> None:
        part._file = BufferedWriter(file_type(part._path, "xb"))

    monkeypatch.setattr(transfers.PartFile, "_open", opened)


class FullDisk(FileIO):
    def write(self, data: object) -> int:
        if self.tell() > 300_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(bytes(data)[:7_000])  # type: ignore[call-overload]  # disks may take less than all


@pytest.mark.parametrize("is_full", [True, False])
def test_disk__short_writes_are_completed_and_a_full_disk_is_told(
    target: Path, monkeypatch: pytest.MonkeyPatch, is_full: bool
) -> None:
    monkeypatch.setattr(settings, "TRANSFER_CHUNK_BYTES", 50_000)
    disk_of(monkeypatch, FullDisk)
    film = FILM if is_full else FILM[:290_000]
    if is_full:
        with pytest.raises(errors.InputError, match="disk is full"):
            fetch(Host(sends(film=film)), target)
    else:
        fetch(Host(sends(film=film)), target)
        assert target.read_bytes() == film


def test_cancelling__leaves_nothing_behind(target: Path) -> None:
    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield FILM
            yield FILM
            await asyncio.Event().wait()

    async def run() -> None:
        begun = asyncio.Event()
        host = Host(httpx.Response(200, stream=Endless()))
        async with httpx.AsyncClient(transport=httpx.MockTransport(host)) as http:
            opener = transfers.asset_opener(http, URL, loopback_ok=False)
            task = asyncio.create_task(transfers.download(opener, target, lambda done, total: begun.set()))
            await begun.wait()
            assert [path.suffix for path in target.parent.iterdir()] == [".part"]
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert list(target.parent.iterdir()) == []

    asyncio.run(run())


def test_writing__never_keeps_the_event_loop_waiting(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main, writers = threading.get_ident(), set()

    class Spy(FileIO):
        def write(self, data: object) -> int:
            writers.add(threading.get_ident())
            return super().write(data)  # type: ignore[arg-type]

    disk_of(monkeypatch, Spy)
    fetch(Host(sends()), target)
    assert len(writers) == 1
    assert main not in writers


@given(st.lists(st.integers(0, 40), max_size=12), st.booleans(), st.integers(1, 50))
@given_settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_breaks__give_the_very_film_or_nothing(
    tmp_path: Path, breaks: list[int], has_tag: bool, piece_bytes: int
) -> None:
    film, target = os.urandom(100), tmp_path / "film.mp4"
    target.unlink(missing_ok=True)
    answers = [sends(upto, film=film, tag=TAG if has_tag else "") for upto in breaks]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "TRANSFER_CHUNK_BYTES", piece_bytes)
        try:
            fetch(Host(*answers, sends(film=film, tag=TAG if has_tag else "")), target)
        except errors.NetworkError:
            assert list(tmp_path.iterdir()) == []
        else:
            assert target.read_bytes() == film


def small(answer: httpx.Response) -> bytes:
    async def run() -> bytes:
        async with httpx.AsyncClient(transport=httpx.MockTransport(Host(answer))) as http:
            opener = transfers.asset_opener(http, "https://files.test/poster.png", loopback_ok=False)
            return await transfers.fetch_small(opener)

    return asyncio.run(run())


def test_small_files__come_whole_or_not_at_all() -> None:
    assert small(httpx.Response(200, content=b"picture")) == b"picture"
    for answer in (httpx.Response(404), httpx.Response(200, stream=Body(b"x" * 1_000_001))):
        with pytest.raises(errors.ProtocolError):
            small(answer)
    with pytest.raises(errors.NetworkError):
        small(httpx.Response(200, stream=Body(b"x", breaks=True)))


@pytest.mark.parametrize("spoilt", [1, 60_000])
def test_breaks__the_last_bytes_before_them_are_fetched_again(
    target: Path, monkeypatch: pytest.MonkeyPatch, spoilt: int
) -> None:
    monkeypatch.setattr(transfers, "_DOUBTED_BYTES", 64 << 10)
    bad = FILM[: 300_000 - spoilt] + b"?" * spoilt + FILM[300_000:]
    told: list[int] = []
    host = Host(sends(300_000, film=bad), sends())
    fetch(host, target, lambda done, _: told.append(done))
    assert host.ranges == [None, f"bytes={300_000 - (64 << 10)}-"]
    assert target.read_bytes() == FILM
    assert told == sorted(told)


def parts_of(body: RequestBody, sent: bytes) -> list[tuple[str | None, bytes]]:
    content_type = body.headers["Content-Type"].encode()
    parsed = message_from_bytes(b"Content-Type: " + content_type + b"\r\n\r\n" + sent)
    return [(part.get_filename(), part.get_payload(decode=True)) for part in parsed.get_payload()]


async def joined(body: RequestBody) -> bytes:
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
    assert b"Content-Type: audio/mpeg\r\n" in sent
    assert [content for _, content in parts_of(body, sent)] == [file.read_bytes() for file in files]
    assert told[-1] == (2_500_014, 2_500_014)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


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
