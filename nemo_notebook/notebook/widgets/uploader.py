"""Files from the browser into the session: dropped, picked or pasted, in pieces, over the kernel's own connection."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import traitlets

from nemo_notebook import errors, media_types
from nemo_notebook.files import check_room
from nemo_notebook.notebook.execution import session_here
from nemo_notebook.notebook.widgets import incoming
from nemo_notebook.notebook.widgets.part import PIECE_BYTES, PageAnswer, PanelPart, Refresh, problem
from nemo_notebook.session.backend import engine_installed
from nemo_notebook.session.core import Arrived, Progressed, Settled
from nemo_notebook.session.results import Media, Progress
from nemo_notebook.session.sync import Session
from nemo_notebook.session.uploads import check_facts

_APART_S: Final = 0.25  # between two words on how far something is
_MOST_CHECKED: Final = 1000
_MOST_TRANSFERS: Final = 64
_MOST_NAMED: Final = 4000  # that wait, or were lost
# Of a refusal, for a line that tells of many.
_KINDS: Final[dict[type[errors.NemoError], str]] = {
    errors.UnsupportedMedia: "type",
    errors.MediaTooLarge: "large",
    errors.DiskFull: "large",
    errors.FileMissing: "empty",
}


class Uploader(PanelPart, files=("uploader",)):
    """A place to drop songs, clips and pictures, and the list of what the session has.

    Whatever comes into the session by another way, such as `%nemo upload`, is listed as well; and so is what an earlier
    uploader over the session has left unfinished.

    Args:
        session: The session that is worked on; that of the magics without.
    """

    max_mb = traitlets.Int().tag(sync=True)
    is_local = traitlets.Bool().tag(sync=True)
    endings = traitlets.Unicode().tag(sync=True)
    piece_bytes = traitlets.Int(PIECE_BYTES).tag(sync=True)

    def __init__(self, session: Session | None = None) -> None:
        self._media: dict[str, Media] = {}
        self._look_again = Refresh(self._tell_new)
        session = session or session_here()  # what is heard of it needs the desk
        self._table = incoming.transfers_of(session.id)
        self._changing = self._table.changing
        is_local = session.backend.is_local
        max_mb = 0 if is_local else session.skill.max_size_mb
        super().__init__(session, endings=_endings(), is_local=is_local, max_mb=max_mb)
        self._table.hearers[self.part_id] = self.tell

    def close(self) -> None:
        """Leave the page. What the backend is being sent goes on; what still came from here has to be chosen again."""
        self._table.hearers.pop(self.part_id, None)
        with self._changing:
            self._lose(each for each in self._table.transfers.values() if each.part == self.part_id)
        super().close()

    # From the page: before a byte is sent

    def do_check(self, files: list[incoming.FileFacts]) -> list[dict[str, Any]]:
        """Hold files that were chosen against the rules, by what a page knows of them."""
        told: list[dict[str, Any]] = []
        coming_bytes = 0
        for facts in files[:_MOST_CHECKED]:
            kind = media_types.kind(facts.safe_name)
            row: dict[str, Any] = {"name": facts.safe_name, "kind": kind, "is_media": kind != "other"}
            try:
                self._check(facts, coming_bytes)
            except errors.NemoError as error:
                row |= problem(error) | {"why": _KINDS.get(type(error), "other")}
            else:
                coming_bytes += facts.size
                self._expect(facts)
            told.append(row)
        return told

    def _expect(self, facts: incoming.FileFacts) -> None:
        """Know of a file before its turn comes: if its page goes meanwhile, the next one can tell."""
        with self._changing:
            known = self._table.transfers
            if facts.id and facts.id not in known and len(known) < _MOST_NAMED:
                known[facts.id] = incoming.Transfer(
                    facts.id, facts.safe_name, facts.size, part=self.part_id, state="queued"
                )

    def _check(self, facts: incoming.FileFacts, others_bytes: int = 0) -> None:
        is_local = self.session.backend.is_local
        check_facts(facts.safe_name, facts.size, self.session.skill, is_local=is_local)
        copies = 2 if is_local else 1  # the engine keeps its own on this disk
        check_room(facts.safe_name, facts.size, incoming.inbox(), copies=copies, reserved_bytes=copies * others_bytes)

    # From the page: a file in pieces

    def do_begin(self, content: incoming.FileFacts) -> dict[str, Any]:
        """Begin to take a file, or go on with it; tells which pieces are missing."""
        with self._changing:
            transfer = self._table.transfers.get(content.id)
            try:
                if transfer is None or not transfer.is_held or transfer.size_bytes != content.size:
                    transfer = self._new(content)
            except errors.InputError as error:
                return problem(error)
            assert transfer.incoming is not None
            if transfer.state != "sending":
                transfer.begin("receiving")
            self._tell(transfer)
            return {"missing": transfer.incoming.missing()}

    def _new(self, facts: incoming.FileFacts) -> incoming.Transfer:
        self._check(facts)
        known = self._table.transfers
        if sum(each.is_held for each in known.values()) >= _MOST_TRANSFERS:
            raise errors.InputError("Too many files are on their way.", hint="Wait for some of them to arrive.")
        if (other := known.get(facts.id)) is not None:
            other.release()
        file = incoming.IncomingFile(facts.safe_name, facts.size)
        known[facts.id] = incoming.Transfer(facts.id, facts.safe_name, facts.size, file, part=self.part_id)
        return known[facts.id]

    def do_piece(self, id_: str, number: int, crc32: int, buffers: Sequence[memoryview]) -> dict[str, Any]:
        """Take one piece, and send the file on with the last one; tells whether it came as it was sent."""
        transfer = self._table.transfers.get(id_)
        if transfer is None or transfer.incoming is None or transfer.state != "receiving" or len(buffers) != 1:
            return {"gone": True}
        try:
            is_right = transfer.incoming.take(number, crc32, buffers[0])
        except errors.InputError as error:
            self._stop(transfer, error)
            return {"gone": True}
        with self._changing:
            if transfer.state == "receiving":
                transfer.receive()
                if transfer.incoming.is_whole:
                    self._begin_sending(transfer)
                else:
                    self._tell(transfer, apart_s=_APART_S)
        return {"ok": is_right}

    def do_fetch(self, id_: str, url: str) -> dict[str, str]:
        """Have the backend fetch a file from an address."""
        try:
            transfer = incoming.Transfer(id_, incoming.url_name(url), url=url.strip(), part=self.part_id)
        except errors.UsageError as error:
            return problem(error)
        with self._changing:
            self._table.transfers[id_] = transfer
            self._begin_sending(transfer)
        return {}

    def do_retry(self, id_: str) -> None:
        """Send on again what has stopped on its way to the backend."""
        with self._changing:
            transfer = self._table.transfers.get(id_)
            if transfer is not None and transfer.state == "stopped" and transfer.can_send:
                self._begin_sending(transfer)

    def do_cancel(self, id_: str) -> None:
        """Stop something, and leave nothing of it behind."""
        transfer = self._table.transfers.get(id_)
        if transfer is None:
            return
        self._table.forget(transfer)
        sending = transfer.sending
        if sending is not None and not sending.done():
            sending.add_done_callback(lambda _: transfer.release())
            sending.cancel()
            if transfer.job:
                self.begin(self._settle(transfer.job))
        else:
            transfer.release()
        self._table.tell({"say": "gone", "id": transfer.id})

    def do_leave(self, ids: list[str]) -> None:
        """A page goes away: what it was bringing has to be chosen again."""
        with self._changing:
            known = self._table.transfers
            self._lose(known[each] for each in ids if each in known)

    def _lose(self, transfers: Iterable[incoming.Transfer]) -> None:
        for transfer in transfers:
            if transfer.lose():
                self._tell(transfer)

    async def do_look(self) -> PageAnswer:
        """What there is: all that a page needs that was just opened."""
        with self._changing:
            rows = [transfer.row() for transfer in self._table.transfers.values()]
        self._remember(await self.session.asynchronous.media())
        told, pictures = incoming.media_rows(self._media.values())
        return PageAnswer({"transfers": rows, "media": told}, pictures)

    # On to the backend

    def _begin_sending(self, transfer: incoming.Transfer) -> None:
        transfer.begin("sending")
        self._tell(transfer)
        transfer.sending = self.begin(self._hand_on(transfer))

    async def _hand_on(self, transfer: incoming.Transfer) -> None:
        def on_progress(progress: Progress) -> None:
            transfer.send(progress)
            self._tell(transfer, apart_s=_APART_S)

        try:
            media = await self.session.asynchronous.upload(transfer.what, on_progress=on_progress)
        except asyncio.CancelledError:
            transfer.release()
            raise
        except Exception as error:
            self._stop(transfer, error)
            if not isinstance(error, errors.NemoError):
                raise  # one of ours: the log is to tell
        else:
            self._table.forget(transfer)
            transfer.release()
            told, pictures = incoming.media_rows(media)
            self._table.tell({"say": "media", "media": told, "id": transfer.id}, pictures)

    async def _settle(self, job: str) -> None:
        with contextlib.suppress(errors.UsageError):  # it has arrived meanwhile
            await self.session.asynchronous.cancel(job)

    def _stop(self, transfer: incoming.Transfer, error: Exception) -> None:
        with self._changing:
            if self._table.transfers.get(transfer.id) is not transfer:
                return  # it was cancelled
            transfer.stop(error)
        self._tell(transfer)

    # To the page

    def _tell(self, transfer: incoming.Transfer, *, apart_s: float = 0.0) -> None:
        """Tell how far a transfer is, unless that was told a moment ago."""
        now_s = time.monotonic()
        if now_s >= transfer.told_s + apart_s:
            transfer.told_s = now_s
            self._table.tell({"say": "transfer", "row": transfer.row()})

    def _tell_media(self, media: Iterable[Media]) -> None:
        told, pictures = incoming.media_rows(self._remember(media))
        self.tell({"say": "media", "media": told, "id": ""}, pictures)

    # From the session: what comes by other ways

    def on_arrived(self, news: Arrived) -> None:
        """Media came in, from wherever."""
        self._tell_media(news.media)
        self.begin(self._look_again())

    def on_progressed(self, news: Progressed) -> None:
        """An upload is so far; it may be one of a cell."""
        progress = news.progress
        if progress.stage != "upload" or not progress.job:
            return
        own = [each for each in tuple(self._table.transfers.values()) if each.state == "sending"]
        if any(progress.job == each.job or progress.note == each.name for each in own):
            return
        row = {"id": progress.job, "name": progress.note, "kind": media_types.kind(progress.note), "size": 0}
        row |= {"state": "sending", "stage": "upload", "done": progress.done, "left_s": progress.left_s}
        self.tell({"say": "transfer", "row": {**row, "is_elsewhere": True}})

    def on_settled(self, news: Settled) -> None:
        """An upload has ended."""
        if news.job.kind == "upload" and not news.job.is_open:
            self.tell({"say": "gone", "id": news.job.id})

    async def _tell_new(self) -> None:
        """Look for what came, with its thumbnails."""
        self._tell_media(await self.session.asynchronous.media())

    def _remember(self, media: Iterable[Media]) -> list[Media]:
        """Note what the session has; gives what of it is new, or has a thumbnail now."""
        new: list[Media] = []
        for each in media:
            key = incoming.media_key(each)
            known = self._media.get(key)
            if known is None or (each.thumbnail and each.thumbnail != known.thumbnail):
                self._media[key] = each
                new.append(each)
        return new


def _endings() -> str:
    """The endings that a file dialog offers."""
    known = ("jpeg", *(media_types.TYPES if engine_installed() else media_types.ACCEPTED))
    return ",".join(f".{each}" for each in known)
