"""The edit that gives a film a style: how it is cut, how it moves, looks, and is written on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from nemo_notebook.film import assembly, model, soundtrack
from nemo_notebook.film.draft import MUSIC, Draft
from nemo_notebook.film.edit import Edit, Meta, OfEngine, Removing, begin_film
from nemo_notebook.film.edits.films import seed_of
from nemo_notebook.film.model import Situation
from nemo_notebook.film.style import Style
from nemo_notebook.film.wording import Told, refuse_if


class SetStyle(OfEngine, Removing, Edit, frozen=True, kw_only=True):
    """Give the film a style: pace, movement, transitions, look, titles and visualizer as one choice.

    A film that is cut to music is cut anew. Looks of single shots, and titles that were moved by hand, stay.
    """

    style: Annotated[Literal[model.StyleName, "usual"], Meta(description="The style; `usual` for none.")] = "usual"
    own: Annotated[Style | None, Meta(description="A style of one's own, in place of a named one.")] = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        is_new = film.is_empty
        assembly.put_style(film, self.style, self.own)
        told = begin_film(film, situation)
        refuse_if(film.end_ms == 0, "set_look.no_pictures")
        assembly.put_style(film, self.style, self.own)
        items, frames = assembly.items_of(film, situation), film.last_frame(*MUSIC)
        if items and frames and film.is_cut_to_music and not is_new:
            pace, volume = assembly.pace_of(film), min(1.0, assembly.sound_of(film.shots))
            rhythm = soundtrack.music_rhythm(film, situation)
            assembly.lay_cut(film, items, rhythm, frames, pace, seed_of(film, situation), volume)
        key = "own" if self.own else "usual" if self.style == "usual" else "named"
        cut = Told("set_style.cut", n=len(film.shots), mean=_mean_ms(film)) if film.is_cut_to_music else ""
        return [*told, Told(f"set_style.{key}", style=self.style, cut=cut)]


def _mean_ms(film: Draft) -> float:
    lengths_ms = [float(shot["d"]) for shot in film.shots]
    return sum(lengths_ms) / max(1, len(lengths_ms))
