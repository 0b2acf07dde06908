"""From an edited table to typed edits: what it asks for in other cells, other rows and rows that are gone.

Edits of one kind that say the same are one edit of several parts. They come in an order in which each finds what it
means: first copies and parts of what is split, then what becomes of each part, then what goes, then what is new.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeVar

from nemo_notebook.film.draft import to_ms
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.parts import Remove, Rename, Replace, Split, Trim
from nemo_notebook.film.edits.shots import AddShot, Duplicate, Move
from nemo_notebook.film.edits.sounds import AddSound, SetVolume
from nemo_notebook.film.edits.titles import LOOK, AddTitle, SetTitle, cleaned
from nemo_notebook.film.layout import SHORTEST_SHOT
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.table import Shown
from nemo_notebook.film.table_rows import IN, Laid, Layout, TableChanges, can_be_split, moment_s, read_asked, span_of
from nemo_notebook.film.target import Target
from nemo_notebook.film.tracks import Json, meta_of, read_role, words

if TYPE_CHECKING:
    import pandas as pd

_K = TypeVar("_K")
_SAME_MOMENT_S: Final = 0.002


def edits_from_table(draft: Json, frame: pd.DataFrame, media: Sequence[MediaItem] = ()) -> tuple[Edit, ...]:
    """Find the edits that a table asks for which was edited with pandas.

    Rows are known by their column `segment`; their order, the index and further columns say nothing. A row that is
    missing takes its segment away; one with an id that is not known is a new segment, and a second one of an id a copy.
    A copy that lies where the end of its segment lay is the second part of it: the two are split, and it goes on there.
    Of the times, those that were changed hold; a start alone moves. One further column says something: `in_s`, from
    which second of its file on a clip or a song plays; where it is missing, or a cell of it is, that stays.

    Args:
        draft: As it was shown.
        frame: Its table, `Timeline.frame`, edited.
        media: The session's uploads; without them, only what the draft shows already may be a source.

    Raises:
        InvalidTimeline: Some rows cannot be applied; it tells of all of them.
        UsageError: It is no table of a timeline.
    """
    shown = Shown(draft)
    return edits_of(shown, read_asked(frame, shown), media)


def edits_of(shown: Shown, asked: TableChanges, media: Sequence[MediaItem] = ()) -> tuple[Edit, ...]:
    """Find the edits that make of a draft what is asked for.

    Raises:
        InvalidTimeline: Some of it cannot be; it tells of all of that.
    """
    return tuple(_Translation(shown, asked, Layout(shown, asked, media).pieces()).edits())


class _Translation:
    """What is asked for on its way to edits.

    Attributes:
        _likes: By the place of its row, the row that was shown of what a new piece is a copy of.
        _ids: By the place of its row, the id of each piece; empty for what is new and nothing else refers to.
        _spans: By the place of its row, the frames that a piece has as far as the edits have made it.
    """

    def __init__(self, shown: Shown, asked: TableChanges, pieces: Sequence[Laid]) -> None:
        self._shown = shown
        self._asked = asked
        self._pieces = pieces
        self._taken = {*shown.ids, *(words(lane.raw.get("id")) for lane in shown.lanes)}
        self._taken.update(piece.row.id for piece in pieces)
        self._numbers: defaultdict[str, count[int]] = defaultdict(partial(count, 1))
        self._tracks: dict[int, int] = {}
        self._likes: dict[int, int] = {}
        self._ids = {p.row.place: shown.ids[p.row.at] for p in pieces if not p.row.is_new}
        self._spans = {p.row.place: span_of(shown, p.row.at) for p in pieces if p.row.at >= 0}

    def edits(self) -> Iterator[Edit]:
        """The edits in order."""
        yield from self._copies()
        for piece in self._pieces:
            like = self._like(piece) if piece.row.at < 0 else None
            if like is not None:
                self._likes[piece.row.place] = like
                yield self._duplicate(piece, like)
        changed = [piece for piece in self._pieces if piece.row.place in self._ids]
        for piece in changed:
            if piece.source is not None and piece.row.at >= 0:
                yield from self._replace(piece)
        yield from self._changes(changed)
        if self._asked.gone:
            gone = tuple(Target(id=self._shown.ids[at]) for at in sorted(self._asked.gone))
            yield Remove(target=gone if len(gone) > 1 else gone[0], ripple=False)
        for piece in self._pieces:
            if piece.row.place not in self._ids:
                yield from self._add(piece)

    def _new_id(self, piece: Laid) -> str:
        prefix = read_role(self._shown.raws[piece.row.at] if piece.row.at >= 0 else {}, piece.kind)
        free = (own_id for n in self._numbers[prefix] if (own_id := f"{prefix}-{n}") not in self._taken)
        self._ids[piece.row.place] = own_id = piece.row.id or next(free)
        return own_id

    def _track(self, piece: Laid) -> int | None:
        """The number of a piece's track, if that is another one; new tracks are numbered as they are made."""
        if self._keeps_track(piece):
            return None
        last = len(self._shown.lanes)
        if piece.track <= last:
            return piece.track
        return self._tracks.setdefault(piece.track, last + 1 + len(self._tracks))

    def _keeps_track(self, piece: Laid) -> bool:
        return piece.row.at >= 0 and piece.track == self._shown.numbers["track"][piece.row.at]

    # Copies, and what is written like something else

    def _copies(self) -> Iterator[Edit]:
        copies = [piece for piece in self._pieces if piece.row.is_new and piece.row.at >= 0]
        copies.sort(key=lambda piece: (self._is_rest(piece), -piece.span[0]))
        owners = {piece.row.at: piece.row.place for piece in self._pieces if not piece.row.is_new}
        for piece in copies:
            at, place = piece.row.at, owners.get(piece.row.at, -1)
            whole = self._spans.get(place, (0, 0))
            if not self._is_rest(piece) or whole[1] - piece.span[0] < SHORTEST_SHOT:
                yield self._duplicate(piece, at)
                continue
            target = Target(id=self._shown.ids[at])
            yield Split(target=target, at_s=_seconds(piece.span[0]), id=self._new_id(piece))
            self._spans[place] = (whole[0], piece.span[0])
            self._spans[piece.row.place] = (piece.span[0], whole[1])

    def _is_rest(self, piece: Laid) -> bool:
        """Whether a copy lies where the end of its segment lay, so that it can be what is split off."""
        first, last = span_of(self._shown, piece.row.at)
        is_there = first + SHORTEST_SHOT <= piece.span[0] and piece.span[1] <= last and self._keeps_track(piece)
        raw = self._shown.raws[piece.row.at]
        return is_there and piece.source is None and "role" in meta_of(raw) and can_be_split(raw, piece.kind)

    def _duplicate(self, piece: Laid, at: int) -> Edit:
        """Copy a segment that was shown to where a piece is to be."""
        first, last = span_of(self._shown, at)
        wanted = piece.span[1] - piece.span[0]
        self._spans[piece.row.place] = piece.span
        return Duplicate(
            target=Target(id=self._shown.ids[at]),
            at_s=_seconds(piece.span[0]),
            duration_s=None if wanted == last - first else _seconds(wanted),
            track=self._track(piece),
            id=self._new_id(piece),
            ripple=False,
        )

    def _like(self, piece: Laid) -> int | None:
        """The segment that a new one is a copy of, where the draft is of another service; None where it is not."""
        if isinstance(piece.source, str):
            return self._shown.texts["source"].index(piece.source)
        at = self._neighbour(piece) if piece.kind == "text" else None
        return at if at is not None and "role" not in meta_of(self._shown.raws[at]) else None

    def _neighbour(self, piece: Laid) -> int | None:
        """The segment before a new one, on its track or else on another one of its kind."""
        lanes = [lane for lane in reversed(self._shown.lanes) if lane.kind == piece.kind and lane.ids]
        lane = min(lanes, key=lambda lane: lane.number != piece.track, default=None)
        at = max(0, bisect_right(lane.starts_ms, to_ms(piece.span[0])) - 1) if lane else 0
        return self._shown.ids.index(lane.ids[at]) if lane else None

    # What becomes of each part

    def _replace(self, piece: Laid) -> Iterator[Edit]:
        """Show something else; what becomes shorter does so before, as its new file may be too short for it now."""
        target, (first, last) = self._targets([piece]), self._spans[piece.row.place]
        wanted = piece.span[1] - piece.span[0]
        if wanted < last - first:
            yield Trim(target=target, duration_s=_seconds(wanted), ripple=False)
            self._spans[piece.row.place] = (first, first + wanted)
        source = piece.source
        yield Replace(target=target, media=source.id if isinstance(source, MediaItem) else str(source), ripple=False)

    def _trim(self, piece: Laid) -> tuple[float | None, int | None]:
        """From which second of its file on a piece is to play, and how many frames, where these are others."""
        (first, last), wanted = self._spans[piece.row.place], piece.span[1] - piece.span[0]
        return self._moment_s(piece), None if wanted == last - first else wanted

    def _moment_s(self, piece: Laid) -> float | None:
        """From which second of its file on a piece plays, where that is not what it does now."""
        moment: float | None = piece.row.cells.get(IN)
        if moment is None or piece.row.at < 0 or piece.source is not None:
            return moment
        is_same = not piece.row.is_new and abs(moment - moment_s(self._shown, piece.row.at)) <= _SAME_MOMENT_S
        return None if is_same else moment

    def _volume(self, piece: Laid) -> float | None:
        """The volume that a piece is to have, where it is another one; as recorded where it is to have none."""
        volume = piece.row.cells.get("volume")
        volume = 1.0 if volume != volume else volume
        before = self._shown.numbers["volume"][self._likes.get(piece.row.place, piece.row.at)]
        return None if volume in (None, before) else round(volume, 4)

    def _move(self, piece: Laid) -> tuple[int | None, int]:
        """The track that a piece is to lie on, if that is another one, and how many frames later."""
        track = None if piece.row.is_new else self._track(piece)
        return track, piece.span[0] - self._spans[piece.row.place][0]

    def _changes(self, pieces: Sequence[Laid]) -> Iterator[Edit]:
        """The edits of lengths, volumes, texts and places; those of one kind that say the same are one."""
        for (in_s, frames), alike in _grouped(pieces, self._trim):
            duration_s = None if frames is None else _seconds(frames)
            if (in_s, frames) != (None, None):
                yield Trim(target=self._targets(alike), in_s=in_s, duration_s=duration_s, ripple=False)
        for volume, alike in _grouped(pieces, self._volume):
            if volume is not None:
                yield SetVolume(target=self._targets(alike), volume=volume)
        for piece in pieces:
            at, cells = piece.row.at, piece.row.cells
            text = cleaned(cells.get("text", ""))
            if text and (at < 0 or text != cleaned(self._shown.texts["text"][at])):
                yield SetTitle(target=self._targets([piece]), text=text)
            if "name" in cells and (cells["name"] or at >= 0):
                yield Rename(target=self._targets([piece]), name=cells["name"])
        for (track, by), alike in _grouped(pieces, self._move):
            at_s = _seconds(alike[0].span[0]) if by and len(alike) == 1 else None
            by_s = math.copysign(_seconds(abs(by)), by) if by and len(alike) > 1 else None
            if by or track is not None:
                yield Move(target=self._targets(alike), at_s=at_s, by_s=by_s, track=track, ripple=False)

    # What is new

    def _add(self, piece: Laid) -> Iterator[Edit]:
        cells, source, name = piece.row.cells, piece.source, piece.row.cells.get("name")
        first_s, last_s = map(_seconds, piece.span)
        is_shot, volume = piece.kind == "video", cells.get("volume")
        louder = volume if is_shot else None
        own_id = piece.row.id or (self._new_id(piece) if name or louder is not None else None)
        fields: dict[str, Any] = {"track": self._track(piece), "id": own_id}
        if isinstance(source, MediaItem):
            fields |= {"media": source.id, "at_s": first_s, "duration_s": _seconds(piece.span[1] - piece.span[0])}
            fields |= {"in_s": cells[IN]} if IN in cells else {}
            yield AddShot(**fields, ripple=False) if is_shot else AddSound(**fields, volume=volume)
        else:
            at = self._neighbour(piece)
            look = meta_of(self._shown.raws[at]) if at is not None else {}
            fields |= {key: look[key] for key in (*LOOK, "size") if look.get(key) is not None}
            text = cleaned(cells["text"])
            name = "" if name == " ".join(text.split()) else name  # as titles are called
            yield AddTitle(text=text, start_s=first_s, end_s=last_s, **fields)
        if louder is not None:
            yield SetVolume(target=Target(id=own_id), volume=round(louder, 4))
        if name:
            yield Rename(target=Target(id=own_id), name=name)

    def _targets(self, pieces: Sequence[Laid]) -> Target | tuple[Target, ...]:
        targets = tuple(Target(id=self._ids[piece.row.place]) for piece in pieces)
        return targets if len(targets) > 1 else targets[0]


def _grouped(pieces: Sequence[Laid], key: Callable[[Laid], _K]) -> Iterable[tuple[_K, Sequence[Laid]]]:
    """Pieces by what a function gives for them, in the order of the first ones."""
    groups: defaultdict[_K, list[Laid]] = defaultdict(list)
    for piece in pieces:
        groups[key(piece)].append(piece)
    return groups.items()


def _seconds(frame: int) -> float:
    return to_ms(frame) / 1000
