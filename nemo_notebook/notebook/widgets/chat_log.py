"""One thing that was said in a session and what came of it, as the pages of the chat show it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from nemo_notebook.client.events import Artifact, Event, Heartbeat, Notice, Text, TextFinal, ToolCall
from nemo_notebook.errors import NemoError
from nemo_notebook.notebook.commands.chat import kind_of_work
from nemo_notebook.notebook.markdown import GrowingMarkdown, read_markdown
from nemo_notebook.notebook.widgets.part import problem
from nemo_notebook.outside import plain, redact
from nemo_notebook.session.language import is_chinese, say
from nemo_notebook.session.records import Turn
from nemo_notebook.session.results import Reply


class EntryState(StrEnum):
    """How an entry stands."""

    WAITING = "waiting"  # to be sent
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"  # nobody waits here any more; it may go on at the backend
    OPEN = "open"  # its end was not seen


BUSY: Final = frozenset({EntryState.WAITING, EntryState.RUNNING})
_MARKS: Final = re.compile("[\u061c\u200e\u200f]")  # of the direction of writing, beside those that `plain` takes out
_LINES: Final = re.compile("[\u2028\u2029]")
_WHOLE: Final = 300_000  # characters of a text that a page gets which comes later


@dataclass(slots=True)
class AnswerPart:
    """A part of an answer.

    Attributes:
        kind: `text` for the reply itself, `note` for a word of our own; both are Markdown.
        text: As much of it as pages have.
        coming: What they are still to get.
        is_replaced: Whether they are to forget what they have.
    """

    kind: str
    text: str = ""
    coming: list[str] = field(default_factory=list)
    is_replaced: bool = False
    _drawn: GrowingMarkdown | None = None

    @property
    def drawn(self) -> GrowingMarkdown:
        """What is drawn of what pages have; read when it is first asked for."""
        if self._drawn is None:
            self._drawn = GrowingMarkdown()
            self._drawn.append(self.text)
        return self._drawn

    @property
    def whole(self) -> str:
        """All of it that has come."""
        return self.text + "".join(self.coming)

    def replace(self, text: str) -> None:
        """Put a text in place of what has come; what is there already is not sent again."""
        there = self.whole
        if text.startswith(there):
            self.coming += filter(None, [text[len(there) :]])
        else:
            self.text, self.coming, self.is_replaced, self._drawn = "", [text], True, None

    def send(self, limit: int | None) -> dict[str, Any]:
        """What pages are sent next, of so many characters at most, with the number of the `first` block to be drawn."""
        coming = "".join(self.coming)
        text, rest = (coming, "") if limit is None else (coming[:limit], coming[limit:])
        is_whole, self.is_replaced = self.is_replaced, False
        self.coming = [rest] if rest else []
        first = self.drawn.append(text)
        self.text += text
        return {"kind": self.kind, "text": text, "whole": is_whole, "first": first, "blocks": self.drawn.blocks[first:]}

    def told(self) -> dict[str, Any]:
        """What a page is told that comes later: of a very long text its beginning, and how much `more` there is."""
        text, more = self.text[:_WHOLE], max(0, len(self.text) - _WHOLE)
        blocks = read_markdown(text) if more else self.drawn.blocks
        return {"kind": self.kind, "text": text, "blocks": blocks, "more": more}


@dataclass(slots=True)
class ChatEntry:
    """One thing that was said, and what came of it.

    Attributes:
        key: What pages call it.
        message: What was said.
        state: How it stands.
        turn: What it is called in the journal; empty where it is no turn, or none yet.
        is_mine: Whether it was said in the panel, so that it can be stopped there.
        begun_s: When, on the monotonic clock.
        chinese: Whether our own words about it are Chinese.
        parts: The answer so far.
        pieces: How many pieces of it were sent to pages.
        doing: The kind of work that goes on.
        is_slow: Whether it has been silent for long.
        changes: What it changed, a sentence each.
        cost: Credits that it took, where they are known.
        error: Why it failed.
        hint: What to do next then.
        can_repeat: Whether to say it again does no harm: nothing of it was done.
        passage: The part that what comes now belongs to.
        held: A terminal's code, or the end of a line, whose rest is to come.
        is_told: Whether pages know of it.
        has_changed: Whether they are to be told how it stands.
    """

    key: str
    message: str
    state: str
    turn: str = ""
    is_mine: bool = False
    begun_s: float = 0.0
    chinese: bool = False
    parts: list[AnswerPart] = field(default_factory=list)
    pieces: int = 0
    doing: str = ""
    is_slow: bool = False
    changes: list[str] = field(default_factory=list)
    cost: float | None = None
    error: str = ""
    hint: str = ""
    can_repeat: bool = False
    passage: AnswerPart | None = None
    held: str = ""
    is_told: bool = False
    has_changed: bool = False

    def text(self, kind: str = "text") -> str:
        """Its parts of one kind, as far as they have come."""
        texts = (part.whole.strip() for part in self.parts if part.kind == kind)
        return "\n\n".join(text for text in texts if text)

    def face(self) -> dict[str, Any]:
        """What a page is told of it, but for the answer."""
        names = "key message state turn is_mine pieces doing is_slow changes cost error hint can_repeat".split()
        return {**{name: getattr(self, name) for name in names}, "elapsed_s": max(0.0, time.monotonic() - self.begun_s)}


def page_text(text: str) -> str:
    """Text from outside without what a page would do something with other than show it."""
    return _MARKS.sub("", _LINES.sub("\n", plain(text)))


_SHOWN: Final = 20_000  # characters of a message
_WINDOW: Final = 200_000  # characters that go to a page at once, and how many entries
_ENTRIES: Final = 40
_KEPT: Final = 500
_CHANGES: Final = 50
# Of a terminal's code, or of the end of a line, whose rest is to come.
_BEGUN: Final = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,64}|\][^\x07\x1b]{0,200}\x1b?)?\Z|\r\Z")


class ChatLog:
    """The entries, the oldest first."""

    def __init__(self) -> None:
        self._entries: dict[str, ChatEntry] = {}
        self._due: dict[str, ChatEntry] = {}  # of which pages are to be told something

    # What happens

    def recall(self, turns: Iterable[Turn]) -> None:
        """The turns that the journal has. What is known of them already stays."""
        known = {entry.turn: entry for entry in self._entries.values() if entry.turn}
        recalled: dict[str, ChatEntry] = {}
        for turn in turns:
            if turn.id in known:
                known[turn.id].message = known[turn.id].message or page_text(turn.message)[:_SHOWN]
                continue
            entry = ChatEntry(turn.id, page_text(turn.message)[:_SHOWN], turn.state, turn.id, cost=turn.cost)
            entry.chinese = is_chinese(entry.message)
            entry.begun_s = time.monotonic() - max(0.0, time.time() - turn.begun_s)
            if turn.reply.strip():
                entry.parts = [AnswerPart("text", page_text(turn.reply))]
            recalled[entry.key] = entry
        self._entries = {**recalled, **self._entries}

    def begin(self, key: str, message: str) -> ChatEntry:
        """Something was said in the panel."""
        return self._add(key, message, EntryState.WAITING, is_mine=True)

    def said(self, turn: str, message: str, key: str = "", *, chinese: bool | None = None) -> ChatEntry:
        """A turn has begun. `key` is its entry, if it was said in the panel; `chinese`: our own words about it are."""
        entry = self._entries.get(key) or self.find(turn) or self._add(turn, message, EntryState.RUNNING)
        entry.chinese = entry.chinese if chinese is None else chinese
        entry.turn, entry.begun_s = turn, time.monotonic()
        self.run(entry)
        return entry

    def run(self, entry: ChatEntry, *, is_mine: bool = False) -> None:
        """It is being worked on; `is_mine`: it can be stopped here."""
        entry.is_mine = entry.is_mine or is_mine
        entry.state, entry.error, entry.hint, entry.can_repeat = EntryState.RUNNING, "", "", False
        self.changed(entry)

    def heard(self, turn: str, event: Event) -> None:
        """Something came in a turn."""
        entry = self.find(turn) or self._add(turn, "", EntryState.RUNNING)
        if entry.state not in BUSY:  # it is looked at again
            self.run(entry)
        if isinstance(event, Text):
            self._piece(entry, event.text)
        elif isinstance(event, TextFinal):
            self._finish(entry, event.text)
        elif isinstance(event, Notice):
            self.add(entry, event.text, "note")
        elif isinstance(event, Artifact):
            names = ", ".join(redact(str(name), 80) for name in list(event.delta)[:5])
            self.add(entry, f"＋ {names}", "note")
        elif isinstance(event, (ToolCall, Heartbeat)):
            doing = kind_of_work(event.name, chinese=entry.chinese) if isinstance(event, ToolCall) else entry.doing
            is_slow = entry.is_slow or isinstance(event, Heartbeat)
            if (doing, is_slow) != (entry.doing, entry.is_slow):
                entry.doing, entry.is_slow = doing, is_slow
                self.changed(entry)

    def answered(self, turn: str, reply: Reply | None, error: NemoError | None) -> None:
        """A turn is over."""
        entry = self.find(turn)
        if entry is None:
            return
        self._end_passage(entry)
        if error is not None:
            self.fail(entry, error)
        elif reply is None:
            self.end(entry, EntryState.STOPPED)
        else:
            text, told = page_text(reply.text).strip(), entry.text()
            is_told = reply.shown or not text or text == told
            noted = set(entry.text("note").splitlines())
            if not is_told and (rest := "\n".join(line for line in text.splitlines() if not line or line not in noted)):
                self.add(entry, rest)
            entry.cost = reply.cost
            # A text that was not heard tells the changes itself.
            changes = reply.changes.told("zh" if entry.chinese else "en") if is_told else ()
            more = [f"… +{len(changes) - _CHANGES}"] if len(changes) > _CHANGES else []
            entry.changes = [redact(words, 200) for words in changes[:_CHANGES]] + more
            self.end(entry, EntryState.DONE)

    def add(self, entry: ChatEntry, text: str, kind: str = "text") -> None:
        """A further part of an answer, whole."""
        if shown := page_text(text):
            entry.parts.append(AnswerPart(kind, coming=[shown]))
            self._due[entry.key] = entry

    def fail(self, entry: ChatEntry, error: BaseException) -> None:
        """It failed."""
        self._end_passage(entry)
        entry.error, entry.hint = problem(error).values()
        if isinstance(error, NemoError):
            again = {say("say again", chinese=chinese) for chinese in (False, True)}
            entry.can_repeat = not entry.turn or not error.may_have_acted or error.hint in again
        self.end(entry, EntryState.FAILED)

    def end(self, entry: ChatEntry, state: str) -> None:
        """It is over, or nobody waits for it."""
        self._end_passage(entry)
        entry.state, entry.doing, entry.is_slow = state, "", False
        self.changed(entry)

    def changed(self, entry: ChatEntry) -> None:
        """Tell the pages how it stands."""
        if self._entries.get(entry.key) is entry:
            entry.has_changed = True
            self._due[entry.key] = entry

    # What is known

    def __getitem__(self, key: str) -> ChatEntry:
        return self._entries[key]

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def find(self, turn: str) -> ChatEntry | None:
        """The entry of a turn."""
        return next((each for each in reversed(self._entries.values()) if turn and each.turn == turn), None)

    @property
    def last_reply(self) -> str:
        """The text of the newest answer that is there whole."""
        done = (each for each in reversed(self._entries.values()) if each.state == EntryState.DONE)
        return next((each.text() for each in done), "")

    # To the pages

    @property
    def is_due(self) -> bool:
        """Whether pages are to be told something."""
        return bool(self._due)

    def drain(self, limit: int | None = None) -> list[dict[str, Any]]:
        """What pages are to be told now: of text no more than so many characters."""
        messages: list[dict[str, Any]] = []
        for key, entry in list(self._due.items()):
            if not entry.is_told:
                messages.append(self._face(entry))
            for place, part in enumerate(entry.parts):
                if not (part.coming or part.is_replaced):
                    continue
                if limit == 0:
                    return messages
                piece = part.send(limit)
                limit = None if limit is None else limit - len(piece["text"])
                entry.pieces += 1
                messages.append({"say": "piece", "key": key, "n": entry.pieces, "place": place, **piece})
                if part.coming:
                    return messages
            if entry.has_changed:
                messages.append(self._face(entry))
            del self._due[key]
        return messages

    def _face(self, entry: ChatEntry) -> dict[str, Any]:
        entry.is_told, entry.has_changed = True, False
        return {"say": "entry", "entry": entry.face()}

    def window(self, before: str = "") -> dict[str, Any]:
        """The newest entries, or those before one, with their answers; and how many came earlier."""
        entries = list(self._entries.values())
        end = next((at for at, entry in enumerate(entries) if entry.key == before), len(entries))
        begin, size = end, 0
        while begin > 0 and end - begin < _ENTRIES:
            size += sum(len(part.text) for part in entries[begin - 1].parts)
            if size > _WINDOW and begin < end:
                break
            begin -= 1
        return {"entries": [self.whole(entry) for entry in entries[begin:end]], "earlier": begin}

    def whole(self, entry: ChatEntry) -> dict[str, Any]:
        """An entry with its answer, as far as it was drained."""
        return {**entry.face(), "parts": [part.told() for part in entry.parts]}

    # Within

    def _add(self, key: str, message: str, state: str, *, is_mine: bool = False) -> ChatEntry:
        shown = page_text(message)
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
        entry = ChatEntry(key, shown, state, is_mine=is_mine, begun_s=time.monotonic(), chinese=is_chinese(message))
        entry.turn = "" if is_mine else key
        self._entries[key] = entry
        if len(self._entries) > _KEPT:
            self._entries.pop(next(iter(self._entries)))
        self.changed(entry)
        return entry

    def _piece(self, entry: ChatEntry, piece: str) -> None:
        coming = entry.held + piece
        begun = _BEGUN.search(coming, max(0, len(coming) - 300))
        entry.held = begun[0] if begun else ""
        text = page_text(coming[: begun.start()] if begun else coming)
        if text:
            self._passage(entry).coming.append(text)
            self._due[entry.key] = entry

    def _finish(self, entry: ChatEntry, passage: str) -> None:
        """A passage that came in pieces, whole."""
        whole = page_text(passage)
        if whole.strip() or entry.passage is not None:
            self._passage(entry).replace(whole)
            self._due[entry.key] = entry
        self._end_passage(entry)

    def _passage(self, entry: ChatEntry) -> AnswerPart:
        if entry.passage is None:
            entry.passage = AnswerPart("text")
            entry.parts.append(entry.passage)
        return entry.passage

    def _end_passage(self, entry: ChatEntry) -> None:
        entry.passage, entry.held = None, ""
