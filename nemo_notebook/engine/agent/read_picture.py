"""Shape, size, visualizer and export in a clause."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from nemo_notebook.engine.agent import vocabulary as words
from nemo_notebook.engine.agent.drafting import canvas_of, segments_of
from nemo_notebook.engine.agent.film_edits import MakeVideo
from nemo_notebook.engine.agent.picture_edits import ASPECTS, PrepareExport, SetCanvas, SetVisualizer
from nemo_notebook.engine.agent.read_film import style_in
from nemo_notebook.engine.agent.reading import Context
from nemo_notebook.engine.agent.wording import Clause

_EXPORT_FIRST: Final = re.compile(
    r"^\W*(?:please |now |then |can you |could you |and |帮我|请|现在)*(?:export"
    r"|render|download|save|导出|渲染|下载|保存|输出|send me)"
)
_COLORED: Final = re.compile(r"\b(?:colou?rs?|palette|theme)\b|颜色|配色|色")


def read_canvas(clause: Clause, context: Context) -> bool:
    """Adds the shape, the size and the export that a clause asks for; whether there were any."""
    aspect, platform = _aspect(clause)
    short = next((pixels for pattern, pixels in words.RESOLUTIONS if clause.has(pattern)), None)
    if clause.has(_EXPORT_FIRST) and not clause.quotes:
        if aspect is not None:
            context.edits.append(SetCanvas(aspect, None, platform))
        context.edits.append(PrepareExport(short))
        return True
    if context.last(MakeVideo) is not None and aspect is None and short == min(canvas_of(context.film)):
        return False  # `a 1080p MP4` is what comes anyway
    if aspect is None and short is None:
        return False
    context.edits.append(SetCanvas(aspect, short, platform))
    return True


def read_visualizer(clause: Clause, context: Context) -> bool:
    """Adds the visualizer that a clause asks for or away; whether there was one."""
    style = style_in(clause)
    palette = next((name for name, pattern in words.PALETTES.items() if clause.has(pattern)), None)
    is_there = bool(segments_of(context.film, "visualizer"))
    colored = is_there and palette is not None and clause.has(_COLORED) and not clause.has(words.TITLE)
    if not clause.has(words.VISUAL) and not colored:
        return False
    made = context.last(MakeVideo)
    if clause.has(words.REMOVE) and not clause.quotes:
        context.edits.append(SetVisualizer(shown=False))
    elif made is not None and palette is None:
        context.replace(made, replace(made, visualizer=style or made.visualizer or "bars"))
    else:
        context.edits.append(SetVisualizer(style, palette))
    return True


def _aspect(clause: Clause) -> tuple[str | None, str]:
    """The shape that a clause names, and the platform where that is how it names it."""
    platform = next((row for row in words.PLATFORMS if clause.has(row[0])), None)
    ratio = words.RATIO.search(clause.text)
    name = f"{ratio[1]}:{ratio[2]}" if ratio else None
    if name not in ASPECTS:
        name = next((aspect for pattern, aspect in words.SHAPES if clause.has(pattern)), None)
    if platform is None:
        return name, ""
    return name or platform[1], platform[2]
