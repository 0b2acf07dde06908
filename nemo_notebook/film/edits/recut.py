"""The edit that cuts the film anew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from nemo_notebook.film import filming
from nemo_notebook.film.cutting import USUAL_PACE, Pace
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    MUSIC,
    Draft,
    editable,
    end_of,
    measure,
    meta,
    segments_of,
    to_frame,
)
from nemo_notebook.film.edits.film import Arrangement, MakeVideo, arranged
from nemo_notebook.film.edits.film_told import cut_told, names_of
from nemo_notebook.film.model import MediaItem, NotPossible, Situation
from nemo_notebook.film.pacing import pace_of
from nemo_notebook.film.phrasing import say
from nemo_notebook.film.rows import shots_in
from nemo_notebook.film.scoring import tempo_of
from nemo_notebook.film.songs import music_rhythm

_SEEDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class CutToBeat:
    """Cuts the pictures on the timeline anew, to the beat of its music.

    Attributes:
        pace: How fast the cuts follow; its factor counts against what there is now where `relative`.
        relative: Whether the pace is meant against the current cut.
        another: Whether other stretches of the clips are wanted; the pace then stays.
        arrange: Order of the clips; `uploaded` leaves it.
        without: Ids of uploads that are not seen any more.
        first: Ids of uploads that come first, in this order.
    """

    pace: Pace = USUAL_PACE
    relative: bool = False
    another: bool = False
    arrange: Arrangement = "uploaded"
    without: tuple[str, ...] = ()
    first: tuple[str, ...] = ()

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Cuts again; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        drawn = bool(segments_of(film, "backdrop")) and not filming.shots_of(film)
        if not drawn and not filming.shots_of(film) and situation.of_kind("audio"):
            return MakeVideo(pace=self.pace).apply(draft, situation)
        items = self._items(film, situation)
        frames = max((to_frame(end_of(s)) for s in segments_of(film, *MUSIC)), default=0)
        if frames == 0:
            if self.pace.every_ms is None:
                en = (
                    'There is no music to cut to yet: upload a song, or say "add upbeat music and sync it to the cuts".'
                )
                raise NotPossible(say(lang, en, "还没有可以对拍的音乐：请上传歌曲，或说“加轻快的音乐并对齐剪辑”。"))
            frames = shots_in(film)  # a cut every few seconds needs no music
        if not items:
            raise NotPossible(
                say(lang, "There are no clips or photos on the timeline to cut.", "时间线上还没有可剪的素材。")
            )
        seed = _seed(film, situation) + (1 if self.another else 0)
        if self.another:
            meta(film)["seed"] = seed % _SEEDS
        volume = max((s.get("v") or 0.0 for s in filming.shots_of(film)), default=0.0)
        rhythm, pace = music_rhythm(film, situation), self._pace(film)
        shots = filming.lay_cut(film, items, rhythm, frames, pace, seed, min(1.0, float(volume)))
        tempo = pace.bpm or tempo_of(film, situation)
        told = cut_told(lang, shots, frames, tempo, pace, steady=rhythm.is_steady or bool(pace.bpm))
        if drawn:
            names = names_of(items, situation)
            told = say(lang, f"Behind the visualizer now: {names}. ", f"可视化后面现在是{names}。") + told
        return measure(film), told

    def _items(self, film: Draft, situation: Situation) -> list[MediaItem]:
        """What is seen already, or where all is drawn the uploads."""
        seen = filming.items_of(film, situation) or [i for i in situation.media if i.kind != "audio"]
        items = [item for item in seen if item.id not in self.without]
        return arranged(items, self.first, self.arrange, _seed(film, situation) + 1)

    def _pace(self, film: Draft) -> Pace:
        """The new pace; what was said of the beat before goes on to hold."""
        now, noted = filming.mean_shot_s(film), pace_of(film)
        if self.another or self.without or self.first or self.arrange != "uploaded":
            return noted if self.pace == USUAL_PACE else self.pace
        grid = replace(
            self.pace,
            bpm=self.pace.bpm or noted.bpm,
            tempo=self.pace.tempo if self.pace.tempo != 1 else noted.tempo if self.pace.bpm is None else 1.0,
            offset_ms=self.pace.offset_ms or noted.offset_ms,
            offset_beats=self.pace.offset_beats or noted.offset_beats,
        )
        if self.relative and now is not None:
            return replace(grid, every=None, shots=None, factor=min(max(self.pace.factor * now / 2.0, 0.2), 8.0))
        if replace(self.pace, every=None, every_ms=None, shots=None, factor=1.0) != USUAL_PACE and _is_only_grid(
            self.pace
        ):
            return replace(grid, every=noted.every, every_ms=None, shots=noted.shots, factor=noted.factor)
        return grid


def _is_only_grid(pace: Pace) -> bool:
    return pace.every is None and pace.every_ms is None and pace.shots is None and pace.factor == 1.0


def _seed(film: Draft, situation: Situation) -> int:
    own = meta(film).get("seed")
    return own if isinstance(own, int) else situation.seed
