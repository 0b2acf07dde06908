"""Wishes to go back or forth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from nemo_notebook.agent.context import without_edits
from nemo_notebook.agent.lexicon import concepts_of
from nemo_notebook.agent.match import Match, one_or_all, read_as
from nemo_notebook.agent.steps import Rewind, Steps
from nemo_notebook.agent.wishes.nouns import required
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.lengths import Clear
from nemo_notebook.film.edits.looks import SetLook, SetTransition, SetVisualizer
from nemo_notebook.film.edits.parts import Remove
from nemo_notebook.film.edits.sounds import SetVolume
from nemo_notebook.film.target import Kind, Target, of_kind

_VOLUME: Final = ("set_volume", "fade", "duck")
_UNDONE: Final = [pair.split(">") for pair in concepts_of("$undone")]
_OWNERS: Final = [pair.split(">") for pair in concepts_of("$owners")]
_NAMED: Final = {"file", *(concept for concept, _ in _UNDONE)}
_OFF: Final[dict[str, Edit]] = {
    "set_visualizer": SetVisualizer(shown=False),
    "set_transition": SetTransition(kind="none"),
    **dict.fromkeys(
        ("add_overlay", "split_screen", "set_overlay"), Remove(target=Target(kind="overlay", touched=True))
    ),
}
Wanted = Iterable[Steps | Rewind | Edit]


def undo(m: Match) -> Wanted:
    """Take the last change back, or several, or what is named; or make it again where that was not wanted."""
    if m.has(*_NAMED) and (found := _without(m)) is not None:
        return [found]
    if m.has("title", "title_text") and not m.situation.recent and of_kind(m.film, "title"):
        return read_as("titles.remove", m)
    if m.situation.earlier and m.situation.draft == m.situation.earlier[-1]:
        return []  # it was taken back in this message already
    return [Steps(_steps(m))]


def _steps(m: Match) -> int:
    """How many steps are meant; 0 for all."""
    number = int(m.value("number") or m.value("factor") or (2 if m.has("twice", "both") else 1))
    return 0 if m.has("all") and not m.has("it") else number


def better(m: Match) -> Wanted:
    """Go back to how it was, or how something of it was."""
    found = _without(m)
    if found is None and m.has("clipsound", "sound"):
        return read_as("sounds.unmute", m)
    is_named = m.has(*_NAMED) and not m.has("film") and (m.has("restore") or m.has("file"))
    required(found or not is_named, "which_part")
    return [found or _step(m)]


def _step(m: Match) -> Steps:
    """A step back, where there was one forth; a step forth where one was just taken back."""
    if m.situation.later and not (m.has("before") and m.situation.earlier):
        return Steps(is_forward=True)
    required(m.situation.earlier, "which_part")
    return Steps()


def redo(m: Match) -> Wanted:
    """Make again what was taken back."""
    return [Steps(_steps(m), is_forward=True)]


def reset(m: Match) -> Wanted:
    """Go back to the first version, or begin with nothing."""
    if m.situation.later and not m.film.end_ms:
        return [Steps(0, is_forward=True)]
    return [Clear()] if m.like("films.clear") > m.like("history.reset") else [Steps(0)]


def _without(m: Match) -> Rewind | None:
    tags = {tag for concept, tag in _UNDONE if m.has(concept)}
    owners = {kind for concept, kind in _OWNERS if m.has(concept)}
    files = {media for ids in m.values("file") for media in ids}

    def is_meant(edit: Edit) -> bool:
        target = getattr(edit, "target", None)
        kind = target.kind if isinstance(target, Target) else target
        if files:
            media = getattr(target, "media", None) or getattr(edit, "media", None)
            return media in files
        if edit.tag in ("remove", *_VOLUME) and owners:
            return kind in owners and (edit.tag in tags or edit.tag == "remove")
        return edit.tag in tags

    found = without_edits(m.situation, is_meant, every=m.has("whole", "all", "at_first"))
    return Rewind(*found) if found is not None else None


def remove_it(m: Match) -> Iterable[Edit]:
    """Take away what was changed last."""
    last = m.edits[-1] if m.edits else None
    if last is not None and last.tag in _OFF:
        return [_OFF[last.tag]]
    if isinstance(last, SetLook):
        return [SetLook(target=last.target, filter="none")]
    kinds: tuple[tuple[Kind, ...], ...] = (("title",), ("song", "composed", "music", "speech"), ("shot",))
    found = next((target for each in kinds if (target := m.focused(each))), None)
    return [Remove(target=one_or_all(required(found, "which_part")))]


def off_it(m: Match) -> Iterable[Edit]:
    """Take away what was changed last, or mute it."""
    heard = m.focused(("sound", "clip", "music")) if m.has("mute") and m.edits[-1].tag not in _OFF else ()
    return [SetVolume(target=one_or_all(heard), volume=0.0)] if heard else remove_it(m)
