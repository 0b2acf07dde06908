"""What a session hands back: plain data that shows itself in a notebook."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from nemo_notebook import media_types
from nemo_notebook.client import transfers
from nemo_notebook.files import size_words
from nemo_notebook.outside import finite, plain, strike

if TYPE_CHECKING:
    import pandas as pd

    from nemo_notebook.client.events import Event
    from nemo_notebook.film.provenance import Provenance
    from nemo_notebook.film.timeline import Changes, Timeline


@dataclass(frozen=True, slots=True)
class Media:
    """One uploaded file, as the service sees it.

    Attributes:
        filename: Its name.
        kind: `video`, `image` or `audio`.
        duration_s: Length in seconds; 0 for a picture.
        width: Pixels across, 0 for sound.
        height: Pixels down, 0 for sound.
        fps: Frames a second, 0 where there are none.
        size_bytes: Bytes on disk, 0 where it is not known.
        hash: The service's content hash.
        was_there: Whether the service had it already, so that it was not sent again.
        thumbnail: A small JPEG of it; empty where there is none, or where nobody has looked for one.
    """

    filename: str
    kind: str
    duration_s: float
    width: int
    height: int
    fps: float
    size_bytes: int
    hash: str
    was_there: bool = False
    thumbnail: bytes = field(default=b"", repr=False, compare=False)

    @classmethod
    def read(
        cls,
        record: Mapping[str, Any],
        filename: str = "",
        size_bytes: int = 0,
        *,
        was_there: bool = False,
        thumbnail: bytes = b"",
    ) -> Media:
        """From the service's record of a file, whatever it lacks."""

        def number(key: str) -> float:
            return finite(record.get(key)) or 0.0

        name = plain(strike(str(record.get("filename") or ""))) or filename
        kind = str(record.get("file_type") or "").partition("/")[0]
        return cls(
            filename=name,
            kind=kind if kind in {"video", "image", "audio"} else media_types.kind(name),
            duration_s=number("duration"),
            width=int(number("width")),
            height=int(number("height")),
            fps=number("fps"),
            size_bytes=size_bytes or int(number("size")),
            hash=str(record.get("hash") or ""),
            was_there=was_there,
            thumbnail=thumbnail,
        )

    @property
    def words(self) -> str:
        """The file in a few words."""
        facts = [f"{self.duration_s:.1f} s"] if self.duration_s else []
        facts += [f"{self.width}×{self.height}"] if self.width else []
        facts += [size_words(self.size_bytes)] if self.size_bytes else []
        facts += ["was there already"] if self.was_there else []
        return f"{self.filename} ({', '.join(facts)})" if facts else self.filename


class MediaList(list[Media]):
    """A list of uploaded files that shows itself in a notebook.

    Attributes:
        notes: What else there is to say about the upload, a sentence each.
    """

    def __init__(self, media: Iterable[Media] = (), notes: Iterable[str] = ()) -> None:
        super().__init__(media)
        self.notes = list(notes)

    @property
    def words(self) -> str:
        """One line a file, after the notes."""
        return "\n".join([*self.notes, *(f"✓ {media.words}" for media in self)])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        lines = "".join(f"<div>{html.escape(line)}</div>" for line in self.words.splitlines())
        return {"text/plain": self.words, "text/html": lines}

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        printer.text(self.words)  # without this, IPython shows any list in its own way


@dataclass(frozen=True, slots=True)
class Credits:
    """The balance of the account.

    Attributes:
        available: Credits that can be spent.
        frozen: Credits reserved by running work.
        total: Both together.
        free: Whether the backend costs nothing at all.
    """

    available: float
    frozen: float
    total: float
    free: bool = False

    def __str__(self) -> str:
        if self.free:
            return "The local engine is free: no credits are needed."
        return f"Credits: {self.available:g} available, {self.frozen:g} reserved, {self.total:g} in all."

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": f"<p>{html.escape(str(self))}</p>"}


@dataclass(frozen=True)
class Explanation:
    """How a message would be read by the local engine.

    Attributes:
        clauses: The stretches of the message: `words`, what they are `read_as`, how `likely` that is (0–1), what the
            words stand for (`meanings`), and those that are `unread`.
        edits: What would be done.
        reply: What would be answered.
        is_unsure: Whether a language model would be asked, where there is one.
    """

    clauses: tuple[Mapping[str, Any], ...]
    edits: tuple[Mapping[str, Any], ...]
    reply: str
    is_unsure: bool

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Explanation:
        """Read what the engine tells."""
        clauses, edits = (tuple(data.get(name) or ()) for name in ("clauses", "edits"))
        return cls(clauses, edits, str(data.get("reply") or ""), data.get("is_unsure") is True)

    @property
    def frame(self) -> pd.DataFrame:
        """The clauses as a table."""
        import pandas as pd

        return pd.DataFrame(list(self.clauses), columns=["words", "read_as", "likely", "unread", "meanings"])

    def __str__(self) -> str:
        rows = [
            f"“{each['words']}” is read as {each['read_as'] or 'nothing'}"
            + (f" ({each['likely']:.0%} likely)" if each["read_as"] else "")
            + (f"; not read: {each['unread']}" if each["unread"] else "")
            for each in self.clauses
        ]
        edits = [f"edit: {json.dumps(dict(each), ensure_ascii=False)}" for each in self.edits]
        return "\n".join([*rows, *edits, f"reply: {self.reply}"])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in str(self).splitlines())
        return {"text/plain": str(self), "text/html": f"<ul>{lines}</ul>"}


@dataclass(frozen=True)
class Reply:
    """One finished turn of chat, or another edit of the timeline.

    Attributes:
        text: What was answered; where the service said nothing, what it changed.
        changes: How the timeline differs from before it.
        timeline: The timeline after it.
        events: Everything that came, in order.
        shown: Whether the text has been streamed to the screen already.
        job: What the turn is called in the journal.
        cost: Credits that were spent, where both balances are known.
    """

    text: str
    changes: Changes
    timeline: Timeline
    events: tuple[Event, ...] = field(default=(), repr=False)
    shown: bool = field(default=False, repr=False, compare=False)
    job: str = ""
    cost: float | None = None

    def __str__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        text = plain(self.text)
        # Not as Markdown: what is shown again from a variable need not be pretty, and so it cannot be markup.
        told = re.sub("(?m)^- ", "• ", html.escape(text))
        page = f'<div style="white-space:pre-wrap">{told}</div>'
        if not self.changes:
            return {"text/plain": text, "text/html": page}
        return {"text/plain": f"{text}\n\n{self.timeline.brief}", "text/html": page + self.timeline.folded}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something is.

    Attributes:
        stage: `convert`, `upload`, `render` or `download`.
        done: 0–1.
        note: What is going on, in words.
        left_s: Seconds left, where it can be told.
        job: What it is called, by which one comes back to it.
    """

    stage: str
    done: float
    note: str = ""
    left_s: float | None = None
    job: str = ""


@dataclass(frozen=True)
class Video:
    """A finished export. Shows itself in a notebook as a player, or as a picture.

    Attributes:
        path: Where it was saved.
        url: Where it came from, without what gives access to it.
        duration: Length in seconds; 0 for a still.
        width: Pixels across, 0 for sound.
        height: Pixels down, 0 for sound.
        poster: A small JPEG of it, empty where there is none.
        clip: Its first seconds as a small MP4, for pages that are read without the file; empty where there is none.
        notes: What else there is to say of it, a sentence each.
        provenance: What it was made of: as the file itself tells, else as far as it is known here.
    """

    path: Path
    url: str = field(repr=False)
    duration: float
    width: int = 0
    height: int = 0
    poster: bytes = field(default=b"", repr=False)
    clip: bytes = field(default=b"", repr=False)
    notes: tuple[str, ...] = ()
    provenance: Provenance | None = field(default=None, repr=False)

    @property
    def size_bytes(self) -> int:
        """Bytes on disk; 0 where the file is gone."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def __str__(self) -> str:
        facts = [f"{self.duration:.1f} s"] if self.duration else []
        facts += [f"{self.width}×{self.height}"] if self.width else []
        return f"{near(self.path)} ({', '.join([*facts, size_words(self.size_bytes)])})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": "\n".join([str(self), *self.notes]), "text/html": self._html()}

    def _html(self) -> str:
        address = html.escape(relative_url(self.path))
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return f'{self._player(address)}<p><a href="{address}" download>{html.escape(str(self))}</a></p>{notes}'

    def _player(self, address: str) -> str:
        """What shows it; nothing where a browser cannot."""
        # A path that the notebook server can seek in; a large file is never written into the notebook.
        poster = f"data:image/jpeg;base64,{base64.b64encode(self.poster).decode('ascii')}" if self.poster else ""
        ending = media_types.extension(self.path.name)
        kind = media_types.kind(self.path.name)
        if kind == "image":
            return f'<img src="{address}" style="{_SHOWN}">'
        if kind == "audio":
            return f'<audio src="{address}" controls preload="metadata" style="max-width:100%"></audio>'
        if ending in _NOT_PLAYED:
            return f'<img src="{poster}" style="{_SHOWN}">' if poster else ""
        sources, still = f'<source src="{address}">', ""
        if self.clip:
            clip = base64.b64encode(self.clip).decode("ascii")
            sources += f'<source src="data:video/mp4;base64,{clip}" type="video/mp4">'
        if poster:  # the picture within is for readers that take players out of a page but leave what they hold
            still, poster = f'<img src="{poster}" alt="" style="{_SHOWN}">', f' poster="{poster}"'
        return f'<video controls preload="metadata"{poster} style="{_SHOWN}">{sources}{still}</video>'


_SHOWN: Final = "max-width:100%;max-height:60vh"
_NOT_PLAYED: Final = frozenset({"avi", "mkv", "mid", "midi"})  # by browsers


def near(path: Path) -> Path:
    """A path as people here write it: a saved notebook need not tell where its folder lies."""
    try:
        return path.absolute().relative_to(Path.cwd())
    except (ValueError, OSError):  # it lies elsewhere, or the working directory is gone
        return path


def relative_url(path: Path) -> str:
    """The address of a file relative to the working directory, which a notebook's server resolves."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive on Windows
        relative = str(path)
    return quote(os.fsencode(Path(relative).as_posix()))


ReportProgress = Callable[[Progress], None]


class StageMeter:
    """Turns counts into `Progress`, with the seconds left worked out from the pace so far."""

    def __init__(self, stage: str, on_progress: ReportProgress | None, job: str = "", name: str = "") -> None:
        self._stage = stage
        self._job = job
        self._name = name  # of what it is about, unless a call names it
        self._tell = on_progress
        self._begun_s = time.monotonic()

    def at(self, done: float, note: str = "", left_s: float | None = None) -> None:
        """Tell how far it is: 0–1."""
        if self._tell is None:
            return
        if done <= 0:
            self._begun_s = time.monotonic()  # to wait for one's turn is no pace
        spent_s = time.monotonic() - self._begun_s
        if left_s is None and done > 0.05 and spent_s > 1:
            left_s = spent_s * (1 - done) / done
        self._tell(Progress(self._stage, min(max(done, 0.0), 1.0), note or self._name, left_s, self._job))

    def fraction(self, note: str) -> Callable[[float], None]:
        """Tell it of one file, by the share that is done; begins with nothing."""
        self.at(0.0, note)
        return lambda done: self.at(done, note)

    def bytes(self, note: str, before: int = 0, total: int = 0) -> transfers.TransferProgress:
        """Tell it by the bytes of one file, the `before` bytes of others being done, out of `total` in all."""

        def tell(done: int, of: int) -> None:
            whole = total or of
            self.at((before + done) / whole if whole else 1.0, note)

        return tell
