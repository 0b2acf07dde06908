"""What a reader of the grammar knows besides the clause: the situation, and what was read so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from nemo_notebook.engine.agent.model import Wish
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import MUSIC, PICTURES, Draft, editable
from nemo_notebook.film.model import Situation
from nemo_notebook.film.telling import NotPossible

_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class Decline:
    """Tells that one wish of several cannot be met."""

    text: str

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:  # noqa: ARG002 - the signature of `Wish`
        """Never changes anything; see `Edit`."""
        raise NotPossible(self.text)


@dataclass(slots=True)
class Context:
    """The situation, and the edits that earlier clauses and readers of this message gave.

    Attributes:
        situation: What the message was said in.
        film: The current draft, to look at.
        edits: Edits so far; a reader may replace the last of its kind.
        films: Whether the clause that is being read makes a film.
        topic: What `it` means: `music`, `title`, `visualizer`, `look`, `transition`, `film`, or empty.
    """

    situation: Situation
    film: Draft
    edits: list[Wish] = field(default_factory=list)
    topic: str = ""
    films: bool = False

    @classmethod
    def of(cls, situation: Situation) -> Context:
        """The context at the beginning of a message: `it` is what the last turn changed."""
        film = editable(situation.draft)
        before = editable(situation.earlier[-1] if situation.earlier else {})  # before the first draft there was none
        topic = _changed_look(before, film)
        for name, roles in (("visualizer", ("visualizer",)), ("music", MUSIC), ("title", ("title",))):
            if film.segments(*roles) != before.segments(*roles):
                topic = name
        return cls(situation, film, topic=topic)

    @property
    def has_film(self) -> bool:
        """Whether there are pictures on the timeline."""
        return bool(self.film.segments(*PICTURES))

    @property
    def has_titles(self) -> bool:
        """Whether there is a title on the timeline, or one was read before."""
        return bool(self.film.segments("title")) or any(type(e).__name__ == "AddTitle" for e in self.edits)

    @property
    def has_music(self) -> bool:
        """Whether there is music on the timeline, or some was read before."""
        return bool(self.film.segments(*MUSIC)) or any(type(e).__name__ in ("AddMusic", "UseSong") for e in self.edits)

    def last(self, kind: type[_Kind]) -> _Kind | None:
        """The last edit of a kind that was read in this message."""
        return next((edit for edit in reversed(self.edits) if isinstance(edit, kind)), None)

    def replace(self, old: Wish, new: Wish) -> None:
        """Puts an edit in the place of another."""
        self.edits[[id(edit) for edit in self.edits].index(id(old))] = new


def _changed_look(before: Draft, after: Draft) -> str:
    """Whether `look` or `transition` is what another draft with the same shots differs in; else empty."""
    for name, keys in (("transition", ("transition",)), ("look", ("filter", "adjust"))):
        one, other = (
            [
                [part.get(key) for key in keys]
                for part in [draft.meta, *(shot.meta for shot in draft.segments(*PICTURES))]
            ]
            for draft in (before, after)
        )
        if len(one) == len(other) and one != other:
            return name
    return ""


Reader = Callable[[Clause, Context], bool]
