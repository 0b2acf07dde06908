"""What the parts of one session share: endpoints, ids, journal, event bus, and the timeline as it was last seen."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shlex
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from nemo_notebook import errors
from nemo_notebook.client.service import Service, SessionIds
from nemo_notebook.clock import Clock
from nemo_notebook.errors import NemoError
from nemo_notebook.files import size_words
from nemo_notebook.film.model import Version
from nemo_notebook.film.timeline import Timeline, read_sounds
from nemo_notebook.film.tracks import Json
from nemo_notebook.outside import finite, strike
from nemo_notebook.session.backend import Backend
from nemo_notebook.session.journal import Journal, map_texts, to_thread_in_order
from nemo_notebook.session.language import is_chinese, say
from nemo_notebook.session.records import Job, SessionRecord
from nemo_notebook.session.results import Progress, ReportProgress
from nemo_notebook.settings import ModelAddress
from nemo_notebook.skills import Skill

if TYPE_CHECKING:
    from nemo_notebook.client.events import Event
    from nemo_notebook.session.results import MediaList, Reply

_P = ParamSpec("_P")
_T = TypeVar("_T")

_LOG: Final = logging.getLogger("nemo_notebook.news")
_NAMED: Final = 3
_MOST_DRAFTS: Final = 100
_ENDLESS: Final = "The service gave a timeline that is nested without end."


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of chat has begun.

    Attributes:
        turn: What it is called in the journal.
        message: What was said.
    """

    turn: str
    message: str


@dataclass(frozen=True, slots=True)
class Heard:
    """Something came in a turn that is under way."""

    turn: str
    event: Event


@dataclass(frozen=True, slots=True)
class Answered:
    """A turn is over.

    Attributes:
        turn: What it is called in the journal.
        reply: What came of it; None if it failed or nobody waits for it any more.
        error: Why it failed; None if it did not, or if nobody waits for it any more.
    """

    turn: str
    reply: Reply | None = None
    error: NemoError | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The timeline is another one than was last told of, whoever has edited it."""

    timeline: Timeline


@dataclass(frozen=True, slots=True)
class Arrived:
    """Media came into the session, or were found to be there."""

    media: MediaList


@dataclass(frozen=True, slots=True)
class Progressed:
    """An upload or an export is so far."""

    progress: Progress


@dataclass(frozen=True, slots=True)
class Settled:
    """An upload or an export was begun, or has ended: its `state` tells."""

    job: Job


News = Said | Heard | Answered | Moved | Arrived | Progressed | Settled
Watcher = Callable[[News], None]


class EventBus:
    """What happens in a session, published to its subscribers on the session's own loop, where they must not wait."""

    def __init__(self) -> None:
        self._watchers: dict[object, Watcher] = {}  # they come and go on any thread

    def __bool__(self) -> bool:
        return bool(self._watchers)

    def add(self, watcher: Watcher) -> Callable[[], None]:
        """Tell it of everything from now on; gives what ends that."""
        key = object()
        self._watchers[key] = watcher

        def leave() -> None:
            self._watchers.pop(key, None)

        return leave

    def tell(self, news: News) -> None:
        """Tell all; one that fails is logged, as the work that it watches must go on."""
        for watcher in list(self._watchers.values()):
            try:
                watcher(news)
            except Exception:
                _LOG.exception("What watches a session has failed at %s.", type(news).__name__)


class LocalDrafts:
    """Client-side undo history of a backend without versioning: the drafts that it served, and edits made on top.

    It lives as long as the session's object does: a draft can hold signed addresses, which are written nowhere.

    Attributes:
        entries: Each with its draft; of `chat` if it came from the service, else it was edited here.
        at: Which of them holds.
        lost: Whether edits of this kernel have been overtaken by the service's draft, and nobody was told yet.
    """

    def __init__(self) -> None:
        self.lost = False
        self.entries: list[Version] = []
        self.at = -1
        self._served: Json | None = None

    @property
    def is_edited(self) -> bool:
        """Whether the user has a draft that was edited here."""
        return bool(self.entries) and self.entries[self.at].origin != "chat"

    @property
    def later(self) -> int:
        """How many drafts were gone back from."""
        return len(self.entries) - 1 - self.at

    @property
    def pending(self) -> Json | None:
        """The draft that was edited here, if it holds."""
        return renew_addresses(self.entries[self.at].draft or {}, self._served or {}) if self.is_edited else None

    def see(self, draft: Json, said: str = "") -> None:
        """Take note of the service's draft. Where it is another by now, edits that were made here hold no longer."""
        if self._served is None or not same(self._served, draft):
            self.lost = self.lost or self.is_edited
            self.put(Version("chat", said, draft=draft))
        self._served = draft

    def is_own(self, number: int) -> bool:
        """Whether there is a draft of that number that was edited here, of one before it."""
        return 0 < number < len(self.entries) and self.entries[number].origin != "chat"

    def go(self, number: int) -> None:
        """Make a draft the one that holds; one from before a change of the service's as a new one, on top of it."""
        crossed = range(min(number, self.at) + 1, max(number, self.at) + 1)
        if all(map(self.is_own, crossed)):
            self.at = number
        else:
            self.put(Version("table", draft=self.entries[number].draft))

    def before(self, number: int) -> Json:
        """What a draft is to be compared with: one from the service with the service's one before it."""
        is_served = self.entries[number].origin == "chat"
        earlier = (e.draft or {} for e in reversed(self.entries[:number]) if not is_served or e.origin == "chat")
        return next(earlier, {})

    def put(self, version: Version) -> None:
        """Keep a draft that was edited here, or another one, as the one that holds."""
        self.entries = [*self.entries[: self.at + 1], replace(version, made_s=time.time())][-_MOST_DRAFTS:]
        self.at = len(self.entries) - 1


def same(one: object, other: object) -> bool:
    """Whether two drafts are the same but for signatures: addresses are signed anew each time that they are read.

    Raises:
        ProtocolError: They are nested without end.
    """
    try:
        return one == other or map_texts(_unsigned, one) == map_texts(_unsigned, other)
    except RecursionError:
        raise errors.ProtocolError(_ENDLESS) from None


def renew_addresses(draft: Json, served: Json) -> Json:
    """A draft with addresses as the service has signed them last.

    Raises:
        ProtocolError: It is nested without end.
    """
    signed: dict[str, set[str]] = {}

    def learn(text: str) -> str:
        if (unsigned := _unsigned(text)) != text:
            signed.setdefault(unsigned, set()).add(text)
        return text

    def renew(text: str) -> str:
        (known, *others) = signed.get(_unsigned(text), {text})
        return text if others else known

    try:
        map_texts(learn, served)
        fresh: Json = map_texts(renew, draft)
    except RecursionError:
        raise errors.ProtocolError(_ENDLESS) from None
    return fresh


def _unsigned(text: str) -> str:
    return strike(text) if "://" in text else text


@dataclass(frozen=True, slots=True)
class SessionState:
    """One look at a session.

    Attributes:
        timeline: The timeline.
        media: The service's records of what was uploaded.
        generated: How many pieces of media the service has generated.
        turns_running: How many turns are being worked on, where the service tells.
        version: The version of the draft, where the service keeps drafts.
    """

    timeline: Timeline
    media: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    generated: int = 0
    turns_running: int | None = None
    version: int | None = None


@dataclass(eq=False)
class Core:
    """What the parts of one session share.

    Attributes:
        service: The backend's endpoints.
        backend: Where it is.
        skill: As which skill it speaks.
        ids: The session's ids.
        asked_language: The language asked for, or `auto`.
        name: What the user calls the project.
        journal: Where it is noted what was begun.
        model: The language model behind the chat, if there is one.
        sources: What was uploaded from this machine: an export must not take its place.
        seen: The drafts, where the service keeps none.
        notes: What was found when it was opened.
        known: The timeline as the user was last told or shown it, but for edits made here.
    """

    service: Service
    backend: Backend
    skill: Skill
    ids: SessionIds
    asked_language: str = "auto"
    name: str = ""
    journal: Journal = field(default_factory=Journal)
    model: ModelAddress | None = None
    watchers: EventBus = field(default_factory=EventBus)
    sources: set[Path] = field(default_factory=set)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    uploading: asyncio.Lock = field(default_factory=asyncio.Lock)
    exporting: asyncio.Lock = field(default_factory=asyncio.Lock)
    seen: LocalDrafts = field(default_factory=LocalDrafts)
    notes: list[str] = field(default_factory=list)
    _heard: str = "en"
    _steps: tuple[int, int] | None = None  # as the service told, or unknown
    _told: Mapping[str, Any] = field(default_factory=dict)  # the draft that watchers were last told of
    _told_jobs: dict[str, str] = field(default_factory=dict)  # job → the state that they were last told of

    def __post_init__(self) -> None:
        self.known = Timeline(None, self.language)

    @property
    def id(self) -> str:
        """The session's id at the service."""
        return self.ids.session_id

    @property
    def is_engine(self) -> bool:
        """Whether the engine on this machine is asked, with no tape between."""
        return self.backend.is_local and self.service.hook is None

    @property
    def clock(self) -> Clock:
        """What it goes by."""
        return self.service.clock

    @property
    def language(self) -> str:
        """The language that changes and summaries are told in."""
        return self._heard if self.asked_language == "auto" else self.asked_language

    @property
    def is_chinese(self) -> bool:
        """Whether our own words are Chinese."""
        return self.language.lower().startswith("zh")

    @property
    def now(self) -> Timeline:
        """The timeline as it was last seen, with the edits that were made here."""
        pending = self.seen.pending
        return self.known if pending is None else Timeline(pending, self.language, self.known.sounds)

    @property
    def steps(self) -> tuple[int, int]:
        """How many edits can be undone, and how many redone, as far as is known; see `AsyncSession.steps`."""
        return self._steps or (1, self.seen.later)

    def listen(self, message: str) -> None:
        """With `auto`, speak the language of the last message."""
        self._heard = "zh-CN" if is_chinese(message) else "en"

    async def note(self, write: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Read or write the journal, off the event loop; a job that begins or ends with it is told to the watchers."""
        off_loop = asyncio.to_thread if self.service.hook is None else to_thread_in_order
        result = await off_loop(write, *args, **kwargs)
        if isinstance(result, Job) and write in (self.journal.begin, self.journal.settle):
            self._tell_job(result)
        return result

    def _tell_job(self, job: Job) -> None:
        if job.kind != "turn" and self._told_jobs.get(job.id) != job.state:
            self._told_jobs[job.id] = job.state
            self.watchers.tell(Settled(job))

    def watched(self, on_progress: ReportProgress | None) -> ReportProgress:
        """What tells progress to the watchers, and to whoever is given here."""

        def tell(progress: Progress) -> None:
            self.watchers.tell(Progressed(progress))
            if on_progress:
                on_progress(progress)

        return tell

    def moved(self, timeline: Timeline) -> Timeline:
        """Tell the watchers of a timeline if it is another one than they were last told of; gives it back."""
        is_told = not self.watchers
        with contextlib.suppress(errors.ProtocolError):  # who watches must not be why the work fails
            is_told = is_told or same(self._told, timeline.draft)
        if not is_told:
            self._told = timeline.draft
            self.watchers.tell(Moved(timeline))
        return timeline

    async def note_session(self) -> None:
        """Keep the session in the journal."""
        record = SessionRecord(
            id=self.id,
            backend="local" if self.backend.is_local else self.backend.url,
            skill=self.skill.name,
            language=self.asked_language,
            name=self.name,
            task_id=self.ids.task_id,
            user_id=self.ids.user_id,
        )
        await self.note(self.journal.note_session, record)

    async def look(self) -> SessionState:
        """Read the state."""
        state = await self.service.state(self.id)
        draft, media, generated = (state.get(key) for key in ("draft", "video_infos", "generated_media"))
        draft = draft if isinstance(draft, dict) else None
        running, version = finite(state.get("turns_running")), finite(state.get("draft_version"))
        uploads = tuple(each for each in media if isinstance(each, Mapping)) if isinstance(media, list) else ()
        sounds = read_sounds(state.get("video_analyses"), uploads)
        self._steps = _read_steps(state.get("draft_steps"))
        return SessionState(
            timeline=Timeline(draft, self.language, sounds, state.get("provenance")),
            media=uploads,
            generated=len(generated) if isinstance(generated, list) else 0,
            turns_running=None if running is None else int(running),
            version=None if version is None else int(version),
        )

    async def storage_notes(self) -> list[str]:
        """What is to be told of the room that projects take on this machine, a sentence each."""
        if not self.is_engine:
            return []
        try:
            found = await self.service.storage(self.id)
        except errors.NemoError:
            return []  # good to know, but no reason to stop what is done
        notes = []
        for session_id in found.get("trashed", ()):
            name = await self._name_of(session_id)
            await self.note(self.journal.remove, session_id)
            notes.append(say("trashed", chinese=self.is_chinese, name=name, id=session_id))
        if first := found.get("first"):
            sizes = {key: size_words(found[f"{key}_bytes"]) for key in ("kept", "quota")}
            notes.append(say("nearly full", chinese=self.is_chinese, name=await self._name_of(first), **sizes))
        return notes

    async def _name_of(self, session_id: str) -> str:
        known = await self.note(self.journal.session, session_id)
        return known.name if known and known.name else session_id

    def show(self, state: SessionState, said: str = "") -> Timeline:
        """Take a state as what the user is told or shown now; for the rest see `with_edits`."""
        self.known = state.timeline
        return self.moved(self.with_edits(state, said))

    def with_edits(self, state: SessionState, said: str = "") -> Timeline:
        """The timeline as the user has it: with edits that were made here, where the service keeps no drafts.

        Args:
            state: A look at the session.
            said: What was said before it, if something was.
        """
        if state.version is not None:
            return state.timeline
        self.seen.see(state.timeline.draft, said)
        pending = self.seen.pending
        return state.timeline if pending is None else Timeline(pending, self.language, state.timeline.sounds)

    def take_lost_notice(self) -> str:
        """Words that tell, once, that edits made here hold no longer; empty where none were lost."""
        lost, self.seen.lost = self.seen.lost, False
        return say("edits lost", chinese=self.is_chinese) if lost else ""

    async def balance(self) -> float | None:
        """The credits available; None on the free local engine, and where they cannot be read now."""
        if self.backend.is_local:
            return None
        try:
            return finite((await self.service.credits()).get("available"))
        except errors.NemoError:
            return None  # what a turn costs is good to know, but no reason to stop it

    async def renew(self, ended: errors.SessionNotFound) -> str:
        """Open a new session in place of one that has ended at the service; gives the words that say so.

        Raises:
            SessionNotFound: Uploads or a timeline went with it; the hint says what to repeat. The new one is open.
        """
        old, had_timeline = self.id, self.known.is_ready
        uploads = await self.note(self.journal.jobs, old, kind="upload")
        user_id = self.ids.user_id
        ids = await self.service.create_session(self.language)
        self.ids = ids if ids.user_id else replace(ids, user_id=user_id)
        self.known, self.seen = self.moved(Timeline(None, self.language)), LocalDrafts()
        await self.note_session()
        await self.note(self.journal.end_session, old)
        words = f"Session {old} has ended at the service; {self.id} is open in its place."
        if not uploads and not had_timeline:
            return words
        raise errors.SessionNotFound(words, hint=_repeat([job.title for job in reversed(uploads)])) from ended


class SessionPart:
    """A part of a session: its verbs for one kind of work, over what all parts share.

    Args:
        core: What they share.
    """

    def __init__(self, core: Core) -> None:
        self._core = core

    def _say(self, what: str, **values: str) -> str:
        return say(what, chinese=self._core.is_chinese, **values)


async def reports_of(work: Callable[[Callable[[_T], None]], Coroutine[Any, Any, object]]) -> AsyncGenerator[_T]:
    """What a coroutine reports to its callback, as it comes; then its error, if it fails. Leaving early cancels it."""
    reports: asyncio.Queue[tuple[_T, ...]] = asyncio.Queue()
    task = asyncio.ensure_future(work(lambda report: reports.put_nowait((report,))))
    task.add_done_callback(lambda _: reports.put_nowait(()))  # behind all that it has reported
    try:
        while report := await reports.get():
            yield report[0]
        task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _read_steps(value: object) -> tuple[int, int] | None:
    back, forth = map(finite, value) if isinstance(value, list) and len(value) == 2 else (None, None)
    return None if back is None or forth is None else (int(back), int(forth))


def _repeat(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    if not unique:
        return "Ask for the video again, then repeat this."
    named = " ".join(shlex.quote(name) for name in unique[:_NAMED])
    more = f" … ({len(unique) - _NAMED} more)" if len(unique) > _NAMED else ""
    return f"Upload again, then repeat this: %nemo upload {named}{more}"
