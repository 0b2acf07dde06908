"""Refusals that come while a body is still being sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from loopback import Talk, head, listening, response
from planted import PLANTED

from nemo_notebook import errors, skills
from nemo_notebook.client import api
from nemo_notebook.client.api import ApiClient, Json
from nemo_notebook.client.transport import Body
from nemo_notebook.outside import Secret

SIZE = 32 << 20
TOO_LARGE = response(b'{"code": 4002, "message": "at most 5 MB"}', "413 Content Too Large")
UNDER_200 = response(b'{"code": 4002, "message": "at most 5 MB"}')


async def pieces() -> AsyncIterator[bytes]:
    for _ in range(SIZE >> 20):
        yield bytes(1 << 20)


async def upload(talk: Talk) -> Json:
    async with listening(talk) as url:
        wire = ApiClient(url, skills.load("from-music"), token=Secret(PLANTED), use_proxy=False)
        try:
            body = Body(pieces, {"Content-Length": str(SIZE)})
            return await wire.call(api.UPLOAD.at(session="7"), body=body, deadline_s=30.0)
        finally:
            await wire.close()


@pytest.mark.parametrize("said", [TOO_LARGE, UNDER_200])
@pytest.mark.parametrize("taken", [0, 3 << 20])
def test_refusal_before_the_body_is_through__is_read_though_the_connection_breaks(said: bytes, taken: int) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        await reader.readexactly(taken)
        writer.write(said)
        await writer.drain()

    for _ in range(5):
        with pytest.raises(errors.MediaTooLarge, match="at most 5 MB"):
            asyncio.run(upload(talk))


def test_refusal_of_a_service_that_stays_and_reads_nothing__ends_the_sending() -> None:
    async def refused() -> None:
        over = asyncio.Event()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await head(reader)
            writer.write(TOO_LARGE)
            await over.wait()

        try:
            with pytest.raises(errors.MediaTooLarge):
                await upload(talk)
        finally:
            over.set()

    asyncio.run(refused())


@pytest.mark.parametrize("hint", [b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"])
def test_whole_body__arrives_where_nothing_is_refused(hint: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(hint)
        await reader.readexactly(SIZE)
        writer.write(response(b'{"code": 0, "data": {"all": true}}'))
        await writer.drain()

    assert asyncio.run(upload(talk)) == {"all": True}


def test_connection_that_closes_without_a_word__is_a_network_error() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)

    with pytest.raises(errors.NetworkError) as caught:
        asyncio.run(upload(talk))
    assert caught.value.may_have_acted
