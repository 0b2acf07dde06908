"""Edits of the canvas and of what becomes a file."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Final

from nemo_notebook.film import filming
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import Draft, canvas_of, editable, end_ms, measure, meta
from nemo_notebook.film.edits.starting import film_to_change
from nemo_notebook.film.model import Situation
from nemo_notebook.film.phrasing import say
from nemo_notebook.film.telling import NotPossible

ASPECTS: Final = {
    "16:9": (16, 9),
    "9:16": (9, 16),
    "1:1": (1, 1),
    "4:5": (4, 5),
    "5:4": (5, 4),
    "4:3": (4, 3),
    "3:4": (3, 4),
    "2:3": (2, 3),
    "3:2": (3, 2),
    "2:1": (2, 1),
    "21:9": (21, 9),
}
_SHAPES: Final = ((1, "horizontal", "横屏"), (0, "square", "方形"), (-1, "vertical", "竖屏"))
_LARGEST_SIDE: Final = 8192


@dataclass(frozen=True, slots=True)
class SetCanvas:
    """Shape and size of the picture.

    Attributes:
        aspect: A key of `ASPECTS`, or None to keep the shape.
        short_side: Pixels of the shorter side, or None to keep it.
        platform: What the shape is for, as people call it.
        size: Width and height in pixels, which go before the other two; or None.
        fills: Whether wide pictures fill a tall shape where nothing was said of that; else they are fitted as before.
    """

    aspect: str | None = None
    short_side: int | None = None
    platform: str = ""
    size: tuple[int, int] | None = None
    fills: bool = True

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the canvas; see `Edit`."""
        film, before = film_to_change(draft, situation)
        old, lang = canvas_of(film), situation.spoken
        width, height = self._size(old)
        if not 16 <= min(width, height) <= max(width, height) <= _LARGEST_SIDE:
            en = f"A picture of {width} × {height} is out of range; how about 1080p or 4K?"
            raise NotPossible(say(lang, en, f"{width} × {height} 的画面超出范围；1080p 或 4K 可以吗？"))
        own = meta(film)
        own["width"], own["height"] = width, height
        shape = next(row for row in _SHAPES if row[0] == (width > height) - (width < height))
        name = self.aspect if self.aspect and not self.size else _ratio_name(width, height)
        was_en, was_zh = (
            (f" (it was {old[0]} × {old[1]})", f"（原来 {old[0]} × {old[1]}）")
            if self._was_seen(situation, old) and old != (width, height)
            else ("", "")
        )
        for_en = f", fit for {self.platform}" if self.platform else ""
        for_zh = f"，适合{self.platform}" if self.platform else ""
        same_en, same_zh = ("stays", "仍为") if (width, height) == old and not before else ("is now", "已设为")
        en = f"The picture {same_en} {shape[1]} {name}, {width} × {height}{was_en}{for_en}."
        zh = f"画面{same_zh}{shape[2]} {name}，{width} × {height}{was_zh}{for_zh}。"
        if self.fills and height > width and not own.get("fit") and _shows_wide(film, situation):
            own["fit"] = "crop"
            en = f'{en[:-1]}, filling the screen (say "with a blurred background" to see the whole picture).'
            zh = f"{zh[:-1]}，裁剪填满画面（想看完整画面可以说“背景模糊”）。"
        return measure(film), before + say(lang, en, zh)

    @staticmethod
    def _was_seen(situation: Situation, old: tuple[int, int]) -> bool:
        """Whether there was a film of the old size before this message."""
        film = editable(situation.draft)
        return end_ms(film) > 0 and canvas_of(film) == old

    def _size(self, old: tuple[int, int]) -> tuple[int, int]:
        if self.size is not None:
            return 2 * round(self.size[0] / 2), 2 * round(self.size[1] / 2)
        ratio = ASPECTS[self.aspect] if self.aspect else old
        scale = (self.short_side or min(old)) / min(ratio)
        width, height = (max(16, 2 * round(side * scale / 2)) for side in ratio)
        return width, height


@dataclass(frozen=True, slots=True)
class PrepareExport:
    """What is asked for in a chat as an export: the size is set, the export itself is a command.

    Attributes:
        short_side: Pixels of the shorter side, or None to keep the size.
        format: The file's ending, or empty for a video as usual.
        at_ms: The moment that a still was asked for, or None; it is chosen on export.
    """

    short_side: int | None = None
    format: str = ""
    at_ms: int | None = None

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
        command = f"export film.{self.format}" if self.format else "export"
        en = f'The draft is ready to be exported at {size}: run "{command}" to render the file.'
        zh = f"草稿已就绪，可以按 {size} 导出：执行“{command if self.format else '导出'}”即可生成文件。"
        if self.at_ms is not None:
            en = f"{en} A still shows a telling moment that is chosen then; a time cannot be given."
            zh = f"{zh}静帧会自动选取有代表性的画面，不能指定时间。"
        return ready, say(lang, en, zh)


def _shows_wide(film: Draft, situation: Situation) -> bool:
    """Whether a picture is seen that is wider than high."""
    return any(item.width > item.height for item in filming.items_of(film, situation))


def _ratio_name(width: int, height: int) -> str:
    common = gcd(width, height)
    return f"{width // common}:{height // common}"
