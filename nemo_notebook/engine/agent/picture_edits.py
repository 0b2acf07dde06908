"""Edits of the picture: canvas and visualizer."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Final

from nemo_notebook.engine.agent import filming
from nemo_notebook.engine.agent.drafting import (
    MUSIC,
    Draft,
    canvas_of,
    editable,
    end_ms,
    end_of,
    measure,
    meta,
    picture_end_ms,
    prepare_canvas,
    remove_segments,
    segments_of,
    to_frame,
)
from nemo_notebook.engine.agent.film_edits import MakeVideo
from nemo_notebook.engine.agent.language import nice_title, say
from nemo_notebook.engine.agent.model import Language, NotPossible, Situation
from nemo_notebook.timeline.draft import Json

ASPECTS: Final = {
    "16:9": (16, 9),
    "9:16": (9, 16),
    "1:1": (1, 1),
    "4:5": (4, 5),
    "4:3": (4, 3),
    "3:4": (3, 4),
    "21:9": (21, 9),
}
PALETTES: Final = {"aurora": "极光", "sunset": "日落", "neon": "霓虹", "mono": "黑白"}
_SHAPES: Final = ((1, "horizontal", "横屏"), (0, "square", "方形"), (-1, "vertical", "竖屏"))


@dataclass(frozen=True, slots=True)
class SetCanvas:
    """Shape and size of the picture.

    Attributes:
        aspect: A key of `ASPECTS`, or None to keep the shape.
        short_side: Pixels of the shorter side, or None to keep it.
        platform: What the shape is for, as people call it.
    """

    aspect: str | None = None
    short_side: int | None = None
    platform: str = ""

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the canvas; see `Edit`."""
        film, before = _film(draft, situation)
        old = canvas_of(film)
        ratio = ASPECTS[self.aspect] if self.aspect else old
        short = self.short_side or min(old)
        scale = short / min(ratio)
        width, height = (max(16, 2 * round(side * scale / 2)) for side in ratio)
        own = meta(film)
        own["width"], own["height"] = width, height
        lang = situation.spoken
        shape = next(row for row in _SHAPES if row[0] == (width > height) - (width < height))
        name = self.aspect or _ratio_name(width, height)
        for_en = f", fit for {self.platform}" if self.platform else ""
        for_zh = f"，适合{self.platform}" if self.platform else ""
        same_en, same_zh = ("stays", "仍为") if (width, height) == old and not before else ("is now", "已设为")
        en = f"The picture {same_en} {shape[1]} {name}, {width} × {height}{for_en}."
        return measure(film), before + say(lang, en, f"画面{same_zh}{shape[2]} {name}，{width} × {height}{for_zh}。")


@dataclass(frozen=True, slots=True)
class PrepareExport:
    """What is asked for in a chat as an export: the size is set, the export itself is a command.

    Attributes:
        short_side: Pixels of the shorter side, or None to keep the size.
    """

    short_side: int | None = None

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the size and says that the draft is ready; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        if end_ms(film) == 0:
            en = 'There is nothing to export yet: upload your media and say "make a music video" first.'
            raise NotPossible(say(lang, en, "还没有可以导出的内容：请先上传素材，并说“做一个音乐视频”。"))
        ready: Json = film
        if self.short_side is not None:
            ready, _ = SetCanvas(short_side=self.short_side).apply(draft, situation)
            film = editable(ready)
        width, height = canvas_of(film)
        size = f"{width} × {height}"
        en = f'The draft is ready to be exported at {size}: run "export" to render the file.'
        return ready, say(lang, en, f"草稿已就绪，可以按 {size} 导出：执行“导出”即可生成文件。")


@dataclass(frozen=True, slots=True)
class SetVisualizer:
    """A visualizer over the whole film, another look of it, or none.

    Attributes:
        style: A key of `filming.DRAWINGS`, or None to keep the style.
        palette: A key of `PALETTES`, or None to keep the colours.
        shown: Whether there is one.
    """

    style: str | None = None
    palette: str | None = None
    shown: bool = True

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Draws or removes the visualizer; see `Edit`."""
        lang = situation.spoken
        if not self.shown:
            return self._remove(editable(draft), lang)
        film, before = _film(draft, situation)
        if not segments_of(film, *MUSIC, "clip"):
            en = "A visualizer is drawn from sound: upload a song or ask for background music first."
            raise NotPossible(say(lang, en, "可视化需要声音：请先上传歌曲，或让我配背景音乐。"))
        old = next((meta(segment) for segment in segments_of(film, "visualizer")), {})
        style = self.style or str(old.get("style") or "bars")
        palette = self.palette or str(old.get("palette") or filming.PALETTE)
        if self.palette:
            for backdrop in segments_of(film, "backdrop"):
                meta(backdrop)["palette"] = palette
        frames = to_frame(max(picture_end_ms(film), *(end_of(s) for s in segments_of(film, *MUSIC, "clip"))))
        filming.lay_visualizer(film, frames, style, palette)
        drawn = filming.DRAWINGS.get(style, (style, style))
        en = f"The visualizer now shows {drawn[0]} in {palette} colours, drawn from the sound."
        zh = f"可视化现为{PALETTES.get(palette, palette)}配色的{drawn[1]}，随声音跳动。"
        return measure(film), before + say(lang, en, zh)

    def _remove(self, film: Draft, lang: Language) -> tuple[Json, str]:
        drawn = segments_of(film, "visualizer")
        if not drawn:
            raise NotPossible(say(lang, "There is no visualizer on the timeline.", "时间线上没有可视化。"))
        remove_segments(film, drawn)
        return measure(film), say(lang, "Removed the visualizer.", "已去掉可视化。")


def _film(draft: Json, situation: Situation) -> tuple[Draft, str]:
    """The film to change; made first where there is none yet but material for one, with what to say of that."""
    film = editable(draft)
    if end_ms(film) > 0:
        return film, ""
    if not situation.media:
        prepare_canvas(film, "", situation.seed)
        return film, ""
    made, told = MakeVideo().apply(draft, situation)
    film = editable(made)
    prepare_canvas(film, nice_title(situation.media[0]), situation.seed)
    return film, told + say(situation.spoken, " ", "")


def _ratio_name(width: int, height: int) -> str:
    common = gcd(width, height)
    return f"{width // common}:{height // common}"
