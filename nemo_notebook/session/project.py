"""One project: upload, chat, look, export."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

from nemo_notebook import errors, settings
from nemo_notebook.client.dialects import TurnReader
from nemo_notebook.client.events import Event, TextFinal
from nemo_notebook.client.service import RenderStatus, Service, SessionIds
from nemo_notebook.outside import finite, redact
from nemo_notebook.session import uploads
from nemo_notebook.session.backend import Backend
from nemo_notebook.session.meter import Meter, OnProgress
from nemo_notebook.session.results import Credits, Media, MediaList, Reply, Video
from nemo_notebook.session.targets import choose_format, choose_target, title_of
from nemo_notebook.session.turn import readable, spoken, ticking
from nemo_notebook.skills import Skill
from nemo_notebook.timeline.timeline import Timeline

OnEvent = Callable[[Event], None]

_POLL_GROWTH: Final = 1.5
_POLL_MISSES: Final = 5
_POLL_MAX_S: Final = {True: 1.0, False: 10.0}  # by whether the backend is on this machine
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")


class AsyncSession:
    """One project at one backend.

    Args:
        service: The backend's endpoints.
        backend: Where it is.
        skill: As which skill it speaks.
        ids: The session's ids.
        language: The language asked for, or `auto`.
        name: What the user calls the project.
    """

    def __init__(
        self, service: Service, backend: Backend, skill: Skill, ids: SessionIds, language: str = "auto", name: str = ""
    ) -> None:
        self._service = service
        self._ids = ids
        self._language = language
        self._heard = "en"
        self.backend = backend
        self.skill = skill
        self.name = name
        self._known = Timeline(None, self.language)
        self._turn = asyncio.Lock()
        self._sources: set[Path] = set()  # what was uploaded from this machine: an export must not take its place
        self._left_behind: tuple[str, str] | None = None  # a render that was not waited for: its id, and what it is of

    @property
    def id(self) -> str:
        """The session's id at the service."""
        return self._ids.session_id

    @property
    def language(self) -> str:
        """The language that changes and summaries are told in."""
        return self._heard if self._language == "auto" else self._language

    def __repr__(self) -> str:
        where = "local engine" if self.backend.is_local else "cloud"
        return f"<Session {self.id} · {self.skill.title} · {where}>"

    async def upload(self, *what: str | Path, on_progress: OnProgress | None = None) -> MediaList:
        """Upload files, patterns and addresses. All are checked before the first byte is sent.

        Raises:
            InputError: One of them is missing, empty, too large or of a wrong type; none is sent then.
        """
        wanted = await asyncio.to_thread(uploads.resolve, what, self.skill)
        self._sources.update(path.resolve() for path in wanted.paths)
        media = MediaList()
        tell = Meter("upload", on_progress)
        total = sum(path.stat().st_size for path in wanted.paths)
        before = 0
        for path in wanted.paths:
            size = path.stat().st_size
            progress = tell.bytes(path.name, before, total)
            records = await self._service.upload(self.id, [path], progress)
            media.extend(Media.read(record, path.name, size) for record in records or [{}])
            before += size
        if wanted.urls:
            records = await self._service.upload_urls(self.id, wanted.urls)
            media.extend(Media.read(record) for record in records)
        return media

    async def stream(self, message: str) -> AsyncIterator[Event]:
        """One turn of chat, event by event, with phrases about the service's web page put into our words.

        Raises:
            NetworkError: The stream broke; `chat` also looks at what the turn has done.
        """
        async for event in self._stream(message, TurnReader()):
            yield event

    async def _stream(self, message: str, reader: TurnReader) -> AsyncIterator[Event]:
        if not isinstance(message, str) or not message.strip():
            raise errors.UsageError("There is nothing to say.", hint=f"Try: %nemo chat {self.skill.example}")
        self._listen(message)
        async with self._turn:
            events = ticking(self._service.chat(self.id, message, reader), settings.notice_s())
            async for event in readable(events):
                yield event

    async def chat(self, message: str, on_event: OnEvent | None = None) -> Reply:
        """One turn of chat: send, listen, then read what it did to the timeline.

        Args:
            message: What to say. It is sent once and never again.
            on_event: Told of every event as it comes.

        Raises:
            NetworkError: The stream broke and the timeline has not changed.
            ServiceError: The service refused the turn, or failed in it.
        """
        before, reader = self._known, TurnReader()
        heard: list[Event] = []
        broken = await self._listen_to_turn(message, reader, heard, on_event)
        if broken is None and reader.was_cut and reader.failed is None:
            broken = errors.NetworkError("The reply broke off.", hint="`%nemo status` shows where the timeline stands.")
        timeline = await (self.timeline() if broken is None else self._recover(before))
        changes = timeline.diff(before)
        whole = any(isinstance(event, TextFinal) and event.text.strip() for event in heard)
        if broken is not None and not changes:
            raise broken
        if reader.failed is not None and not changes and not whole:
            reason = redact(reader.failed.message) or "it gave no reason"
            raise errors.ServiceError(f"The turn failed in the middle: {reason}", hint="Say it again.")
        told = "\n".join(f"- {sentence}" for sentence in changes.words)
        if broken is not None:
            told = f"The connection broke off, but the edit was made:\n{told}"
        text = "" if broken is not None else spoken(heard)
        return Reply(text or told or str(changes), changes, timeline, tuple(heard), shown=bool(text))

    async def _listen_to_turn(
        self, message: str, reader: TurnReader, heard: list[Event], on_event: OnEvent | None
    ) -> errors.NetworkError | None:
        """Send the message and gather what comes; gives what broke the stream, if something did."""
        try:
            async with asyncio.timeout(settings.chat_s()):
                async for event in self._stream(message, reader):
                    heard.append(event)
                    if on_event:
                        on_event(event)
        except errors.OutOfCredits as error:
            if self._service.anonymous and self._ids.user_id:
                error.hint = f"Register at {settings.web_url()}/?bind={self._ids.user_id}, or work free and offline."
            raise
        except errors.NetworkError as error:
            return error
        except TimeoutError:
            return errors.DeadlineExceeded("The turn took too long.")
        return None

    async def _recover(self, before: Timeline) -> Timeline:
        """The timeline after a broken stream: read at once, and once more after a while if nothing has changed yet."""
        timeline = await self.timeline()
        if not timeline.diff(before):
            await asyncio.sleep(settings.recover_s())
            timeline = await self.timeline()
        return timeline

    def _listen(self, message: str) -> None:
        """With `auto`, speak the language of the last message."""
        self._heard = "zh-CN" if _CHINESE.search(message) else "en"

    async def timeline(self) -> Timeline:
        """The timeline as it is now."""
        state = await self._service.state(self.id)
        draft = state.get("draft")
        self._known = Timeline(draft if isinstance(draft, dict) else None, self.language)
        return self._known

    async def credits(self) -> Credits:
        """The balance of the account."""
        data = await self._service.credits()
        available, frozen, total = (finite(data.get(key)) or 0.0 for key in ("available", "frozen", "total"))
        return Credits(available, frozen, total, free=self.backend.is_local)

    async def export(
        self,
        path: str | Path | None = None,
        *,
        format: str | None = None,  # noqa: A002 - the name that users type
        quality: str = "high",
        resolution: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> Video:
        """Render the timeline and save it.

        Args:
            path: Where to; without one, a free name made from the title, in the working directory.
            format: File type; without one, the path's ending, else mp4.
            quality: `low`, `medium` or `high`.
            resolution: `720p`, `1080p` or `4k`; without one, the timeline's own.
            on_progress: Told how far it is.

        Raises:
            NothingToExport: The timeline is empty.
            RenderFailed: The render failed or was cancelled.
        """
        kind = choose_format(path, format, quality, resolution)
        timeline = await self.timeline()
        if not timeline.is_ready:
            raise errors.NothingToExport("There is nothing to export yet: the timeline is empty.")
        target = await asyncio.to_thread(choose_target, path, self.name or title_of(timeline), kind)
        if target.resolve() in self._sources:
            raise errors.UsageError(f"{target.name} is one of your uploads.", hint="Name another path to export to.")
        output = {"format": kind, "quality": quality, **({"resolution": resolution} if resolution else {})}
        tell = Meter("render", on_progress)
        render_id, status = await self._render(timeline, output, tell)
        saving = Meter("download", on_progress).bytes(target.name)
        await self._service.download(render_id, status.url, target, saving)
        poster = await self._poster(status)
        shape = status.width, status.height
        return Video(target, status.url, timeline.duration_s, *shape, poster=poster)

    async def _render(self, timeline: Timeline, output: dict[str, str], tell: Meter) -> tuple[str, RenderStatus]:
        """Submit and follow a render. One that was left behind is come back to if it is of the same film."""
        same = json.dumps([timeline.draft, output], sort_keys=True)
        if self._left_behind is None or self._left_behind[1] != same:
            self._left_behind = (await self._service.submit_render(self.id, timeline.draft, output), same)
        render_id = self._left_behind[0]
        try:
            status = await self._follow(render_id, tell)
        except errors.RenderFailed:
            self._left_behind = None
            raise
        self._left_behind = None
        return render_id, status

    async def _follow(self, render_id: str, tell: Meter) -> RenderStatus:
        deadline = time.monotonic() + settings.EXPORT_TIMEOUT_S
        pause_s = min(settings.poll_s(), 0.2) if self.backend.is_local else settings.poll_s()
        misses = 0
        while time.monotonic() < deadline:
            try:
                status = await self._service.render_status(render_id)
            except errors.SessionNotFound:
                self._left_behind = None
                raise
            except (errors.NetworkError, errors.ServiceError):
                misses += 1  # the render goes on, whatever a single look at it says
                if misses > _POLL_MISSES:
                    raise
            else:
                misses = 0
                if status.status == "completed" and status.url:
                    tell.at(1.0)
                    return status
                if status.status not in {"pending", "processing", "unknown"}:
                    reason = f": {redact(status.message)}" if status.message else "."
                    raise errors.RenderFailed(f"The export ended as {status.status}{reason}")
                tell.at(status.progress / 100, left_s=status.eta_s)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * _POLL_GROWTH, _POLL_MAX_S[self.backend.is_local])
        raise errors.DeadlineExceeded("The export took too long.")

    async def _poster(self, status: RenderStatus) -> bytes:
        if not status.poster_url:
            return b""
        try:
            return await self._service.fetch_small(status.poster_url)
        except errors.NemoError:
            return b""  # a poster is an ornament: the film is there
