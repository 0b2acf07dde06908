"""Edits of how loud things are: volume, ducking, fades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    MUSIC,
    Draft,
    editable,
    end_of,
    meta,
    segments_of,
)
from nemo_notebook.film.model import Situation
from nemo_notebook.film.phrasing import say, seconds
from nemo_notebook.film.telling import NotPossible

_MAX_FADE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class FadeMusic:
    """Lets the music fade.

    Attributes:
        in_ms: Length of the fade at its start, 0 for none, or None to leave it.
        out_ms: Length of the fade at its end, 0 for none, or None to leave it.
        out_from_ms: Where on the timeline the fade to its end begins, in place of `out_ms`.
    """

    in_ms: int | None = None
    out_ms: int | None = None
    out_from_ms: int | None = None

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the fades; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        music = segments_of(film, *MUSIC)
        if not music:
            en = "There is no music to fade yet: upload a song or ask for background music."
            raise NotPossible(say(lang, en, "还没有可以淡入淡出的音乐：请上传歌曲，或让我配背景音乐。"))
        ends: list[tuple[str, str]] = []
        if self.in_ms is not None:
            fade = min(self.in_ms, music[0]["d"], _MAX_FADE_MS)
            meta(music[0])["fade_in_ms"] = fade
            ends.append(_fade_told(fade, "in", "over the first", "开头", "淡入"))
        if self.out_ms is not None or self.out_from_ms is not None:
            fade = min(self._out_ms(music[-1]), music[-1]["d"], _MAX_FADE_MS)
            meta(music[-1])["fade_out_ms"] = fade
            ends.append(_fade_told(fade, "out", "over the last", "最后", "淡出"))
        if self.in_ms == 0 and self.out_ms == 0:
            return film, say(lang, "The music does not fade any more.", "音乐不再淡入淡出。")
        en = " and ".join(end[0] for end in ends)
        return film, say(lang, f"The music {en}.", f"音乐{'，'.join(end[1] for end in ends)}。")

    def _out_ms(self, last: Draft) -> int:
        return max(end_of(last) - self.out_from_ms, 0) if self.out_from_ms is not None else self.out_ms or 0


def _fade_told(fade_ms: int, way: str, over: str, where_zh: str, way_zh: str) -> tuple[str, str]:
    if fade_ms == 0:
        return f"does not fade {way}", f"{where_zh}不再{way_zh}"
    return f"fades {way} {over} {seconds(fade_ms, 'en')}", f"{where_zh} {seconds(fade_ms, 'zh')}{way_zh}"
