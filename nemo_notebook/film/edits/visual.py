"""Edits of the visualizer."""

from __future__ import annotations

from dataclasses import dataclass

from nemo_notebook.film import filming
from nemo_notebook.film.colors import PALETTES, color_told, colors_of
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    MUSIC,
    Draft,
    editable,
    end_of,
    measure,
    media_of,
    meta,
    picture_end_ms,
    remove_segments,
    segments_of,
    to_frame,
)
from nemo_notebook.film.edits.starting import film_to_change
from nemo_notebook.film.model import Language, Situation
from nemo_notebook.film.phrasing import listed, nice_title, say
from nemo_notebook.film.telling import NotPossible


@dataclass(frozen=True, slots=True)
class SetVisualizer:
    """A visualizer over the whole film, another look of it, or none.

    Attributes:
        style: A key of `filming.DRAWINGS`, or None to keep the style.
        palette: A key of `PALETTES`, or None to keep the colours.
        shown: Whether there is one.
        colors: Three of `#rrggbb` from low to high, in place of a palette; or none.
        cover: Whether it takes the colours of the song's cover art.
    """

    style: str | None = None
    palette: str | None = None
    shown: bool = True
    colors: tuple[str, ...] = ()
    cover: bool = False

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Draws or removes the visualizer; see `Edit`."""
        lang = situation.spoken
        if not self.shown:
            return _remove(editable(draft), lang)
        film, before = film_to_change(draft, situation)
        if not segments_of(film, *MUSIC, "clip"):
            en = "A visualizer is drawn from sound: upload a song or ask for background music first."
            raise NotPossible(say(lang, en, "可视化需要声音：请先上传歌曲，或让我配背景音乐。"))
        old = next((meta(segment) for segment in segments_of(film, "visualizer")), {})
        style = self.style or str(old.get("style") or "bars")
        palette = self.palette or str(old.get("palette") or filming.PALETTE)
        colors = self._colors(film, situation, old)
        self._color_backdrop(film, palette, colors)
        frames = to_frame(max(picture_end_ms(film), *(end_of(s) for s in segments_of(film, *MUSIC, "clip"))))
        filming.lay_visualizer(film, frames, style, palette, colors)
        cover = self.cover or any(item.cover_colors == colors for item in situation.media if colors)
        return measure(film), before + _told(lang, style, palette, colors, cover=cover)

    def _colors(self, film: Draft, situation: Situation, old: Draft) -> tuple[str, ...]:
        if self.cover:
            songs = [item for s in segments_of(film, "song") if (item := media_of(s, situation))]
            found = next((item.cover_colors for item in songs if item.cover_colors), ())
            if not found:
                name = nice_title(songs[0]) if songs else ""
                en = f"{name or 'The music'} has no cover art to take colours from. How about neon or sunset colours?"
                raise NotPossible(
                    say(situation.spoken, en, f"{name or '音乐'}没有封面，无法取色。换成霓虹或日落配色？")
                )
            return found
        if self.colors or self.palette:
            return self.colors
        kept = old.get("colors")
        return tuple(kept) if isinstance(kept, list) and all(isinstance(color, str) for color in kept) else ()

    def _color_backdrop(self, film: Draft, palette: str, colors: tuple[str, ...]) -> None:
        if not (self.palette or self.colors or self.cover):
            return
        for backdrop in segments_of(film, "backdrop"):
            meta(backdrop)["palette"] = palette
            meta(backdrop).pop("colors", None)
            if colors:
                meta(backdrop)["colors"] = list(colors)


def _remove(film: Draft, lang: Language) -> tuple[Json, str]:
    drawn = segments_of(film, "visualizer")
    if not drawn:
        raise NotPossible(say(lang, "There is no visualizer on the timeline.", "时间线上没有可视化。"))
    remove_segments(film, drawn)
    return measure(film), say(lang, "Removed the visualizer.", "已去掉可视化。")


def _told(lang: Language, style: str, palette: str, colors: tuple[str, ...], *, cover: bool) -> str:
    drawn = filming.DRAWINGS.get(style, (style, style))
    tones_en = "the cover art's colours" if cover else f"{palette} colours"
    tones_zh = "封面" if cover else PALETTES.get(palette, palette)
    if colors and not cover:
        names = [color_told(color) for color in colors_of(colors)]
        tones_en, tones_zh = listed([name[0] for name in names], "en"), listed([name[1] for name in names], "zh")
    en = f"The visualizer now shows {drawn[0]} in {tones_en}, drawn from the sound."
    return say(lang, en, f"可视化现为{tones_zh}配色的{drawn[1]}，随声音跳动。")
