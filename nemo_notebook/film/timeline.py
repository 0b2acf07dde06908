"""One state of the timeline with its views: the summary in one line, the changes since another state, table, picture.

The summary has the form of the service's documents:

    Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%) 3. Title: "Urban Dreams" (0-3s)

Analyses of sounds come with the service's state, under `video_analyses`: objects with `hash` or `segment` (which file,
or which segment of composed music), `filename`, `duration_ms`, `beats_ms`, `downbeats_ms` and `peaks`; all untrusted.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.film import table
from nemo_notebook.film.tracks import Json, Segment, Track, duration_ms, items, meta_of, read_tracks
from nemo_notebook.film.wording import Told, tell
from nemo_notebook.outside import finite

if TYPE_CHECKING:
    import pandas as pd

    from nemo_notebook.film.picture import Picture
    from nemo_notebook.film.provenance import Provenance

_KEYS: Final = ("hash", "segment", "filename")
_MOST_SOUNDS: Final = 100
_MOST_BEATS: Final = 10_000
_MOST_PEAKS: Final = 2_000


@dataclass(frozen=True, slots=True)
class SoundAnalysis:
    """The analysis of one sound. All times are from its beginning.

    Attributes:
        beats_ms: Its beats, ascending, in milliseconds.
        downbeats_ms: The beats that begin a bar.
        peaks: Peak level of equal parts over the whole length, 0–100.
        duration_ms: Its length in milliseconds; 0 if unknown.
    """

    beats_ms: tuple[float, ...] = ()
    downbeats_ms: tuple[float, ...] = ()
    peaks: tuple[int, ...] = ()
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Sounds:
    """The analyses of all sounds of a timeline.

    Attributes:
        known: Each by what it is known by: ("hash", …) the content of an upload, ("segment", …) the id of a segment of
            composed music, ("filename", …) for drafts without hashes.
        uploads: The position of each video and picture in upload order, by hash and by file name.
    """

    known: Mapping[tuple[str, str], SoundAnalysis] = field(default_factory=dict)
    uploads: Mapping[str, int] = field(default_factory=dict)

    def of(self, segment: Segment) -> SoundAnalysis | None:
        """The analysis of what a segment plays."""
        names = zip(_KEYS, (str(segment.meta.get("media")), segment.id, segment.source), strict=True)
        return next((self.known[key] for key in names if key in self.known), None)


NOTHING: Final = Sounds()


def read_sounds(records: object, media: Iterable[Mapping[str, Any]] = ()) -> Sounds:
    """Read the analyses and uploads of a state; anything malformed is skipped."""
    known: dict[tuple[str, str], SoundAnalysis] = {}
    for record in items(records)[:_MOST_SOUNDS]:
        for key in _KEYS if isinstance(record, Mapping) else ():
            if isinstance(name := record.get(key), str) and name:
                known.setdefault((key, name), _sound(record))
    return Sounds(known, _upload_places(media))


def file_of(segment: Segment) -> str:
    """The identity of a segment's file: the hash of its content, else its name."""
    media = segment.meta.get("media")
    return media if isinstance(media, str) and media else segment.source or segment.name


def _upload_places(media: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    places: dict[str, int] = {}
    seen = (record for record in media if not str(record.get("file_type")).startswith("audio"))
    for place, record in enumerate(seen):
        for name in (record.get("hash"), record.get("filename")):
            if isinstance(name, str) and name:
                places.setdefault(name, place)
    return places


def _sound(record: Mapping[str, Any]) -> SoundAnalysis:
    peaks = (finite(peak) or 0.0 for peak in items(record.get("peaks"))[:_MOST_PEAKS])
    return SoundAnalysis(
        beats_ms=_times(record.get("beats_ms")),
        downbeats_ms=_times(record.get("downbeats_ms")),
        peaks=tuple(int(min(max(peak, 0.0), 100.0)) for peak in peaks),
        duration_ms=max(0.0, finite(record.get("duration_ms")) or 0.0),
    )


def _times(value: object) -> tuple[float, ...]:
    times = (finite(item) for item in items(value)[:_MOST_BEATS])
    return tuple(sorted(time for time in times if time is not None and time >= 0))


_NAMES_SHOWN: Final = 3
_TRACKS_SHOWN: Final = 20


def in_seconds(ms: float) -> str:
    """A time as people write it: at most two digits behind the point, none that say nothing."""
    return f"{round(ms / 1000, 2):g}" if ms < 1e8 else f"{ms / 1000:.0f}"


def summarize(tracks: Sequence[Track], language: str = "en") -> str:
    """All tracks in one line; a track without segments is counted and named, too, and the rest of very many counted."""
    if not any(track.segments for track in tracks):
        return tell(Told("timeline.empty"), language)
    told = [f"{track.number}. {track_words(track, language)}" for track in tracks[:_TRACKS_SHOWN]]
    if rest := len(tracks) - len(told):
        told.append(f"… {tell(Told('timeline.more', n=rest), language)}")
    return tell(Told("timeline.whole", n=len(tracks), tracks=" ".join(told)), language)


def track_words(track: Track, language: str = "en") -> str:
    """One track: what it is, what it holds, from when to when, how loud."""
    segments, label = track.segments, _label(track)
    if not segments:
        return tell(label, language)
    volumes = {s.volume for s in segments if s.volume is not None}
    is_loud = track.kind == "audio" and len(volumes) == 1
    told = Told(
        "timeline.track",
        label=label,
        names=_names(track),
        span=span(min(s.start_ms for s in segments), max(s.end_ms for s in segments)),
        volume=Told("timeline.volume", volume=volumes.pop()) if is_loud else "",
        count=Told("timeline.count", n=len(segments)) if len(segments) > 1 else "",
    )
    return tell(told, language)


def track_label(track: Track, language: str = "en") -> str:
    """What kind of track it is, in a word."""
    return tell(_label(track), language)


def _label(track: Track) -> Told:
    kind = track.kind
    if kind == "audio":
        is_bgm = track.name.upper() == "BGM" or any(name.upper().startswith("BGM") for name in track.names)
        is_speech = any(meta_of(raw).get("role") == "speech" for raw in track.raws)
        kind = "speech" if is_speech else "bgm" if is_bgm else kind
    return Told(f"track.{kind}")


def _names(track: Track) -> Told:
    each = (
        map(in_quotes, dict.fromkeys(track.texts)) if track.kind == "text" else map(_name, dict.fromkeys(track.names))
    )
    distinct = list(dict.fromkeys(each))
    rest = len(distinct) - _NAMES_SHOWN
    more = [Told("timeline.more", n=rest)] if rest > 0 else []
    return Told("target.names", names=[*distinct[:_NAMES_SHOWN], *more])


def _name(name: str) -> str:
    head, colon, tail = name.partition(":")
    return short(tail.strip() if colon and head.strip().upper() == "BGM" else name)


def span(start_ms: float, end_ms: float) -> str:
    """From when to when, as people write it."""
    return f"{in_seconds(start_ms)}-{in_seconds(end_ms)}s"


def in_quotes(text: str) -> str:
    """A title's text in quotes, so that it is seen where it ends."""
    return '"' + short(text).replace('"', "'") + '"'


def short(text: str, limit: int = 40) -> str:
    """A text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


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
        quote, sentence = in_quotes if self.aspect == "text" else str, self.aspect or self.action
        if self.aspect == "volume" and self.after == _SILENT:
            sentence = "muted"
        elif self.aspect == "volume" and self.before == _SILENT and not self.after:
            sentence = "unmuted"
        told = Told(
            f"diff.{sentence}",
            what=Told(f"track.{self.kind}"),
            name=in_quotes(self.name) if self.kind == "text" else short(self.name),
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
        ("start", *_two_times(old.start_ms, new.start_ms)),
        ("length", *_two_times(old.duration_ms, new.duration_ms)),
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


def _two_times(before_ms: float, after_ms: float) -> tuple[str, str]:
    """Two times, to the millisecond where they are as near as that."""
    words = f"{in_seconds(before_ms)}s", f"{in_seconds(after_ms)}s"
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


class Timeline:
    """A draft and its views. The draft is the truth and is not changed.

    Args:
        raw: The draft as the service gave it, or None where there is none yet.
        language: `en` or `zh`…: the language of the summary and the changes.
        sounds: What is known of beats and loudness, for the picture.
        made: The record of where the draft comes from, as the service gave it.
    """

    def __init__(self, raw: Json | None, language: str = "en", sounds: Sounds = NOTHING, made: object = None) -> None:
        self._draft: Json = raw or {}
        self.language = language
        self.sounds = sounds
        self._made = made

    @property
    def draft(self) -> Json:
        """The draft's raw JSON, unknown keys included."""
        return self._draft

    @cached_property
    def tracks(self) -> tuple[Track, ...]:
        """The tracks, read once."""
        return read_tracks(self._draft)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return duration_ms(self._draft) / 1000

    @property
    def is_ready(self) -> bool:
        """Whether there is something to export."""
        return any(track.segments for track in self.tracks)

    @property
    def frame(self) -> pd.DataFrame:
        """One row a segment, in track and time order; the columns are `table.COLUMNS`. Each is the caller's own."""
        return table.read_frame(self._draft)

    @cached_property
    def summary(self) -> str:
        """The timeline in one line."""
        return summarize(self.tracks, self.language)

    @cached_property
    def brief(self) -> str:
        """Its length and its number of tracks."""
        key = "timeline.brief" if self.is_ready else "timeline.empty"
        return tell(Told(key, time=1000 * round(self.duration_s), n=len(self.tracks)), self.language)

    @property
    def folded(self) -> str:
        """The same as HTML that opens to a small picture, without beats and waveforms."""
        if not self.is_ready:
            return f"<p>{html.escape(self.brief)}</p>"
        colors = Sounds(uploads=self.sounds.uploads)
        from nemo_notebook.film.picture import draw_timeline

        picture = draw_timeline(self.tracks, self.duration_s, colors, self.language, self.summary)
        return f"<details><summary>{html.escape(self.brief)}</summary>{picture.html}</details>"

    @cached_property
    def provenance(self) -> Provenance | None:
        """What it was made of: uploads, prompts, the hash of the draft; None where the backend does not tell.

        Raises:
            ProtocolError: The draft is nested too deeply to be read.
        """
        from nemo_notebook.film.provenance import Provenance, hash_of

        made = Provenance.from_json(self._made)
        return made and replace(made, draft_sha256=hash_of(self._draft))

    def diff(self, other: Timeline) -> Changes:
        """What changed from `other` to this one."""
        return compare(other.tracks, self.tracks, self.language)

    def plot(self) -> Picture:
        """The timeline as a vector picture: a lane for each track, beats and waveforms where they are known."""
        from nemo_notebook.film.picture import draw_timeline

        return draw_timeline(self.tracks, self.duration_s, self.sounds, self.language, self.summary)

    def __repr__(self) -> str:
        return self.summary

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if not self.is_ready:
            return {"text/plain": self.summary, "text/html": f"<p>{html.escape(self.summary)}</p>"}
        frame, picture = self.frame, self.plot()
        return {
            "text/plain": f"{self.summary}\n\n{table.to_text(frame)}",
            "text/html": f"<p>{html.escape(self.summary)}</p>{picture.html}{table.to_html(frame)}",
        }
