"""The pictures that stand for a session's media, fetched where the service offers them, and once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from nemo_notebook import errors
from nemo_notebook.client.service import Service
from nemo_notebook.session.results import Media, MediaList

Json = Mapping[str, Any]

_AT_ONCE: Final = 4
_MOST_BYTES: Final = 100_000  # of one; a thumbnail that is larger is none
_KEPT: Final = 512
_JPEG: Final = b"\xff\xd8\xff"


class Thumbnails:
    """Reads the service's records of media with their thumbnails, and remembers these by the content's hash."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def read(self, service: Service, records: Iterable[Json]) -> MediaList:
        """The media of some records; a thumbnail that cannot be had is empty.

        Args:
            service: Which has them.
            records: Its records of them.
        """
        records = list(records)
        pictures = await asyncio.gather(*(self._picture(service, record) for record in records))
        pairs = zip(records, pictures, strict=True)
        return MediaList(Media.read(record, thumbnail=picture) for record, picture in pairs)

    async def _picture(self, service: Service, record: Json) -> bytes:
        key, url = str(record.get("hash") or ""), record.get("thumbnail_url")
        if not key or not isinstance(url, str):
            return b""
        async with self._free:
            if key not in self._kept:
                try:
                    self._keep(key, await service.fetch_small(url))
                except errors.ProtocolError:
                    self._keep(key, b"")  # there is none
                except errors.NemoError:
                    return b""  # it may come another time
            return self._kept.get(key, b"")

    def _keep(self, key: str, picture: bytes) -> None:
        fits = picture.startswith(_JPEG) and len(picture) <= _MOST_BYTES
        self._kept[key] = picture if fits else b""
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
