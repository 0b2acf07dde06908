"""A conversation with the agent, and uploads to have it about."""

from __future__ import annotations

from nemo_notebook.agent.steps import Outcome
from nemo_notebook.agent.turn import respond
from nemo_notebook.film.edit import to_json, touched_by
from nemo_notebook.film.model import MediaItem, Situation, Version
from nemo_notebook.film.tracks import read_segments

BEATS = tuple(round(500 * k + 130) for k in range(40))
ENERGY = (0.2,) * 5 + (0.6,) * 5 + (1.0,) * 7 + (0.3,) * 3
SONG = MediaItem("s1", "my_song_final.mp3", "audio", 20_000, 0, 0, True, BEATS, BEATS[::4], 120.0, ENERGY)
CITY = MediaItem("c1", "city.mp4", "video", 8000, 1920, 1080, has_audio=False)
SEA = MediaItem("c2", "sea.mp4", "video", 6000, 1920, 1080, has_audio=True)
PHOTOS = tuple(MediaItem(f"p{n}", f"photo{n}.jpg", "image", 0, 2000, 1500) for n in (1, 2, 3))
UPLOADS = {
    "song+clips": (SONG, CITY, SEA),
    "clips": (CITY, SEA),
    "clip": (CITY,),
    "song": (SONG,),
    "photos": PHOTOS,
    "photos+song": (*PHOTOS, SONG),
    "all": (SONG, CITY, SEA, *PHOTOS),
    "nothing": (),
}


def kept(earlier: list[dict], draft: dict, outcome: Outcome) -> tuple[list[dict], dict]:
    """Earlier drafts and the present one after a turn, as the engine's store has them.

    Before the first draft there is none; after an undo those that it took back are gone.
    """
    states = [*earlier, draft] if draft or earlier else []
    new = dict(outcome.draft)
    if new == draft:
        return earlier, draft
    if outcome.moves and new in states:
        last = max(at for at, state in enumerate(states) if state == new)
        return states[:last], new
    return states, new


class Talk:
    """A conversation, with the drafts that came of it."""

    def __init__(self, uploads: str, *turns: str, language: str | None = None) -> None:
        self.media = UPLOADS[uploads]
        self.language = language
        self.draft: dict = {}
        self.earlier: list[dict] = []
        self.recent: list[Version] = []
        self.replies: list[str] = []
        self.asked: tuple[str, ...] = ()
        for turn in turns:
            self.say(turn)

    def say(self, message: str) -> Outcome:
        before = self.earlier[-1] if self.earlier else {}
        touched = touched_by(before, self.draft)
        situation = Situation(
            self.draft, self.media, tuple(self.earlier), self.language, 7,
            asked=self.asked, touched=touched, recent=tuple(self.recent),
        )  # fmt: skip
        outcome = respond(message, situation)
        self.asked = (message, *outcome.choices) if outcome.asks else ()
        assert outcome.reply.strip()
        if outcome.draft is not self.draft:
            edits = [to_json(edit) for edit in outcome.made]
            self.recent.append(Version("chat", message, outcome.reply, edits, len(self.media), outcome.language))
        self.earlier, self.draft = kept(self.earlier, self.draft, outcome)
        self.replies.append(outcome.reply)
        return outcome

    def kind(self, kind: str) -> list:
        return [segment for segment in read_segments(self.draft) if segment.kind == kind]

    def role(self, role: str) -> list:
        return [segment.raw for segment in read_segments(self.draft) if segment.raw.get("m", {}).get("role") == role]

    @property
    def end_s(self) -> float:
        return max((s.end_ms for s in read_segments(self.draft)), default=0) / 1000

    @property
    def title(self):
        (title,) = self.kind("text")
        return title

    @property
    def music(self):
        return self.kind("audio")[-1]

    @property
    def size(self) -> tuple[int, int]:
        return self.draft["m"]["width"], self.draft["m"]["height"]
