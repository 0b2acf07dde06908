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
unable_background, unable_lipsync, unable_objects = _unable("background"), _unable("lipsync"), _unable("objects")
unable_people, unable_sounds, unable_subtitles = _unable("people"), _unable("sounds"), _unable("subtitles")
unable_denoise, unable_upload = _unable("denoise"), _unable("upload")
unable_words = unable_subtitles


def suggestions(m: Match) -> list[Told]:
    """Three things to say next that the film does not have yet."""
    film, media = m.film, m.situation.media
    has_song = any(item.content == "music" for item in media)
    music, shots = film.segments(*MUSIC), film.shots
    table = {
        "upload": not film.end_ms and not media,
        "video": not film.end_ms and has_song,
        "row": not film.end_ms and not (media and all(item.kind == "audio" for item in media)),
        "slides": not film.end_ms,
        "music": not music,
        "faster": bool(film.end_ms and music and len(shots) > 1),
        "look": bool(shots and not film.meta.get("filter")),
        "transition": len(shots) > 1 and not any(shot.meta.get("transition") for shot in shots),
        "title": not film.segments("title"),
        "other_music": bool(music),
        "fade": not film.meta.get("fade_out_ms"),
    }
    fitting = [name for name, fits in table.items() if fits]
    return [reply(f"try_{name}") for name in (*fitting, "title", "fade", "look")[:3]]


def _say(name: str, /, **values: object) -> NoReturn:
    raise Asked(reply(name, **values), asks=False)
