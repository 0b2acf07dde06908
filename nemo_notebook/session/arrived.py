"""Whether bytes that were sent before have arrived: told from the journal and from what the session has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from nemo_notebook.session.records import Job

Json = Mapping[str, Any]

SHA256_DIGITS: Final = 64
_KEPT: Final = ("filename", "file_type", "duration", "width", "height", "fps", "hash")


def find(
    same: Sequence[Job], earlier: Sequence[Job], there: Sequence[Json], *, digest: str, mtime_ns: int
) -> Json | None:
    """The service's record of bytes that were sent before, if it has them.

    By the hash of the bytes where the service's is SHA-256; else by the record that an earlier, finished upload of the
    same bytes was given; else, for one whose end was not heard, by the name: if the file has not changed since, the
    record was not there before, and no other upload was given it.

    Args:
        same: Earlier uploads from the same place and of the same size.
        earlier: All earlier uploads of the session.
        there: What the session has.
        digest: SHA-256 of the file now.
        mtime_ns: When the file was changed last.
    """
    by_hash = {str(entry.get("hash")): entry for entry in there if entry.get("hash")}
    if digest in by_hash:
        return by_hash[digest]
    for job in same:
        if job.state == "done" and job.detail.get("sha256") == digest and job.detail.get("hash") in by_hash:
            return by_hash[job.detail["hash"]]
    given = {job.detail.get("hash") for job in earlier if job.state == "done"} - {None}
    for job in same:
        if not job.is_open or job.detail.get("mtime_ns") != mtime_ns:
            continue
        seen, was_converted = set(job.detail.get("seen") or ()), job.detail.get("sent_as") != job.title
        for entry in there:
            could_be = was_converted or len(str(entry.get("hash"))) != SHA256_DIGITS  # else its hash would have told
            is_new = key(entry) not in seen and entry.get("hash") not in given
            if could_be and is_new and entry.get("filename") == job.detail.get("sent_as"):
                return entry
    return None


def key(entry: Json) -> str:
    """What tells one record of the state from another."""
    return f"{entry.get('filename')}|{entry.get('hash')}"


def keys(entries: Iterable[Json]) -> list[str]:
    """The same of several."""
    return [key(entry) for entry in entries]


def facts(record: Json) -> dict[str, Any]:
    """What the journal keeps of a record: no address, since that may be signed."""
    return {key: record[key] for key in _KEPT if isinstance(record.get(key), (str, int, float))}
