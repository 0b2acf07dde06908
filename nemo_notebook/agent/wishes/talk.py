"""Talk, and wishes that cannot be met; the sentences stand in `languages/`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NoReturn

from nemo_notebook.agent.match import Asked, Match
from nemo_notebook.agent.replies import reply
from nemo_notebook.film.drafting import MUSIC
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.telling import Told

Answer = Iterable[Edit]
_SMALL: Final = ("insult", "never_mind", "bye", "thanks", "praise", "hello", "hold_on", "okay")


def small(m: Match) -> Answer:
    """Answer a greeting, thanks and the like."""
    said = next(name for name in _SMALL if m.has(name))
    if said == "hello" and not m.film.end_ms:
        a, b, c = suggestions(m)
        _say("hello", a=a, b=b, c=c)
    _say("hello_film" if said == "hello" else said)


def vague(m: Match) -> Answer:
    """Suggest something where somebody is not pleased and does not say with what."""
    a, b, c = suggestions(m)
    _say("vague", a=a, b=b, c=c)


def stay(m: Match) -> Answer:
    """Leave something as it is."""
    return []


def unable(m: Match) -> Answer:
    """Say what cannot be done, and what can instead."""
    _say(f"unable_{m.value('unable') or m.value('manner') or m.value('unfit')}")


def _unable(topic: str) -> Callable[[Match], Answer]:
    def refuse(m: Match) -> Answer:
        _say(f"unable_{topic}")

    return refuse


unfit = unable
unable_background, unable_denoise, unable_lipsync = map(_unable, ("background", "denoise", "lipsync"))
unable_objects, unable_people, unable_sounds = map(_unable, ("objects", "people", "sounds"))
unable_words = unable_subtitles = _unable("subtitles")
unable_upload = _unable("upload")


def suggestions(m: Match) -> list[Told]:
    """Three things to say next that the film does not have yet."""
    film, media, music, shots = m.film, m.situation.media, m.film.segments(*MUSIC), m.film.shots
    begun, has_song = film.end_ms > 0, any(item.content == "music" for item in media)
    table = (
        ("upload", not begun and not media), ("video", not begun and has_song), ("row", not begun), ("slides", not begun),
        ("music", not music), ("faster", bool(music) and len(shots) > 1), ("look", bool(shots) and not film.meta.get("filter")),
        ("transition", len(shots) > 1 and not any(shot.meta.get("transition") for shot in shots)),
        ("title", not film.segments("title")), ("other_music", bool(music)), ("fade", True), ("look", True), ("title", True),
    )  # fmt: skip
    return [reply(f"try_{name}") for name in list(dict.fromkeys(name for name, fits in table if fits))[:3]]


def _say(name: str, /, **values: object) -> NoReturn:
    raise Asked(reply(name, **values), asks=False)
