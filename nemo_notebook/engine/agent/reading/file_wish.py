"""Files that are asked for as if they were made in the chat: `make a gif`, `a still at 0:12 as png`."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.picture import ending_of
from nemo_notebook.engine.agent.wishes import MakeVideo, PrepareExport
from nemo_notebook.engine.agent.words.values import TIME, milliseconds, with_digits
from nemo_notebook.engine.agent.words.wording import Clause

_ASKS: Final = (
    r"^\W*(?:(?:please|now|then|and|can you|could you|can i have|could i have|just|also|i want|i need|i\'d like)\s+)*"
    r"(?:(?:make|create|give|get|want|need|save|export|render|turn|convert|produce|generate|grab|take)\b)?"
)
_FORMATS: Final = r"(?P<form>gif|webm|mkv|mov|webp)"
_A_FILE: Final = re.compile(
    rf"{_ASKS}\s*(?:me |us |it |this |that |the (?:music )?(?:video|film|movie) )?(?:as |in ?to |to )?"
    rf"(?:an? |the |some )?(?:animated |short |looping )?{_FORMATS}\b(?! (?:clip|file)s? (?:from|i|that))"
    r"|^\W*(?:请|帮我|给我|把(?:视频|它))*(?:做|导出|生成|来|转|保存|存|要)?(?:成|为)?(?:一?[个张])?(?P<zh>gif|webm|动图)"
)
_STILL: Final = re.compile(
    rf"{_ASKS}\s*(?:me |us )?(?:an? |the )?(?:still|screenshot|snapshot|thumbnail|freeze frame|single frame)s?\b"
    rf"|^\W*(?:请|帮我|给我)*(?:截|保存|存|导出|取)(?:一?[张帧个幅])?(?:图|画面|封面|静帧|截图)?(?:{TIME})?.*(?:截图|静帧|封面图|png|jpg)"
)
_FORM_OF_STILL: Final = re.compile(r"\b(png|jpe?g|webp)\b")


_SOUND_ONLY: Final = re.compile(
    rf"{_ASKS}\s*extract\w* (?:just |only )?(?:the |its |my )?(?:audio|sound|music|song|soundtrack)\b"
    r"|^\W*(?:请|帮我)?(?:提取|抽取|导出)(?:视频)?(?:的|里的)?(?:音频|声音|音乐)\W*$"
)


def read_file_wish(clause: Clause, context: Context) -> bool:
    """Adds the export that a clause asks for by the kind of its file; whether it does."""
    if clause.quotes:
        return False
    if clause.has(_SOUND_ONLY):
        context.edits.append(PrepareExport(None, "mp3"))
        return True
    still, found = _STILL.search(clause.text), _A_FILE.search(clause.text)
    if still is None and found is None:
        return False
    if not context.has_film and not context.film.get("t") and context.situation.media:
        context.edits.append(MakeVideo())
    if still is not None:
        form = _FORM_OF_STILL.search(clause.text)
        time = re.search(TIME, with_digits(clause.text))
        at_ms = milliseconds(time[0]) if time else None
        context.edits.append(PrepareExport(None, ending_of(form[1]) if form else "png", at_ms))
    elif found is not None:
        context.edits.append(PrepareExport(None, ending_of(found["form"] or "gif" if not found["zh"] else _zh(found))))
    return True


def _zh(found: re.Match[str]) -> str:
    return "gif" if found["zh"] == "动图" else found["zh"]
