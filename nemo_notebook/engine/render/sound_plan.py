"""What is heard in a film, planned: each sound with its place in samples. Pure; nothing is opened here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any, Final

from nemo_notebook.engine.render.form import meta_of, number_of
from nemo_notebook.engine.render.layers import SOUND_RATE, Sound, SoundPlan
from nemo_notebook.engine.render.placing import HEARD, Media, Placed, sample_at
from nemo_notebook.engine.render.styling import between, speed_of
from nemo_notebook.errors import InputError
from nemo_notebook.film.draft import Json
from nemo_notebook.outside import finite

_MAX_VOICES: Final = 32
_MAX_CUTS: Final = 2000
_LEVEL_LUFS: Final = -14.0  # of songs at full volume, as of composed music: what streaming services play
_LEVEL_DB: Final = (-8.0, 9.0)  # the most that a song is turned down or up for that
_SHORTEST_MS: Final = 1000  # of composed music; of less, only the beginning is heard


def sound_plan(placed: Iterable[Placed], media: Media, frames: int, fps: int) -> SoundPlan:
    """All sounds of a film.

    Raises:
        InputError: Too many play at once.
    """
    found = (_sound(item, media, fps) for item in placed)
    sounds = tuple(sound for sound in found if sound is not None)
    edges = sorted([(s.start, 1) for s in sounds] + [(s.start + s.samples, -1) for s in sounds])
    if max(accumulate((step for _, step in edges), initial=0)) > _MAX_VOICES:
        raise InputError(f"More than {_MAX_VOICES} sounds play at once.", hint="Remove some of the music.")
    return SoundPlan(sample_at(frames, fps), sounds)


def _sound(item: Placed, media: Media, fps: int) -> Sound | None:
    meta, file, volume = item.meta, item.file(media), item.segment.volume
    # A clip speaks only where its volume says so; a song or music sounds unless it is turned down.
    gain = min(1.0, volume if volume is not None else 0.0 if item.role == "clip" else 1.0)
    if gain <= 0 or item.role not in HEARD or (item.role != "bgm" and not (file and file.has_audio)):
        return None
    start, end = sample_at(item.first, fps), sample_at(item.end, fps)
    voice = item.role == "clip"
    if item.role == "song" and file and file.kind == "audio":
        gain *= _levelling(file.lufs)
    return Sound(
        media=file.id if file else "",
        path=str(file.path) if file else "",
        name=item.name,
        recipe=_recipe(item) if item.role == "bgm" else (),
        in_ms=max(0.0, number_of(meta, "in_ms", 0.0)),
        start=start,
        samples=end - start,
        gain=gain,
        fade_in=_samples(meta, "fade_in_ms"),
        fade_out=_samples(meta, "fade_out_ms"),
        speed=speed_of(meta) if voice else 1.0,
        duck=1.0 if voice else between(0.0, number_of(meta, "duck", 1.0), 1.0),
        voice=voice,
    )


def _levelling(lufs: float | None) -> float:
    """What a song is multiplied by, so that loud and quiet ones come out alike."""
    if lufs is None:
        return 1.0
    return float(10 ** (between(_LEVEL_DB[0], _LEVEL_LUFS - lufs, _LEVEL_DB[1]) / 20))


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
