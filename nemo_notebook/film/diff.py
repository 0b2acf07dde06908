"""What changed between two states of the timeline: what, name, when, before → after."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.film.summary import quoted, seconds, short, span
from nemo_notebook.film.tracks import Segment, Track
from nemo_notebook.film.wording import Told, tell

if TYPE_CHECKING:
    import pandas as pd

_FEW: Final = 3
_SILENT: Final = "0%"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        action: `added`, `removed` or `changed`.
        kind: `video`, `audio`, `text` or `other`.
        name: What people call the segment.
        start_s: Where it starts (before, if it was removed), in seconds.
        end_s: Where it ends, in seconds.
        aspect: For a change: `name`, `text`, `start`, `length`, `volume`, `source` or `track`.
        before: Its value before, in words; empty for a volume that was never set.
        after: Its value after, in words; likewise.
    """

    action: str
    kind: str
    name: str
    start_s: float
    end_s: float
    aspect: str = ""
    before: str = ""
    after: str = ""

    def words(self, language: str = "en") -> str:
        """The change as a sentence."""
        quote, sentence = quoted if self.aspect == "text" else str, self.aspect or self.action
        if self.aspect == "volume" and self.after == _SILENT:
            sentence = "muted"
        elif self.aspect == "volume" and self.before == _SILENT and not self.after:
            sentence = "unmuted"
        told = Told(
            f"diff.{sentence}",
            what=Told(f"track.{self.kind}"),
            name=quoted(self.name) if self.kind == "text" else short(self.name),
            when=span(1000 * self.start_s, 1000 * self.end_s),
            before=quote(self.before) or Told("diff.usual"),
            after=quote(self.after) or Told("diff.usual"),
        )
        return tell(told, language)


class Changes(tuple[Change, ...]):
    """All differences between two states, in track and time order."""

    language = "en"

    @property
    def words(self) -> tuple[str, ...]:
        """Sentences that tell all; many alike are told as one."""
        return self.told(self.language)

    def told(self, language: str) -> tuple[str, ...]:
        """The same sentences in another language."""
        return tuple(_sentences(self, language))

    @property
    def frame(self) -> pd.DataFrame:
        """The same as a table, one row a change."""
        import pandas as pd

        return pd.DataFrame(map(astuple, self), columns=[field.name for field in fields(Change)])

    def __str__(self) -> str:
        return "\n".join(self.words) or tell(Told("diff.none"), self.language)

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self.words)
        return {"text/plain": str(self), "text/html": f"<ul>{items}</ul>" if items else html.escape(str(self))}


def compare(before: Sequence[Track], after: Sequence[Track], language: str = "en") -> Changes:
    """The changes from one state to another; segments are recognised by their ids."""
    old = {segment.id: segment for track in before for segment in track.segments}
    new = {segment.id: segment for track in after for segment in track.segments}
    found = [_whole("removed", segment) for key, segment in old.items() if key not in new]
    was_in, is_in = ({track.number: track for track in tracks} for tracks in (before, after))
    for key, segment in new.items():
        if key not in old:
            found.append(_whole("added", segment))
        elif segment != old[key]:
            home = was_in[old[key].track], is_in[segment.track]
            found += _changed(old[key], segment, has_moved=not _is_same(*home, as_many=len(before) == len(after)))
    changes = Changes(found)
    changes.language = language
    return changes


def _whole(action: str, segment: Segment) -> Change:
    return Change(action, segment.kind, segment.name, segment.start_ms / 1000, segment.end_ms / 1000)


def _is_same(old: Track, new: Track, *, as_many: bool) -> bool:
    """Whether two tracks are one: by their ids, else by number, which tells nothing where tracks came or went."""
    ids = old.raw.get("id"), new.raw.get("id")
    return ids[0] == ids[1] if None not in ids else old.number == new.number or not as_many


def _changed(old: Segment, new: Segment, *, has_moved: bool) -> list[Change]:
    """The differences of one segment; one that is in another track only because tracks came or went has none."""
    loud = [f"{round(100 * v)}%" if v is not None else "" for v in (old.volume, new.volume)]
    told = [
        ("name", *_texts(old.name, new.name)),
        ("text", *_texts(old.text, new.text)),
        ("start", *_times(old.start_ms, new.start_ms)),
        ("length", *_times(old.duration_ms, new.duration_ms)),
        ("volume", *loud),
        ("source", *_texts(old.source, new.source)),
        *([("track", str(old.track), str(new.track))] if has_moved else []),
    ]
    if old.text != new.text:
        told = told[1:]  # a title's name follows its text
    span = (new.start_ms / 1000, new.end_ms / 1000)
    return [Change("changed", new.kind, new.name, *span, aspect, a, b) for aspect, a, b in told if a != b]


def _texts(before: str, after: str) -> tuple[str, str]:
    """Two texts in short, from where they differ if that is behind the cut."""
    if before == after or short(before) != short(after):
        return short(before), short(after)
    pairs = enumerate(zip(before, after, strict=False))
    at = next((at for at, (a, b) in pairs if a != b), min(len(before), len(after)))
    return f"…{short(before[max(0, at - 8) :])}", f"…{short(after[max(0, at - 8) :])}"


def _times(before_ms: float, after_ms: float) -> tuple[str, str]:
    """Two times, to the millisecond where they are as near as that."""
    words = f"{seconds(before_ms)}s", f"{seconds(after_ms)}s"
    return words if words[0] != words[1] else (f"{round(before_ms) / 1000:.3f}s", f"{round(after_ms) / 1000:.3f}s")


def _sentences(changes: Sequence[Change], language: str) -> list[str]:
    groups: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.action, change.kind), []).append(change)
    told: list[str] = []
    for (action, kind), group in groups.items():
        if len(group) <= _FEW or action == "changed":
            told += [change.words(language) for change in group[:_FEW]]
            told += [f"… +{len(group) - _FEW}"] if len(group) > _FEW else []
        else:
            when = span(1000 * min(c.start_s for c in group), 1000 * max(c.end_s for c in group))
            what = Told(f"track.{kind}")
            told.append(tell(Told(f"diff.many_{action}", what=what, n=len(group), when=when), language))
    return told
