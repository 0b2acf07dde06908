"""The uploads (`material.toml`) and the films with which conversations begin."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import facts

from nemo_notebook.film.edit import apply_edits, parse
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.tracks import Json, Segment, meta_of, read_segments


def song(name: str, seconds: int, bpm: float = 120.0, title: str = "", artist: str = "") -> MediaItem:
    beat = 60_000 / bpm
    beats = tuple(round(130 + k * beat) for k in range(int((seconds * 1000 - 130) / beat)))
    first, second = round(seconds / 3), round(seconds * 0.8)
    energy = tuple(0.3 if at < first else 0.9 if at < second else 0.4 for at in range(seconds))
    sections = ((0, 0.3), (first * 1000, 0.9), (second * 1000, 0.4))
    return MediaItem(name, name, "audio", seconds * 1000, 0, 0, True, beats, beats[::4], bpm, energy, title, artist,
                     sections, (first * 1000,), content="music")  # fmt: skip


def speech(name: str, seconds: int, silences: Sequence[Sequence[int]] = ()) -> MediaItem:
    return MediaItem(
        name, name, "audio", seconds * 1000, has_audio=True, content="speech", silences_ms=tuple(map(tuple, silences))
    )


def clip(name: str, seconds: int, *, sound: bool = False, tall: bool = False) -> MediaItem:
    size = (1080, 1920) if tall else (1920, 1080)
    return MediaItem(
        name, name, "video", seconds * 1000, *size, sound, motion=(0.4,) * seconds, brightness=(0.5,) * seconds
    )


def photo(name: str) -> MediaItem:
    return MediaItem(name, name, "image", 0, 2000, 1500)


_KINDS: dict[str, Callable[..., MediaItem]] = {"song": song, "speech": speech, "clip": clip, "photo": photo}
_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
MATERIAL: dict[str, tuple[MediaItem, ...]] = {
    name: tuple(_KINDS[row.pop("kind")](**row) for row in table["uploads"]) for name, table in _TABLES.items()
}


def begun(material: str, start: str) -> Json:
    """The film with which a conversation begins; empty for `empty`.

    Raises:
        LookupError: There is no such start of this material.
    """
    media = MATERIAL[material]
    kinds = {item.kind for item in media}
    has_song = any(item.content == "music" for item in media)
    has_voice = any(item.content == "speech" for item in media)
    title = _TABLES[material]["title"]
    end = "完" if material.startswith("zh") else "The End"
    row = [{"edit": "make_video", "with_song": False}]
    cut: list[dict[str, object]] = [{"edit": "make_video"}]
    songs = [item.id for item in media if item.content == "music"]
    if songs and has_voice:
        cut = [{"edit": "make_video", "song": songs[0]}]
    titles = [
        {"edit": "add_title", "text": title, "start_s": 0, "end_s": 3},
        {"edit": "add_title", "text": end, "anchor": "end", "duration_s": 3},
    ]
    music = [{"edit": "add_music", "mood": "chill", "volume": 0.4}]
    steps: dict[str, list[dict[str, object]] | None] = {
        "empty": [],
        "row": row if "video" in kinds else None,
        "video": cut if has_song else [*row, *music],
        "titled": [*(cut if has_song else [*row, *music]), *titles],
        "slides": [{"edit": "make_video", "pictures": "images", "photo_s": 3}]
        if sum(i.kind == "image" for i in media) > 1
        else None,
        "voiced": [*row, *music] if has_voice else None,
        "vertical": [
            *(cut if has_song else [*row, *music]),
            {"edit": "set_canvas", "aspect": "9:16"},
            {"edit": "set_visualizer", "style": "bars", "palette": "ocean"},
        ],
    }
    edits = steps[start]
    if edits is None:
        raise LookupError(f"{material} has no start {start}")
    draft: Json = {}
    for edit in edits:
        draft = apply_edits(draft, [parse(edit)], Situation(draft, media, seed=7)).draft
    return draft


def seen(draft: Json) -> facts.Film:
    """A film as its viewers see and hear it."""
    if not draft:
        return facts.Film()
    meta = meta_of(draft)
    parts = sorted(read_segments(draft), key=lambda part: part.start_ms)
    pictures = [part for part in parts if part.role in ("clip", "image")]
    drawn = next((part.meta for part in parts if part.role == "visualizer"), {})
    tints = meta.get("adjust") or {}
    width, height = int(meta.get("width") or 1920), int(meta.get("height") or 1080)
    shape = Fraction(width, height)
    return facts.Film(
        length_s=max((part.end_ms for part in parts), default=0) / 1000,
        shape=f"{shape.numerator}:{shape.denominator}",
        shots=[_shot(part) for part in pictures],
        titles=[_title(part) for part in parts if part.role == "title"],
        sounds=[_sound(part) for part in parts if part.role in ("song", "speech", "bgm")],
        transitions=[str((part.meta.get("transition") or {}).get("kind", "")) for part in pictures[1:]],
        visualizer=str(drawn.get("style") or "bars") if drawn else "",
        visualizer_palette=str(drawn.get("palette") or drawn.get("colors") or ""),
        filter=meta.get("filter") or "",
        brightness=tints.get("brightness", 0.0),
        contrast=tints.get("contrast", 0.0),
        saturation=tints.get("saturation", 0.0),
        fade_in_s=(meta.get("fade_in_ms") or 0) / 1000,
        fade_out_s=(meta.get("fade_out_ms") or 0) / 1000,
        is_loop=bool(meta.get("loop_ms")),
    )


def _shot(part: Segment) -> facts.Shot:
    own = part.meta
    tints = own.get("adjust") or {}
    return facts.Shot(
        file=part.source,
        is_photo=part.role == "image",
        start_s=part.start_ms / 1000,
        end_s=part.end_ms / 1000,
        in_s=(own.get("in_ms") or 0) / 1000,
        speed=own.get("speed") or 1.0,
        volume=part.volume or 0.0,
        filter=own.get("filter") or "",
        brightness=tints.get("brightness", 0.0),
        contrast=tints.get("contrast", 0.0),
        saturation=tints.get("saturation", 0.0),
        fit=own.get("fit") or "",
    )


def _title(part: Segment) -> facts.Title:
    names = ("position", "size", "color", "style", "animate_in", "animate_out")
    look = {name: part.meta[name] for name in names if part.meta.get(name)}
    return facts.Title(text=part.text, start_s=part.start_ms / 1000, end_s=part.end_ms / 1000, **look)


def _sound(part: Segment) -> facts.Sound:
    own = part.meta
    is_composed = part.role == "bgm"
    piece, left = own.get("music") or {}, own.get("duck")
    return facts.Sound(
        kind="composed" if is_composed else part.role,
        file="" if is_composed else part.source,
        start_s=part.start_ms / 1000,
        end_s=part.end_ms / 1000,
        in_s=(own.get("in_ms") or 0) / 1000,
        volume=1.0 if part.volume is None else part.volume,
        fade_in_s=(own.get("fade_in_ms") or 0) / 1000,
        fade_out_s=(own.get("fade_out_ms") or 0) / 1000,
        mood=piece.get("mood", ""),
        bpm=piece.get("bpm", 0.0),
        ducks=left is not None and left < 1,
    )
