"""The timeline, alive: lanes of blocks that are dragged, resized, retitled, made louder and deleted.

The page shows an edit at once and asks for it here; it is put back if it cannot be. Its module is in pieces, each of
which knows those before it: what a timeline is, how it is drawn, where and when one is, what is done to it and by what
means, and `view.js`, which puts them together and is what the others call `part`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, ClassVar, Final

import traitlets

from nemo_notebook import errors
from nemo_notebook.film.draft import Json
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.notebook.widgets.part import Part, module, style
from nemo_notebook.notebook.widgets.timeline.lanes import tell_lanes, tell_sounds
from nemo_notebook.notebook.widgets.timeline.wishes import edits_of_wishes, read_wishes, refused
from nemo_notebook.notebook.widgets.timeline.words import WORDS
from nemo_notebook.session.draft_history import same
from nemo_notebook.session.event_bus import Moved
from nemo_notebook.session.results import Reply
from nemo_notebook.session.sync import Session

_MOST_TOLD: Final = 5
_DRAWING: Final = ("measures", "sheet", "waves", "blocks", "rulers", "paint")
_PIECES: Final = ("model", *_DRAWING, "scale", "playhead", "edits", "titles", "hand", "sides", "menu", "keys", "view")


class TimelineView(Part):
    """The timeline of a session as lanes in which it is edited.

    Args:
        session: The session that is worked on; that of the magics without.
        traits: What its own traits begin with.

    Attributes:
        selected: The id of the selected segment, as in the column `segment` of the table; empty without one.
        playhead_s: Where the playhead is, in seconds.
    """

    _esm = module(*(f"timeline/{name}" for name in _PIECES))
    _css = style("timeline/view")
    WORDS: ClassVar[Mapping[str, tuple[str, str]]] = WORDS

    selected = traitlets.Unicode().tag(sync=True)
    playhead_s = traitlets.Float(0.0, min=0.0).tag(sync=True)

    def __init__(self, session: Session | None = None, **traits: Any) -> None:
        self._timeline: Timeline | None = None
        self._revision = 0
        super().__init__(session, **traits)

    # From the page

    async def do_look(self, _: Mapping[str, Any], __: Sequence[memoryview]) -> dict[str, Any]:
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

    async def do_edit(self, content: Mapping[str, Any], _: Sequence[memoryview]) -> dict[str, Any]:
        """Change the timeline as the page shows it already.

        Raises:
            InputError: It cannot be so; the message tells why, by the segments' names.
            Conflict: The timeline is another than the page has edited; the page is told the newer one before.
        """
        timeline = self._timeline
        if timeline is None or content.get("revision") != self._revision:
            raise errors.Conflict(self.word("changed meanwhile"), hint=self.word("do it again"))
        wishes = read_wishes(content.get("changes"))

        def edits(draft: Json, media: Sequence[MediaItem]) -> Sequence[Edit]:
            if not same(draft, timeline.draft):
                raise errors.Conflict(self.word("changed meanwhile"))
            return edits_of_wishes(timeline, wishes, media)

        try:
            reply = await self.session.asynchronous.edit(edits)
        except (errors.InvalidTimeline, errors.InvalidEdit) as error:
            raise errors.InputError(refused(error), hint=self.word("put back")) from error
        except errors.Conflict as error:
            self._take(await self.session.asynchronous.timeline(), ())
            raise errors.Conflict(self.word("changed meanwhile"), hint=self.word("do it again")) from error
        return self._done(reply)

    async def do_undo(self, _: Mapping[str, Any], __: Sequence[memoryview]) -> dict[str, Any]:
        """Take the last edit back, whoever has made it."""
        return await self._step(self.session.asynchronous.undo())

    async def do_redo(self, _: Mapping[str, Any], __: Sequence[memoryview]) -> dict[str, Any]:
        """Make an edit that was taken back once more."""
        return await self._step(self.session.asynchronous.redo())

    async def _step(self, step: Awaitable[Reply]) -> dict[str, Any]:
        try:
            return self._done(await step)
        except errors.UsageError as error:  # there is nothing to undo, or to redo
            return self._answer_with([error.message])

    def do_words(self, content: Mapping[str, Any], _: Sequence[memoryview]) -> dict[str, Any]:
        """The whole text of a segment, where the page has but its beginning."""
        tracks = self._timeline.tracks if self._timeline else ()
        texts = (s.text for track in tracks for s in track.segments if s.id == content.get("segment"))
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
        has_sounds = before is None or before.sounds != timeline.sounds or tell_sounds(before) != tell_sounds(timeline)
        content = self._told(timeline, has_sounds=has_sounds)
        self.tell({"say": "timeline", **content, "words": list(words[:_MOST_TOLD])})

    def _told(self, timeline: Timeline, *, has_sounds: bool) -> dict[str, Any]:
        steps = self.session.asynchronous.steps
        told = {"revision": self._revision, "steps": steps, **tell_lanes(timeline, self.spoken)}
        return {**told, "sounds": tell_sounds(timeline)} if has_sounds else told
