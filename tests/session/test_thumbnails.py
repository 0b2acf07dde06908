from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nemo_notebook import errors
from nemo_notebook.session.results import Media
from nemo_notebook.session.uploads import ThumbnailCache

JPEG = b"\xff\xd8\xff a picture"
URL = "https://files.test/k/small/thumbnail.jpg"


class Service:
    """Gives pictures, or raises."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def fetch_small(self, url: str) -> bytes:
        self.asked.append(url)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def record(name: str = "a.mp4", url: object = URL) -> dict[str, Any]:
    return {"filename": name, "file_type": "video", "hash": f"hash of {name}", "size": 77, "thumbnail_url": url}


def read(service: Service, record: dict[str, Any], times: int = 1) -> list[Media]:
    async def work() -> list[Media]:
        thumbnails = ThumbnailCache()
        return [await thumbnails.read(service, record) for _ in range(times)]

    return asyncio.run(work())


def test_pictures__are_fetched_once() -> None:
    service = Service(JPEG)
    for media in read(service, record(), 2):
        assert (media.filename, media.size_bytes, media.thumbnail) == ("a.mp4", 77, JPEG)
    assert service.asked == [URL]


@pytest.mark.parametrize("answer", [errors.ProtocolError("There is none."), b"<svg/>", JPEG + bytes(100_000), b""])
def test_what_is_no_small_jpeg__is_none_and_not_asked_for_again(answer: bytes | Exception) -> None:
    service = Service(answer)
    assert [media.thumbnail for media in read(service, record(), 2)] == [b"", b""]
    assert len(service.asked) == 1


def test_a_network_that_fails__costs_the_picture_only_this_time() -> None:
    service = Service(errors.NetworkError("down"), JPEG)
    assert [media.thumbnail for media in read(service, record(), 2)] == [b"", JPEG]


@pytest.mark.parametrize("url", [None, 7, [], {}])
def test_a_service_without_them__is_asked_for_none(url: object) -> None:
    service = Service()
    (media,) = read(service, record(url=url))
    assert (media.filename, media.thumbnail, service.asked) == ("a.mp4", b"", [])
