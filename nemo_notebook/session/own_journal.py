"""What is begun at a real backend while a tape is in use is noted in the user's own journal, too, by its real ids.

Sessions on a tape read what they show from the tape's journal only: so it is the same wherever the tape is played.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from weakref import WeakKeyDictionary

from nemo_notebook import clock, errors, settings
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.records import Job, SessionRecord
from nemo_notebook.tapes import deck as decks
from nemo_notebook.tapes.deck import Deck

_LOG: Final = logging.getLogger("nemo_notebook.journal")
_own_jobs: Final[WeakKeyDictionary[Deck, dict[str, Job]]] = WeakKeyDictionary()  # of tapes, by the tape's names of jobs


def new_journal() -> Journal:
    """Where a session that is opened now notes what it begins."""
    deck = decks.current()
    is_live = deck is not None and (deck.tape is None or deck.reach is not None)
    return TapeJournal(deck) if deck is not None and is_live else Journal()


class TapeJournal(Journal):
    """The journal of a tape that may have a backend behind it.

    Args:
        deck: The tape.
    """

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck.home)
        self._deck = deck
        self._own = Journal(settings.home(), clock.MACHINE)
        self._own_jobs = _own_jobs.setdefault(deck, {})
        self._sessions: set[str] = set()  # that are in the user's own journal by now

    def note_session(self, session: SessionRecord) -> None:
        """Keep a session in both."""
        super().note_session(session)
        if self._deck.is_going_on:
            self._note_own(session)

    def begin(
        self, kind: str, session_id: str, title: str, detail: Mapping[str, Any], job_id: str | None = None
    ) -> Job:
        """Note in both that something is about to be sent."""
        job = super().begin(kind, session_id, title, detail, job_id)
        if self._deck.is_going_on:
            self._begin_own(job)
        return job

    def settle(self, job: Job, state: str, **detail: Any) -> Job:
        """Note in both how something ended."""
        try:
            if self._deck.is_going_on and job.id not in self._own_jobs:
                self._begin_own(job)  # with it, the tape was gone on with
        except errors.InputError as error:  # what was done stands, as in the other journal
            _LOG.warning("%s", error)
        if own := self._own_jobs.get(job.id):
            self._own_jobs[job.id] = self._own.settle(own, state, **self._deck.names.real(detail))
        return super().settle(job, state, **detail)

    def bury(self, session_id: str) -> None:
        """Note in both that a session has ended."""
        super().bury(session_id)
        if self._deck.is_going_on:
            self._own.bury(self._deck.names.real(session_id))

    def _begin_own(self, job: Job) -> None:
        real = self._deck.names.real
        own_id = real(job.id) if job.kind == "render" else None
        own = self._own.job(own_id) if own_id else None  # begun while the tape was recorded
        if own is None:
            session = self.session(job.session_id) if job.session_id not in self._sessions else None
            if session:  # it was opened while the tape was played
                self._note_own(session)
            own = self._own.begin(job.kind, real(job.session_id), real(job.title), real(job.detail), own_id)
        self._own_jobs[job.id] = own

    def _note_own(self, session: SessionRecord) -> None:
        names, tape_id = self._deck.names, session.id
        self._own.place = self.place
        ids = {name: names.real(getattr(session, name)) for name in ("id", "task_id", "user_id")}
        backend = self._deck.url if session.backend == decks.SERVICE else session.backend
        known = self._own.session(ids["id"])
        if known is not None:  # the tape knows less of it
            session, backend = replace(known, name=session.name or known.name), known.backend
        self._own.note_session(replace(session, **ids, backend=backend, begun_s=0.0))
        self._sessions.add(tape_id)
