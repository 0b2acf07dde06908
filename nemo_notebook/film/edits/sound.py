"""Edits of composed music: have it, replace it, be without it."""

from __future__ import annotations

from dataclasses import dataclass

from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    MUSIC,
    editable,
    measure,
    media_of,
    remove_segments,
    segments_of,
)
from nemo_notebook.film.model import Situation
from nemo_notebook.film.phrasing import say
from nemo_notebook.film.telling import NotPossible


@dataclass(frozen=True, slots=True)
class RemoveMusic:
    """Takes all music away; clips that were muted for it are heard again."""

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Removes the music; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        music = segments_of(film, *MUSIC)
        if not music:
            raise NotPossible(say(lang, "There is no music on the timeline.", "时间线上没有音乐。"))
        remove_segments(film, [*music, *segments_of(film, "visualizer")])
        clips = [s for s in segments_of(film, "clip") if (item := media_of(s, situation)) and item.has_audio]
        heard = bool(clips) and all(clip.get("v") == 0 for clip in clips)
        for clip in clips if heard else []:
            clip["v"] = 1.0
        en = "Removed the music." + (" The clips' own sound is heard again." if heard else "")
        return measure(film), say(lang, en, "已去掉音乐。" + ("恢复了视频原声。" if heard else ""))
