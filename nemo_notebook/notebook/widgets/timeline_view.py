"""The timeline editor: lanes of blocks to drag, resize, retitle, mute and delete.

The page applies an edit at once and requests it here; a refused edit is rolled back on the page. `describe_lanes` and
`describe_sounds` give the page columns to draw, with times in milliseconds; gestures come back and become typed edits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
import traitlets

from nemo_notebook import errors
from nemo_notebook.errors import InvalidEdit, InvalidTimeline, Problem, UsageError
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.picture import COLORS, INK, PALE, SHOT_COLORS, lanes_in_order, shot_colors
from nemo_notebook.film.table import Shown
from nemo_notebook.film.table_edits import edits_of
from nemo_notebook.film.table_rows import IN, Row, TableChanges, can_be_split, moment_s, plays_a_file
from nemo_notebook.film.timeline import SoundAnalysis, Timeline, file_of, short, summarize, track_label
from nemo_notebook.film.tracks import Json, Segment, Track, meta_of
from nemo_notebook.notebook.widgets.part import Number, PanelPart
from nemo_notebook.outside import finite
from nemo_notebook.session.core import Moved, same
from nemo_notebook.session.results import Reply
from nemo_notebook.session.sync import Session

_MOST_TOLD: Final = 5


class Gesture(msgspec.Struct, frozen=True):
    """What is to become of one segment, or of a copy of it.

    Attributes:
        segment: Its id.
        start_s: Where it is to begin, in seconds; None leaves this and the following as they are.
        duration_s: How long it is to be.
        volume: How loud.
        track: On which track.
        text: What it is to say.
        delete: Whether it is to be taken away.
        copy: Whether all this is of a copy, and the segment stays.
        trim: Whether a new start leaves what it plays where it is on the timeline, and hides or shows more of it; else
            it takes it along.
    """

    segment: str
    start_s: Number | None = None
    duration_s: Number | None = None
    volume: Number | None = None
    track: Number | None = None
    text: Annotated[str, msgspec.Meta(max_length=20_000)] | None = None
    delete: bool = False
    copy: bool = False
    trim: bool = False

    @property
    def cells(self) -> dict[str, float | str]:
        """New values by column of the table."""
        columns = ("start_s", "duration_s", "volume", "track", "text")
        return {column: value for column in columns if (value := getattr(self, column)) is not None}


_Changes = Annotated[list[Gesture], msgspec.Meta(min_length=1, max_length=20_000)]


class TimelineView(PanelPart, files=("timeline_canvas", "timeline_view")):
    """The timeline of a session as lanes in which it is edited.

    Args:
        session: The session that is worked on; that of the magics without.
        traits: What its own traits begin with.

    Attributes:
        selected: The id of the selected segment, as in the column `segment` of the table; empty without one.
        playhead_s: Where the playhead is, in seconds.
    """

    selected = traitlets.Unicode().tag(sync=True)
    playhead_s = traitlets.Float(0.0, min=0.0).tag(sync=True)

    def __init__(self, session: Session | None = None, **traits: Any) -> None:
        self._timeline: Timeline | None = None
        self._revision = 0
        super().__init__(session, **traits)

    # From the page

    async def do_look(self) -> dict[str, Any]:
        """The timeline as it is known here, whole; what another kernel has done to it is told a little later."""
        timeline = self._timeline
        if timeline is None:
            found = await self.session.asynchronous.timeline()
            timeline = self._timeline = self._timeline or found  # it may have moved meanwhile
        else:
            self.begin(self._look_again())
        return self._told(timeline, has_sounds=True)

    async def _look_again(self) -> None:
        self._take(await self.session.asynchronous.timeline(), ())

    async def do_edit(self, revision: int, changes: _Changes) -> dict[str, Any]:
        """Change the timeline as the page shows it already.

        Raises:
            InputError: It cannot be so; the message tells why, by the segments' names.
            Conflict: The timeline is another than the page has edited; the page is told the newer one before.
        """
        timeline = self._timeline
        if timeline is None or revision != self._revision:
            raise errors.Conflict(self.word("changed meanwhile"), hint=self.word("do it again"))

        def edits(draft: Json, media: Sequence[MediaItem]) -> Sequence[Edit]:
            if not same(draft, timeline.draft):
                raise errors.Conflict(self.word("changed meanwhile"))
            return edits_of_gestures(timeline, changes, media)

        try:
            reply = await self.session.asynchronous.edit(edits)
        except (errors.InvalidTimeline, errors.InvalidEdit) as error:
            raise errors.InputError(refused(error), hint=self.word("put back")) from error
        except errors.Conflict as error:
            self._take(await self.session.asynchronous.timeline(), ())
            raise errors.Conflict(self.word("changed meanwhile"), hint=self.word("do it again")) from error
        return self._done(reply)

    async def do_undo(self) -> dict[str, Any]:
        """Take the last edit back, whoever has made it."""
        return await self._step(self.session.asynchronous.undo())

    async def do_redo(self) -> dict[str, Any]:
        """Make an edit that was taken back once more."""
        return await self._step(self.session.asynchronous.redo())

    async def _step(self, step: Awaitable[Reply]) -> dict[str, Any]:
        try:
            return self._done(await step)
        except errors.UsageError as error:  # there is nothing to undo, or to redo
            return self._answer_with([error.message])

    def do_words(self, segment: str) -> dict[str, Any]:
        """The whole text of a segment, where the page has but its beginning."""
        tracks = self._timeline.tracks if self._timeline else ()
        texts = (each.text for track in tracks for each in track.segments if each.id == segment)
        return {"text": next(texts, "")}

    # From the session

    def on_moved(self, news: Moved) -> None:
        """The timeline is another: shown on all pages, with what has changed."""
        words = news.timeline.diff(self._timeline).told(self.spoken) if self._timeline else ()
        self._take(news.timeline, words)

    def _done(self, reply: Reply) -> dict[str, Any]:
        words = reply.changes.told(self.spoken)
        self._take(reply.timeline, words)
        self.tell_trouble(None)
        return self._answer_with(words[:_MOST_TOLD])

    def _answer_with(self, words: Sequence[str]) -> dict[str, Any]:
        return {"revision": self._revision, "words": words, "steps": self.session.asynchronous.steps}

    def _take(self, timeline: Timeline, words: Sequence[str]) -> None:
        """Take a timeline as the one that is shown, and tell all pages if it is another."""
        before = self._timeline
        if before is not None and same(before.draft, timeline.draft):
            return
        self._timeline = timeline
        self._revision += 1
        sounds = describe_sounds(timeline)
        is_same = before is not None and before.sounds == timeline.sounds and describe_sounds(before) == sounds
        content = self._told(timeline, has_sounds=not is_same)
        self.tell({"say": "timeline", **content, "words": list(words[:_MOST_TOLD])})

    def _told(self, timeline: Timeline, *, has_sounds: bool) -> dict[str, Any]:
        steps = self.session.asynchronous.steps
        told = {"revision": self._revision, "steps": steps, **describe_lanes(timeline, self.spoken)}
        return {**told, "sounds": describe_sounds(timeline)} if has_sounds else told


LONGEST: Final = 200
"""Characters of a text that are sent; the page asks for the whole of a longer one when it is to be edited."""
_FPS: Final = 30.0
_FASTEST: Final = 240.0


def describe_lanes(timeline: Timeline, language: str = "en") -> dict[str, Any]:
    """What a page draws of a timeline.

    Args:
        timeline: The timeline.
        language: What tracks are called in, and the summary is written in.

    Returns:
        `tracks` in the order in which editors show them, `columns` by name with a value a segment in track and time
        order, `texts` and `colors` that columns refer to, `duration_ms`, `fps` and `summary`.
    """
    texts: dict[str, int] = {}
    columns = _columns([segment for track in timeline.tracks for segment in track.segments], timeline, texts)
    fps = finite(meta_of(timeline.draft).get("fps"))
    return {
        "tracks": [_track(track, language) for track in lanes_in_order(timeline.tracks)],
        "columns": columns,
        "texts": list(texts),
        "colors": {"shots": SHOT_COLORS, "kinds": COLORS, "ink": INK, "pale": PALE},
        "duration_ms": 1000 * timeline.duration_s,
        "fps": min(fps, _FASTEST) if fps is not None and fps >= 1 else _FPS,
        "summary": summarize(timeline.tracks, language),
    }


def describe_sounds(timeline: Timeline) -> list[dict[str, Any]]:
    """The sounds of a timeline; the column `sound` of `describe_lanes` has their places, −1 where nothing is known."""
    keys = ("beats_ms", "downbeats_ms", "peaks", "duration_ms")
    return [{key: getattr(sound, key) for key in keys} for sound in _sounds(timeline)]


def _sounds(timeline: Timeline) -> list[SoundAnalysis]:
    """Each known sound once, in the order of its first segment."""
    audio = (segment for track in timeline.tracks if track.kind == "audio" for segment in track.segments)
    found = (timeline.sounds.of(segment) for segment in audio)
    return list({id(sound): sound for sound in found if sound is not None}.values())


def _columns(segments: Sequence[Segment], timeline: Timeline, texts: dict[str, int]) -> dict[str, list[Any]]:
    """The columns; column by column, as timelines may be long. What is new to `texts` is added there."""
    numbers = {id(sound): number for number, sound in enumerate(_sounds(timeline))}
    shots = shot_colors(timeline.tracks, timeline.sounds)
    metas = [segment.meta for segment in segments]
    moments = [own.get("in_ms") for own in metas]
    both = list(zip(segments, metas, strict=True))
    return {
        "segment": [segment.id for segment in segments],
        "track": [segment.track for segment in segments],
        "start": [_short(segment.start_ms) for segment in segments],
        "length": [_short(segment.duration_ms) for segment in segments],
        "volume": [segment.volume for segment in segments],
        "name": [texts.setdefault(_name(segment), len(texts)) for segment in segments],
        "text": [texts.setdefault(segment.text[:LONGEST], len(texts)) for segment in segments],
        "shot": [shots[file_of(s)] if s.kind == "video" else -1 for s in segments],
        "sound": [numbers.get(id(timeline.sounds.of(s)), -1) if s.kind == "audio" else -1 for s in segments],
        "in": [0 if moment is None else _short(finite(moment) or 0.0) for moment in moments],
        "speed": [s.speed if s.kind == "video" and "speed" in own else 1 for s, own in both],
        "file": [int(plays_a_file(segment.raw)) for segment in segments],
        "split": [int(can_be_split(segment.raw, segment.kind)) for segment in segments],
        "fade_in": [_fade(own, "fade_in_ms") if s.kind == "audio" else 0 for s, own in both],
        "fade_out": [_fade(own, "fade_out_ms") if s.kind == "audio" else 0 for s, own in both],
    }


def _fade(own: Json, key: str) -> float:
    return _short(max(0.0, finite(own.get(key)) or 0.0))


def _name(segment: Segment) -> str:
    words = segment.text or segment.name
    return words if len(words) <= LONGEST and words.isprintable() else " ".join(words[: 2 * LONGEST].split())[:LONGEST]


def _track(track: Track, language: str) -> dict[str, Any]:
    return {"number": track.number, "kind": track.kind, "label": track_label(track, language)[:LONGEST]}


def _short(value: float) -> float:
    """A number as it is sent: most are whole milliseconds, which take half the room."""
    return int(value) if float(value).is_integer() else round(value, 3)


_TOLD: Final = 3


def edits_of_gestures(
    timeline: Timeline, gestures: Sequence[Gesture], media: Sequence[MediaItem] = ()
) -> tuple[Edit, ...]:
    """The typed edits that gestures ask for.

    Args:
        timeline: The timeline that the page shows.
        gestures: What is asked for; of several for one segment the last one holds, column by column.
        media: The uploads, which tell how long clips can be.

    Raises:
        UsageError: A segment is not there.
        InvalidTimeline: Some of it cannot be.
    """
    shown = Shown(timeline.draft)
    segments = {segment.id: segment for track in timeline.tracks for segment in track.segments}
    places = {own_id: at for at, own_id in enumerate(shown.ids)}
    if any(gesture.segment not in places for gesture in gestures):
        raise UsageError("That segment is no longer there.", hint="")
    cells: dict[int, dict[str, float | str]] = {}
    rows: list[Row] = []
    for gesture in gestures:
        at, wanted = places[gesture.segment], gesture.cells
        if gesture.trim and (moment := _moment_s(segments[gesture.segment], gesture)) is not None:
            wanted[IN] = moment
        if gesture.copy:
            name = short(shown.texts["name"][at])
            wanted = _changed(shown, at, wanted)
            rows.append(Row(len(shown.ids) + len(rows), "", name, at, is_new=True, cells=wanted))
        else:
            cells.setdefault(at, {}).update(wanted)
    gone = frozenset(places[gesture.segment] for gesture in gestures if gesture.delete)
    changed = {at: _changed(shown, at, cells[at]) for at in sorted(cells.keys() - gone)}
    own = [Row(at, "", short(shown.texts["name"][at]), at, cells=each) for at, each in changed.items() if each]
    return edits_of(shown, TableChanges([*own, *rows], gone), media)


def _changed(shown: Shown, at: int, cells: Mapping[str, float | str]) -> dict[str, float | str]:
    """The cells that are not as they are shown."""
    before = {column: each[at] for columns in (shown.texts, shown.numbers) for column, each in columns.items()}
    before[IN] = moment_s(shown, at)
    return {column: value for column, value in cells.items() if value != before[column]}


def _moment_s(segment: Segment, gesture: Gesture) -> float | None:
    """From which second of its file on a trimmed segment plays; None where it has none, or its start stays."""
    if gesture.start_s is None or not plays_a_file(segment.raw):
        return None
    speed = segment.speed if segment.kind == "video" else 1.0
    moment_ms = segment.in_ms + (1000 * gesture.start_s - segment.start_ms) * speed
    return 0.0 if -1 < moment_ms < 0 else moment_ms / 1000  # a rounding


def refused(error: InvalidTimeline | InvalidEdit) -> str:
    """Why segments could not be changed, by the names that the page shows, and not by rows or edits."""
    told = dict.fromkeys(
        problem.words if not isinstance(problem, Problem) else f"“{problem.name}”: {problem.words}."
        for problem in error.problems
    )
    rest = len(told) - _TOLD
    return "\n".join([*list(told)[:_TOLD], *([f"… +{rest}"] if rest > 0 else [])])
