"""What a change takes away of the material that the user brought or made: songs, voices, clips, titles, a cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import Part, editable
from nemo_notebook.film.model import Situation
from nemo_notebook.film.target import name_of
from nemo_notebook.film.telling import Told

_RECUT_SHARE = 0.5  # of the shots that are other ones afterwards, from which on it is another cut


def losses(before: Json, after: Json, situation: Situation, *, is_recut: bool = False) -> dict[str, Told]:
    """Name what is in a film before a change and not after it.

    Args:
        before: The film.
        after: The film after the change.
        situation: Knows the uploads.
        is_recut: Whether all shots were cut anew, so that whatever was made of them by hand is gone.

    Returns:
        By kind (`song`, `speech`, `title`, `shot`, `cut`) the names of what goes; empty where nothing does.
    """
    old, new = editable(before), editable(after)
    found: dict[str, Told] = {}
    for kind in ("song", "speech", "title"):
        gone = _gone(old.segments(kind), new.segments(kind), situation)
        if gone:
            found[kind] = Told("target.list", names=gone)
    shots = old.shots, new.shots
    if gone := _gone(*shots, situation):
        found["shot"] = Told("target.list", names=gone)
    if len(shots[0]) > 1 and ((is_recut and shots[0] != shots[1]) or _is_recut(*shots)):
        found["cut"] = Told("losses.shots", n=len(shots[0]))
    return found


def _gone(before: Iterable[Part], after: Iterable[Part], situation: Situation) -> list[str]:
    """The names of what is not there any more, whichever segments show it."""
    key: Callable[[Part], str] = lambda part: str(part.meta.get("media") or name_of(part, situation))  # noqa: E731
    kept = {key(part) for part in after}
    return list(dict.fromkeys(name_of(part, situation) for part in before if key(part) not in kept))


def _is_recut(before: list[Part], after: list[Part]) -> bool:
    """Whether most shots are other ones: another length, or another stretch of another upload."""
    look: Callable[[Part], tuple[object, ...]] = lambda shot: (  # noqa: E731
        shot.meta.get("media"),
        shot.meta.get("in_ms"),
        shot["d"],
        shot.start_ms,
    )
    seen = {look(shot)[:3] for shot in after}
    same = sum(look(shot)[:3] in seen for shot in before)
    return same < _RECUT_SHARE * len(before)
