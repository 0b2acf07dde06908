"""Questions about the film, answered from the film."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from nemo_notebook.agent.history import last_change
from nemo_notebook.agent.match import Asked, Match
from nemo_notebook.agent.replies import reply
from nemo_notebook.film.drafting import MUSIC
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.fields import Filter, Mood, TransitionKind, VisualizerStyle
from nemo_notebook.film.phrasing import nice_title
from nemo_notebook.film.scoring import tempo_of
from nemo_notebook.film.target import name_of, of_kind
from nemo_notebook.film.telling import Told

Answer = Iterable[Edit]


def length(m: Match) -> Answer:
    """How long something is."""
    ids = [media for kind in ("file", "song", "speech") for each in m.values(kind) if each for media in each]
    item = next((item for item in m.situation.media if item.id in ids), None)
    if item is None and m.has("speech") and not m.has("film", "all"):
        item = next((item for item in m.situation.media if item.content == "speech"), None)
    if item is not None and item.duration_ms:
        _say("length_of", name=item.filename, long=item.duration_ms)
    photos = of_kind(m.film, "photo")
    if m.has("photo") and photos:
        _say("length_of_photos", long=round(sum(part["d"] for part in photos) / len(photos)))
    if m.has("title", "letters", "title_text") and (titles := m.parts(m.titles(), "title")):
        _say("length_of", name=name_of(titles[0], m.situation), long=titles[0]["d"])
    if m.has("shot", "cuts") and m.film.shots:
        return shots(m)
    if not m.film.end_ms:
        _say("no_film")
    _say("length", long=m.film.end_ms)
    return []


def what(m: Match) -> Answer:
    """What there is, in the film or to choose from."""
    offered = {"filter": Filter, "transition": TransitionKind, "visualizer": VisualizerStyle, "mood": Mood}
    if m.has("tempo", "bpm"):
        return tempo(m)
    if m.has("what", "can_you", "how_many"):
        for concept, table in (("look", "filter"), ("join", "transition"), ("visualizer", "visualizer")):
            if m.has(concept, table):
                names = get_args(offered[table])
                _say(f"offers_{table}", names=[Told({"en": f"{{v:{table}}}"}, v=name) for name in names])
    if m.has("music", "song"):
        return music(m)
    if m.has("title") and (titles := of_kind(m.film, "title")):
        _say("titles", names=[Told("target.quoted", text=name_of(part, m.situation)) for part in titles], n=len(titles))
    if m.has("shot", "clip", "photo", "cuts"):
        return shots(m)
    if m.has("shape", "size"):
        width, height = m.film.canvas
        _say("size", width=width, height=height)
    _say("help")
    return []


def tempo(m: Match) -> Answer:
    """How fast the music is."""
    found = tempo_of(m.film, m.situation)
    found = found or next((item.tempo for item in reversed(m.situation.media) if item.tempo), None)
    _say("tempo", bpm=round(found)) if found else _say("no_tempo")
    return []


def music(m: Match) -> Answer:
    """What is heard."""
    parts = m.film.segments(*MUSIC)
    if not parts:
        _say("no_music")
    song = parts[0].upload(m.situation)
    name = nice_title(song) if song is not None else str(parts[0].meta.get("name") or "")
    _say("music_song" if song is not None else "music_composed", name=name, volume=parts[0].volume)
    return []


def shots(m: Match) -> Answer:
    """How many shots there are."""
    count = len(m.film.shots)
    _say("shots", n=count, each=m.film.end_ms // count) if count else _say("no_film")
    return []


def changed(m: Match) -> Answer:
    """What was changed last."""
    told = last_change(m.situation)
    _say("changed", told=told) if told else _say("unchanged")
    return []


def watermark(m: Match) -> Answer:
    """Whether there will be a watermark."""
    _say("watermark")
    return []


def _say(name: str, /, **values: object) -> None:
    raise Asked(reply(name, **values), asks=False)
