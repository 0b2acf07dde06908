"""What is found out about uploads, each once and kept by content hash: analyses, thumbnails, and the sounds of a state.

Songs are listened to, clips watched and pictures looked at as they come in, so that the first prompt finds it done. A
state tells only of sounds that its draft plays (`video_analyses`, read by `film/timeline.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors
from nemo_notebook.engine.pool import WorkerPool, end_tasks
from nemo_notebook.engine.store import MediaRow, Store
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.tracks import Json, meta_of, read_tracks
from nemo_notebook.music import Recipe, beat_times_ms, compose, envelope
from nemo_notebook.outside import finite
from nemo_notebook.render.cache import drawn_with

_ANALYSES: Final = {"audio": "listen", "video": "watch", "image": "look"}
_SERIES: Final = (
    *("energy", "motion", "brightness", "colors", "sharpness", "steadiness", "sound", "voices", "cover_colors"),
)
_VERSION: Final = 7  # raise it when listening or watching finds something else: it is done again then
_log: Final = logging.getLogger(__name__)


class Analyses:
    """What is found in uploads, and what is under way.

    Args:
        store: Where it is kept.
        pool: What does it.
        quick: What makes thumbnails; the same if None.
    """

    def __init__(self, store: Store, pool: WorkerPool, quick: WorkerPool | None = None) -> None:
        self._store = store
        self._pool = pool
        self._quick = quick or pool
        self._under_way: dict[tuple[str, ...], asyncio.Task[None]] = {}

    async def close(self) -> None:
        """Stop; the next engine begins again."""
        await end_tasks(self._under_way.values())

    def of(self, rows: Iterable[MediaRow]) -> list[asyncio.Task[None]]:
        """Those of some uploads that are under way; what an engine that ended, or failed, has left begins again."""
        return [task for row in rows if (task := self.begin(row))]

    def begin(self, row: MediaRow) -> asyncio.Task[None] | None:
        """Begin to look at or listen to an upload, so that the first prompt finds it done; None if it is."""
        if row.info["kind"] not in _ANALYSES or self.found(row.hash) is not None:
            return None
        # Who waits for the same content does not wait behind all that another user has sent.
        who = self._store.session_user(row.session_id)
        return self._once((row.hash, who), self._analyse, row, who)

    async def thumbnail(self, row: MediaRow, who: str = "") -> Path | None:
        """The thumbnail of an upload; None if there is no picture of it.

        Args:
            row: The upload.
            who: For whom; those who wait take turns.
        """
        path = self._store.thumbnail_path(row.hash)
        if not path.is_file():
            await asyncio.shield(self._once((row.hash,), self._make_thumbnail, row, who))  # others may wait for it, too
        return path if path.is_file() and path.stat().st_size else None

    def _once(
        self, key: tuple[str, ...], work: Callable[[MediaRow, str], Coroutine[Any, Any, None]], row: MediaRow, who: str
    ) -> asyncio.Task[None]:
        """Begin some work, unless it is under way."""
        if key not in self._under_way:
            self._under_way[key] = asyncio.create_task(work(row, who))
            self._under_way[key].add_done_callback(lambda _: self._under_way.pop(key, None))
        return self._under_way[key]

    async def _analyse(self, row: MediaRow, who: str) -> None:
        """Listen or watch, and keep what was found: nothing, if it fails, and no turn fails or waits for it again."""
        args = {"path": str(self._store.media_path(row.hash)), "filename": row.filename}
        try:
            # A lane of its own: it does not wait behind the shots of the user's own export.
            found = await self._pool.run(_ANALYSES[row.info["kind"]], args, who=f"{who}, analyses")
        except errors.NemoError as error:
            _log.warning("%s is used without having been analysed: %s", row.filename, error)
            found = {}
        await self._store.in_thread(self._store.add_analysis, row.hash, {**found, "version": version()})

    async def _make_thumbnail(self, row: MediaRow, who: str) -> None:
        source, path = self._store.media_path(row.hash), self._store.thumbnail_path(row.hash)
        if not source.is_file():
            return
        args = {"path": str(source), "filename": row.filename, "target": str(path)}
        try:
            await self._quick.run("thumbnail", args, who=who)
        except errors.NemoError as error:
            _log.warning("There is no picture of %s: %s", row.filename, error)
            if isinstance(error, (errors.EngineError, errors.UnsupportedMedia)):
                path.touch()  # its decoder crashes or is slow, and would again; else, as of a full disk, another time

    def found(self, content_hash: str) -> Json | None:
        """What listening or watching has found, unless an older version did it, or other libraries."""
        found = self._store.analysis(content_hash)
        return found if found is not None and found.get("version") == version() else None

    def items(self, rows: Iterable[MediaRow]) -> Iterable[MediaItem]:
        """Uploads as the agent knows them, with what has been found so far."""
        for row in rows:
            yield _item(row, self.found(row.hash) or {})


def version() -> list[int | str]:
    """What analyses are kept with: they are done again where it is another."""
    return [_VERSION, *drawn_with()]


def _item(row: MediaRow, found: Mapping[str, Any]) -> MediaItem:
    info = row.info
    beats = tuple(round(1000 * beat) for beat in found.get("beats_s", ()))
    series: dict[str, Any] = {name: tuple(found.get(name, ())) for name in _SERIES}
    return MediaItem(
        id=row.hash,
        filename=row.filename,
        **{name: info[name] for name in ("kind", "width", "height", "has_audio", "title", "artist")},
        duration_ms=round(1000 * info["duration_s"]),
        beats_ms=beats,
        downbeats_ms=beats[found.get("first_downbeat", 0) :: 4],
        tempo=found.get("tempo") or None,
        **series,
        focus=tuple((x, y) for x, y in found.get("focus", ())),
        pan=tuple((x, y) for x, y in found.get("pan", ())),
        sections=tuple((round(1000 * start_s), loudness) for start_s, loudness in found.get("sections", ())),
        drops_ms=tuple(round(1000 * drop) for drop in found.get("drops_s", ())),
        scenes_ms=tuple(round(1000 * scene) for scene in found.get("scenes_s", ())),
        keyframes_ms=tuple(round(1000 * key) for key in found.get("keyframes_s", ())),
        content=found.get("content", ""),
        silences_ms=tuple((start_ms, end_ms) for start_ms, end_ms in found.get("silences_ms", ())),
    )


_BEATS_PER_BAR: Final = 4
_MOST_SOUNDS: Final = 50  # uploads
_MOST_COMPOSED: Final = 16
_MOST_CUTS: Final = 2000
_PEAKS_PER_S: Final = 10
_MOST_PEAKS: Final = 2000
_LENGTHS_MS: Final = (1_000, 600_000)  # of composed music


def told_sounds(draft: Json, rows: Iterable[MediaRow], found: Callable[[str], Json | None]) -> list[dict[str, Any]]:
    """What is known of the sounds of a draft.

    Args:
        draft: The draft, which may have come from outside.
        rows: The session's uploads: of others nothing is told.
        found: What listening to a file has found so far.
    """
    segments = [raw for track in read_tracks(draft) if track.kind == "audio" for raw in track.raws]
    parts = [(segment, meta_of(segment)) for segment in segments]
    played = {str(meta.get("media")) for _, meta in parts}
    music = {str(meta.get("media")) for _, meta in parts if meta.get("role") != "speech"}
    files = {row.hash: row for row in rows if row.info["kind"] == "audio" and row.hash in played}
    heard = [(row, known) for row in list(files.values())[:_MOST_SOUNDS] if (known := found(row.hash))]
    told = [_file(row, known, has_beats=row.hash in music) for row, known in heard]
    composed = [part for part in parts if isinstance(part[1].get("music"), Mapping)][:_MOST_COMPOSED]
    return [*told, *(record for segment, meta in composed if (record := _composed(segment, meta)))]


def _file(row: MediaRow, heard: Json, *, has_beats: bool) -> dict[str, Any]:
    beats = [round(1000 * beat) for beat in heard.get("beats_s", ())] if has_beats else []
    return {
        "hash": row.hash,
        "filename": row.filename,
        "duration_ms": round(1000 * heard.get("length_s", 0.0)),
        "tempo": (heard.get("tempo") or None) if has_beats else None,
        "beats_ms": beats,
        "downbeats_ms": beats[heard.get("first_downbeat", 0) :: _BEATS_PER_BAR],
        "peaks": list(heard.get("peaks", ())),
    }


def _composed(segment: Json, meta: Json) -> dict[str, Any] | None:
    """What follows from a recipe; None for one that cannot be played."""
    music, length = meta["music"], finite(segment.get("d"))
    cuts, name = music.get("cuts_ms"), segment.get("id")
    if length is None or not isinstance(name, str) or (isinstance(cuts, list) and len(cuts) > _MOST_CUTS):
        return None
    length_ms = round(min(max(length, _LENGTHS_MS[0]), _LENGTHS_MS[1]))
    try:
        recipe = Recipe.from_json(music, length_ms)
    except errors.InputError:
        return None
    beats, peaks = _sounded(recipe)
    return {
        "segment": name,
        "duration_ms": length_ms,
        "tempo": recipe.bpm,
        "beats_ms": list(beats),
        "downbeats_ms": list(beats[::_BEATS_PER_BAR]),
        "peaks": list(peaks),
    }


@lru_cache(maxsize=64)
def _sounded(recipe: Recipe) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The beats of composed music, in milliseconds, and how loud it is, ten values a second."""
    length_s = recipe.length_ms / 1000
    peaks = envelope(compose(recipe), length_s, min(_MOST_PEAKS, max(1, round(_PEAKS_PER_S * length_s))))
    return tuple(round(beat) for beat in beat_times_ms(recipe)), tuple(peaks)
