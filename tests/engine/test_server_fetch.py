"""Uploads by address: only the open internet is fetched from, whatever a name or a redirect says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest
from cases import cases

from nemo_notebook import errors
from nemo_notebook.engine.uploads import PublicTransport, is_public, receive_urls

PUBLIC = "93.184.216.34"


@cases
def test_address__that_is_not_of_the_open_internet_is_private(address: str) -> None:
    assert not is_public(address)


@cases
def test_address__of_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


class Net(PublicTransport):
    """Finds each of some addresses in turn; its web notes who was connected to."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response], *found: Sequence[str]) -> None:
        super().__init__()
        self.found = list(found)
        self.asked: list[str] = []
        self.connected: list[httpx.Request] = []
        self.answer = answer

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if not self.found:
            return await super().resolve(host, port)
        return self.found.pop(0) if len(self.found) > 1 else self.found[0]

    async def connect(self, request: httpx.Request) -> httpx.Response:
        self.connected.append(request)
        return self.answer(request)

    def fetch(self, folder: Path, *urls: str, max_bytes: int | None = None) -> list[str]:
        work = receive_urls(urls, folder, transport=self, max_bytes=max_bytes)
        return [each.filename for each in asyncio.run(work)]


def film(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, stream=httpx.ByteStream(b"film"))


def test_name__is_looked_up_once_and_what_was_checked_is_connected_to(tmp_path: Path) -> None:
    net = Net(film, [PUBLIC], ["127.0.0.1"])  # the second answer is the trap
    assert net.fetch(tmp_path, "https://rebind.test:8443/a%20b.mp4?x=1") == ["a b.mp4"]
    assert net.asked == ["rebind.test"]
    (request,) = net.connected
    assert (request.url.host, request.url.port, request.url.raw_path) == (PUBLIC, 8443, b"/a%20b.mp4?x=1")
    assert request.headers["host"] == "rebind.test:8443"
    assert request.extensions["sni_hostname"] == "rebind.test"


@pytest.mark.parametrize("found", [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["::1"], ["::ffff:192.168.0.1"], []])
def test_name__of_a_private_address_is_not_connected_to(tmp_path: Path, found: list[str]) -> None:
    net = Net(film, found)
    with pytest.raises(errors.InputError):
        net.fetch(tmp_path, "http://inside.test/a.mp4")
    assert net.connected == []
    assert list(tmp_path.iterdir()) == []


@cases
def test_number__in_an_old_spelling_is_the_address_that_it_means(tmp_path: Path, host: str) -> None:
    net = Net(film)
    with pytest.raises(errors.InputError, match=r"within this machine|not be found|not be fetched") as caught:
        net.fetch(tmp_path, f"http://{host}/a.mp4")
    assert "file" in caught.value.hint
    assert net.connected == []


@cases
def test_address__with_tricks_is_refused(tmp_path: Path, url: str) -> None:
    net = Net(film, [PUBLIC])
    with pytest.raises(errors.InputError):
        net.fetch(tmp_path, url.replace("{long}", "a" * 5000))
    assert net.connected == []


@cases
def test_redirect__to_what_may_not_be_fetched_is_not_followed(tmp_path: Path, target: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": target})

    net = Net(answer, [PUBLIC], ["10.0.0.1"])
    with pytest.raises(errors.InputError):
        net.fetch(tmp_path, "http://site.test/a.mp4")
    assert len(net.connected) == 1


def test_redirects__are_followed_three_times_each_looked_up_anew(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        step = int(request.url.path.strip("/"))
        return httpx.Response(302, headers={"Location": f"/{step - 1}"}) if step else film(request)

    net = Net(answer, [PUBLIC])
    assert net.fetch(tmp_path, "http://site.test/3") == ["3"]
    assert net.asked == ["site.test"] * 4
    with pytest.raises(errors.InputError):
        net.fetch(tmp_path, "http://site.test/4")


def test_file__over_the_limit_or_packed_is_refused_and_all_are_let_go(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        packed = {"Content-Encoding": "gzip"} if "packed" in request.url.path else {}
        return httpx.Response(200, headers=packed, stream=httpx.ByteStream(b"x" * 1000))

    net = Net(answer, [PUBLIC])
    with pytest.raises(errors.MediaTooLarge):
        net.fetch(tmp_path, "http://site.test/a", max_bytes=999)
    with pytest.raises(errors.InputError, match="packed"):
        net.fetch(tmp_path, "http://site.test/a", "http://site.test/packed")
    with pytest.raises(errors.InputError, match="At most"):
        net.fetch(tmp_path, *["http://site.test/a"] * 201)
    assert list(tmp_path.iterdir()) == []
    assert net.connected[0].headers["accept-encoding"] == "identity"
