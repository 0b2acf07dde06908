"""The edit that gives a film a style: how it is cut, how it moves, looks, and is written on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

from nemo_notebook.film import assembly, model, soundtrack
from nemo_notebook.film.draft import MUSIC, Draft
from nemo_notebook.film.edit import Edit, Meta, OfEngine, Removing, begin_film
from nemo_notebook.film.edits.films import seed_of
from nemo_notebook.film.model import Hash, MediaItem, Situation
from nemo_notebook.film.style import Style, StyleLook, style_like
from nemo_notebook.film.target import upload_of
from nemo_notebook.film.wording import Told, refuse_if, stem


class SetStyle(OfEngine, Removing, Edit, frozen=True, kw_only=True):
    """Give the film a style: pace, movement, transitions, look, titles and visualizer as one choice.

    Or make it like another film, which is not shown then: its pace, light and colours are taken over. A film that is
    cut to music is cut anew. Looks of single shots, and titles that were moved by hand, stay.
    """

    style: Annotated[Literal[model.StyleName, "usual"], Meta(description="The style; `usual` for none.")] = "usual"
    own: Annotated[Style | None, Meta(description="A style of one's own, in place of a named one.")] = None
    like: Annotated[Hash | None, Meta(description="A video that the film is to be like, in place of a style.")] = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        is_new = film.is_empty
        model_film = upload_of(situation, self.like, "like") if self.like is not None else None
        if model_film is not None:
            refuse_if(model_film.kind != "video", "set_style.no_video", "like", name=stem(model_film.filename))
            others = tuple(item for item in situation.media if item.id != model_film.id)
            situation = replace(situation, media=others) if any(item.kind != "audio" for item in others) else situation
        own = self._own(film, situation, model_film)
        assembly.put_style(film, self.style, own)
        told = begin_film(film, situation)
        refuse_if(film.end_ms == 0, "set_look.no_pictures")
        assembly.put_style(film, self.style, own)
        items, frames = assembly.items_of(film, situation), film.last_frame(*MUSIC)
        if items and frames and film.is_cut_to_music and not is_new:
            pace, volume = assembly.pace_of(film), min(1.0, assembly.sound_of(film.shots))
            rhythm = soundtrack.music_rhythm(film, situation)
            assembly.lay_cut(film, items, rhythm, frames, pace, seed_of(film, situation), volume)
        key = "like" if model_film is not None else "own" if self.own else "usual" if self.style == "usual" else "named"
        cut = Told("set_style.cut", n=len(film.shots), mean=_mean_ms(film)) if film.is_cut_to_music else ""
        values = (
            {"name": stem(model_film.filename), "looks": _looks_told(own)} if model_film is not None and own else {}
        )
        return [*told, Told(f"set_style.{key}", style=self.style, cut=cut, **values)]

    def _own(self, film: Draft, situation: Situation, model_film: MediaItem | None) -> Style | None:
        """The style that is none of those with a name."""
        if model_film is None:
            return self.own
        shown = assembly.items_of(film, situation) or [item for item in situation.media if item.kind == "video"]
        return style_like(model_film, shown)


def _looks_told(style: Style | None) -> Told | str:
    """What becomes of the pictures, as a sentence goes on."""
    look = style.look if style is not None else StyleLook()
    ways = {
        "bw": look.filter == "bw",
        "brighter": look.brightness > 0,
        "darker": look.brightness < 0,
        "richer": look.saturation > 0,
        "paler": look.saturation < 0,
    }
    parts = [Told(f"set_style.{key}") for key, is_so in ways.items() if is_so]
    return Told("set_style.looks", parts=parts) if parts else ""


def _mean_ms(film: Draft) -> float:
    lengths_ms = [float(shot["d"]) for shot in film.shots]
    return sum(lengths_ms) / max(1, len(lengths_ms))
