"""Talk, and wishes that cannot be met; the sentences stand in `languages/`."""

from __future__ import annotations

from typing import Final, NoReturn

from nemo_notebook.agent.match import Asked, Edits, Match, reply
from nemo_notebook.agent.wishes import titles
from nemo_notebook.film.draft import MUSIC
from nemo_notebook.film.wording import Told

_SMALL: Final = ("insult", "never_mind", "bye", "thanks", "praise", "hello", "hold_on", "okay")
_NEAR: Final = {  # what is meant where the words of a broad topic say more
    "recording": ((("hiss",), "denoise"), (("noise_of",), "sounds"), (("music", "song"), "stems")),
    "web": ((("post", "friend", "platform"), "upload"), (("music", "song"), "famous")),
}


def small(m: Match) -> Edits:
    """Answer a greeting, thanks and the like."""
    said = next((name for name in _SMALL if m.has(name)), "okay")
    begun = "film" if m.film.end_ms else "media" if m.situation.media else "none"
    _say(f"hello_{begun}" if said == "hello" else said, **suggestions(m))


def vague(m: Match) -> Edits:
    """Suggest something where somebody is not pleased and does not say with what."""
    asked = "opinion" if m.has("opinion") else "vague"
    _say(asked if m.film.end_ms else "hello_media" if m.situation.media else "hello_none", **suggestions(m))


def stay(m: Match) -> Edits:
    """Leave something as it is."""
    return []


def unable(m: Match) -> Edits:
    """Say what cannot be done, and what can instead."""
    topic = m.value("unable") or m.value("manner") or m.value("unfit")
    near = (near for concepts, near in _NEAR.get(topic, ()) if m.has(*concepts))
    _say(f"unable_{next(near, topic)}")


def ask(m: Match) -> Edits:
    """Ask for what a wish lacks; where something goes behind new words is said of them: "写…… 放片尾"."""
    if any(edit.tag == "add_title" for edit in m.made[-1:]) and m.has("start", "finish", "file"):
        return titles.time(m)
    raise Asked(reply(m.value("ask")))


def suggestions(m: Match) -> dict[str, Told]:
    """Three things to say next that the film does not have yet."""
    film, music, shots = m.film, m.film.segments(*MUSIC), m.film.shots
    begun, has_song = film.end_ms > 0, any(item.content == "music" for item in m.situation.media)
    table = (
        ("video", not begun and has_song), ("row", not begun),
        ("slides", not begun), ("music", not music), ("faster", music and len(shots) > 1),
        ("look", shots and not film.meta.get("filter")),
        ("transition", len(shots) > 1 and not any(shot.meta.get("transition") for shot in shots)),
        ("title", not film.segments("title")), ("other_music", music), ("fade", True), ("look", True), ("title", True),
    )  # fmt: skip
    fitting = dict.fromkeys(name for name, fits in table if fits)
    return {place: reply(f"try_{name}") for place, name in zip("abc", fitting, strict=False)}


def _say(name: str, /, **values: object) -> NoReturn:
    raise Asked(reply(name, **values), asks=False)
