"""What is heard in a film, planned: each sound with its place in samples. Pure; nothing is opened here.

At volume 1 a song and a voice-over have −14 LUFS each, as composed music has: what streaming services play. The gates
of that measure leave pauses out, so a voice is as loud while it speaks as a song is, and needs no level of its own.

A film is −14 LUFS loud when its loudest sound is at its usual volume, and louder or quieter by as much as that sound is
turned up or down: it makes no difference how many play at once, and what is ducked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate
from math import log10
from typing import Any, Final

from nemo_notebook.errors import InputError
from nemo_notebook.film.draft import MAX_VOLUME, Json
from nemo_notebook.film.soundtrack import DUCKED, USUAL_VOLUME
from nemo_notebook.outside import finite
from nemo_notebook.render.form import meta_of, number_of
from nemo_notebook.render.layers import SOUND_RATE, Sound, SoundPlan
from nemo_notebook.render.placing import HEARD, Media, MediaFile, Placed, sample_at
from nemo_notebook.render.styling import between, speed_of

_MAX_VOICES: Final = 32
_MAX_CUTS: Final = 2000
_LEVEL_LUFS: Final = -14.0
_LEVEL_DB: Final = (-8.0, 9.0)  # the most that an upload is turned down or up for that
_SHORTEST_MS: Final = 1000  # of composed music; of less, only the beginning is heard


def sound_plan(placed: Iterable[Placed], media: Media, frames: int, fps: int) -> SoundPlan:
    """All sounds of a film.

    Raises:
        InputError: Too many play at once.
    """
    heard = tuple(item for item in placed if _is_heard(item, media))
    is_spoken = any(item.role == "speech" for item in heard)
    sounds = tuple(_sound(item, media, fps, is_spoken=is_spoken) for item in heard)
    edges = sorted([(s.start, 1) for s in sounds] + [(s.start + s.samples, -1) for s in sounds])
    if max(accumulate((step for _, step in edges), initial=0)) > _MAX_VOICES:
        raise InputError(f"More than {_MAX_VOICES} sounds play at once.", hint="Remove some of the music.")
    return SoundPlan(sample_at(frames, fps), sounds, _lufs(heard, media))


def _is_heard(item: Placed, media: Media) -> bool:
    file = item.file(media)
    return item.role in HEARD and _volume(item) > 0 and (item.role == "bgm" or bool(file and file.has_audio))


def _volume(item: Placed) -> float:
    """A clip speaks only where its volume says so; all else sounds unless it is turned down."""
    volume = item.segment.volume
    return min(MAX_VOLUME, volume if volume is not None else 0.0 if item.role == "clip" else 1.0)


def _sound(item: Placed, media: Media, fps: int, *, is_spoken: bool) -> Sound:
    meta, file = item.meta, item.file(media)
    usual_duck = DUCKED if item.role == "clip" and is_spoken else 1.0
    never_ducked = item.role == "speech" or (item.role == "clip" and not is_spoken)
    start, end = sample_at(item.first, fps), sample_at(item.end, fps)
    return Sound(
        media=file.id if file else "",
        path=str(file.path) if file else "",
        name=item.name,
        recipe=_recipe(item) if item.role == "bgm" else (),
        in_ms=max(0.0, number_of(meta, "in_ms", 0.0)),
        start=start,
        samples=end - start,
        gain=_volume(item) * 10 ** (_levelling_db(item, file) / 20),
        fade_in=_samples(meta, "fade_in_ms"),
        fade_out=_samples(meta, "fade_out_ms"),
        speed=speed_of(meta) if item.role == "clip" else 1.0,
        duck=1.0 if never_ducked else between(0.0, number_of(meta, "duck", usual_duck), 1.0),
        voice=item.role in ("clip", "speech"),
    )


def _levelling_db(item: Placed, file: MediaFile | None) -> float:
    """How far a song or a voice-over is turned up, so that loud and quiet ones come out alike."""
    if item.role not in ("song", "speech") or file is None or file.lufs is None:
        return 0.0
    return between(_LEVEL_DB[0], _LEVEL_LUFS - file.lufs, _LEVEL_DB[1])


def _lufs(heard: Iterable[Placed], media: Media) -> tuple[float, float] | None:
    """What the film's loudness is to be; None where of no sound it is known how loud it is by itself.

    It is that of the loudest sound alone. The sound of clips is of any loudness: the film is no quieter than all else
    would be, and no louder than the clips would be if they were levelled.
    """
    least, most = [], []
    for item in heard:
        file = item.file(media)
        level = _LEVEL_LUFS + 20 * log10(_volume(item) / (USUAL_VOLUME if item.role == "bgm" else 1.0))
        most.append(level)
        if item.role == "bgm":
            least.append(level)
        elif item.role != "clip" and file and file.lufs is not None:
            left_db = file.lufs + _levelling_db(item, file) - _LEVEL_LUFS  # of one too quiet to be levelled
            least.append(level + min(0.0, left_db))
    return (max(least), max(most)) if least else None


def _samples(meta: Json, key: str) -> int:
    return round(max(0.0, number_of(meta, key, 0.0)) * SOUND_RATE / 1000)


def _recipe(item: Placed) -> tuple[tuple[str, Any], ...]:
    music = meta_of(item.segment.raw).get("music")
    known = music if isinstance(music, Mapping) else {}
    length_ms = max(_SHORTEST_MS, round(item.segment.duration_ms))
    wanted = {k: known[k] for k in ("mood", "bpm", "seed") if isinstance(known.get(k), (str, int, float))}
    cuts = _cuts(known.get("cuts_ms"), length_ms)
    return tuple(sorted((wanted | {"length_ms": length_ms} | ({"cuts_ms": cuts} if cuts else {})).items()))


def _cuts(value: object, length_ms: int) -> tuple[int, ...]:
    """Times within the music, in order; none where there is nothing that can be meant."""
    times = (finite(item) for item in value) if isinstance(value, (list, tuple)) else ()
    return tuple(sorted({round(time) for time in times if time is not None and 0 < time < length_ms}))[:_MAX_CUTS]
