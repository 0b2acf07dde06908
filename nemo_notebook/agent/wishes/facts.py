"""Questions about the film, the uploads and the editor, answered from the film; the sentences stand in `languages/`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final, NoReturn, get_args

from nemo_notebook.agent.frames import topics
from nemo_notebook.agent.history import last_change
from nemo_notebook.agent.match import Asked, Match
from nemo_notebook.agent.replies import reply
from nemo_notebook.film import fields
from nemo_notebook.film.drafting import MUSIC, SHOTS, SOUNDS, SPEECH, Part
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.phrasing import nice_title, stem
from nemo_notebook.film.scoring import mood_of, tempo_of
from nemo_notebook.film.soundtrack import duck_of, part_start_ms
from nemo_notebook.film.target import name_of, of_kind
from nemo_notebook.film.telling import Told

Answer = Iterable[Edit]
_MOST: Final = 8  # things that are named
_TITLES: Final = ("title", "title_text", "letters", "lyrics", "lowerthird")
_LOOKS: Final = ("look", "filter", "colors")
_JOINS: Final = ("join", "transition")
_DRAWN: Final = ("visualizer", "visual", "palette")
_SHAPES: Final = ("shape", "aspect", "platform", "resolution", "size")
_OFFERED: Final = ("offered", "can_you", "other", "another", "how_many", "option", "all")
_CHOICES: Final = {
    "filter": fields.Filter, "transition": fields.TransitionKind, "visualizer": fields.VisualizerStyle,
    "mood": fields.Mood, "palette": fields.Palette, "title_position": fields.Position,
}  # fmt: skip


# How long, how many, how fast.


def length(m: Match) -> Answer:
    """How long something is."""
    item, sounds = _named(m), _sounds(m, "song" if m.has("song", "music") else "speech")
    if item is not None and item.duration_ms and not m.has("see", "photo"):
        _say("length_of", name=item.filename, long=item.duration_ms)
    shown = [part["d"] for part in m.film.shots if item is not None and part.meta.get("media") == item.id]
    if item is not None and shown:
        _say("length_seen", name=item.filename, long=sum(shown))
    if m.has("song", "music", "speech") and not m.has("film", "whole") and sounds:
        upload = sounds[0].upload(m.situation)
        _say("length_of", name=name_of(sounds[0], m.situation), long=upload.duration_ms if upload else sounds[0]["d"])
    parts = m.parts(m.titles(), "title") if m.has(*_TITLES) else m.parts(m.shots()) if _is_numbered(m) else []
    if parts:
        _say("length_of", name=name_of(parts[0], m.situation), long=parts[0]["d"])
    if m.has("photo") and (photos := of_kind(m.film, "photo")):
        _say("length_of_photos", long=sum(part["d"] for part in photos) // len(photos))
    _film(m)
    long = [part["d"] for part in m.film.shots]
    if long and m.has("shot", "cuts", "every") and not m.has("film", "musicvideo"):
        _say("length_of_shots", long=sum(long) // len(long), short=min(long), longest=max(long))
    _say("length", long=m.film.end_ms)


length_of = shots_length = length


def count(m: Match) -> Answer:
    """How many of something there are."""
    if m.has("uploaded", "uploads"):
        return uploads(m)
    things = (*_TITLES, *_LOOKS, *_JOINS, *_DRAWN, "mood", "position", "animation", "song", "music")
    if m.has(*things) and not m.has("cuts"):
        return about(m)
    _film(m)
    for kind in () if m.has("cuts", "shot") else ("photo", "clip"):
        if m.has(kind):
            names = _names(m, of_kind(m.film, kind))
            _say(f"{kind}s", n=len(names), names=names[:_MOST]) if names else _say(f"no_{kind}s")
    if m.has("cuts", "join") and len(m.film.shots) > 1:
        _say("cuts", n=(n := len(m.film.shots)), cuts=n - 1, each=m.film.end_ms // n)
    return _shots(m)


def tempo(m: Match) -> Answer:
    """How fast the music is."""
    songs = (item.tempo for item in reversed(m.situation.media) if item.tempo)
    found = tempo_of(m.film, m.situation) or next(songs, None)
    return _say("tempo", bpm=round(found)) if found else _say("no_tempo" if _sounds(m, "music") else "no_music")


def volume(m: Match) -> Answer:
    """How loud the music or a voice is."""
    return _voice(m) if m.has("speech") and m.film.segments(*SPEECH) else heard(m)


def size(m: Match) -> Answer:
    """Which shape and size the picture has, or could have."""
    if m.has(*_TITLES):
        return _title_now(m)
    if m.has(*(name for name in _OFFERED if name != "how_many")) or not m.film.end_ms:
        _say("offers_shape", names=[name for name in get_args(fields.Aspect) if name not in ("16:9", "9:16", "1:1")])
    width, height = m.film.canvas
    shape = "horizontal" if width > height else "vertical" if height > width else "square"
    _say("size", shape=shape, width=width, height=height, ratio=f"{Fraction(width, height)}".replace("/", ":"))


# What there is.


def about(m: Match) -> Answer:
    """What the film has of something, or what there is to choose from."""
    if m.has("animation", "animated", "position"):
        _say("offers_animation") if not m.has("position") else places(m)
    if m.has("style") or (m.has("size", "color", "colors", "bigger") and m.has(*_TITLES)):
        return _title_now(m)
    table = (
        (("music", "song", "genre"), heard), (_DRAWN, _visualizer), (_JOINS, _transitions), (("mood",), _moods),
        (_TITLES, _titles), (_SHAPES, size), (("length",), length), (("tempo", "beat"), tempo), (("cuts",), count),
    )  # fmt: skip
    return next((answer for concepts, answer in table if m.has(*concepts)), _look)(m)


def there(m: Match) -> Answer:
    """What there is of something that the question names in one word with itself."""
    what = {"music": heard, "title": _titles, "look": _look, "transition": _transitions, "voice": _voice,
            "size": size, "all": contents, "order": _order}  # fmt: skip
    return what[m.value("there")](m)


def places(m: Match) -> Answer:
    """Where titles can stand."""
    _say("offers_position", names=_offers("title_position"))


def contents(m: Match) -> Answer:
    """What is seen and heard, or in which order."""
    _film(m)
    if m.film.shots and m.edge() and not m.has("order"):
        part = m.film.shots[0 if m.edge() == "start" else -1]
        _say("seen_once", name=name_of(part, m.situation), start=part.start_ms, end=part.end_ms)
    if m.has("order", "after"):
        return _order(m)
    if _named(m) is not None:
        return where(m)
    if m.has("shot", "file") or (m.has("photo", "clip") and not m.has("film")):
        return count(m)
    titles = [_quote(name_of(part, m.situation)) for part in of_kind(m.film, "title")]
    music = _sounds(m, "music")
    drawn = [_word("visualizer", str(part.meta.get("style"))) for part in m.film.segments("visualizer")]
    shown: Sequence[str | Told] = _names(m, m.film.shots) or drawn or ["–"]
    told = reply("heard_music", name=_music_name(m, music[0])) if music else reply("heard_nothing")
    words = reply("has_titles", names=titles[:_MOST]) if titles else reply("has_no_titles")
    many = reply("in_shots", n=len(m.film.shots)) if len(m.film.shots) > len(shown) else ""
    _say("contents", long=m.film.end_ms, names=shown[:_MOST], shots=many, heard=told, titles=words)


def heard(m: Match) -> Answer:
    """What is heard, who made it, how loud it is."""
    if m.has("mood", "offered", "option", "other") or (m.has("genre") and not _sounds(m, "music")):
        return _moods(m)
    if m.has("where"):
        return where(m)
    if m.has("speech") and not m.has("music", "song"):
        return _voice(m)
    parts = _sounds(m, "music")
    if not parts:
        _say("no_music")
    song, bpm = parts[0].upload(m.situation), tempo_of(m.film, m.situation)
    if song is not None:
        by = reply("music_by", artist=song.artist) if song.artist else ""
        _say("music_song", name=nice_title(song), by=by, volume=parts[0].volume)
    mood, beat = mood_of(m.film) or _music_name(m, parts[0]), reply("music_bpm", bpm=round(bpm)) if bpm else ""
    return _say("music_composed", mood=mood, bpm=beat, volume=parts[0].volume)


who_made = heard


def where(m: Match) -> Answer:
    """When something is seen or heard."""
    if m.has("songpart", "chorus", "verse"):
        song = next(iter(m.film.segments("song")), None)
        item = song.upload(m.situation) if song is not None else None
        at_ms = part_start_ms(item, m.value("songpart") or "chorus") if item is not None else None
        if song is None or at_ms is None:
            _say("part_unknown")
        _say("part_at", at=max(0, at_ms - song.in_ms + song.start_ms))
    item, parts = _named(m), m.parts(m.shots()) if m.has("shot", "clip", "photo") else []
    if m.has(*_TITLES):
        parts = m.parts(m.titles(), "title")[:1]
    elif item is not None:
        parts = [part for part in m.film.segments(*SHOTS, *SOUNDS) if part.meta.get("media") == item.id]
    if not parts and m.has("music", "song", "speech"):
        parts = _sounds(m, "speech" if m.has("speech") else "music")
    if not parts and m.has(*_TITLES):
        return _titles(m)
    if not parts:
        return _say("not_seen", name=stem(item.filename)) if item is not None else contents(m)
    name = name_of(parts[0], m.situation) if parts[0].role != "title" else _quote(name_of(parts[0], m.situation))
    if len(parts) > 1 and parts[0].role not in SOUNDS:
        _say("seen_at", name=name, names=[Told({"en": "{at:clock}"}, at=part.start_ms) for part in parts[:_MOST]])
    key = "heard_at" if parts[0].role in SOUNDS else "seen_once"
    _say(key, name=name, start=parts[0].start_ms, end=parts[0].end_ms)


def changed(m: Match) -> Answer:
    """What was changed so far, or last."""
    said = [_quote(version.said) for version in m.situation.recent if version.said]
    if said and not m.has("last", "now"):
        _say("changes", names=said[-_MOST:])
    told = last_change(m.situation)
    return _say("changed", told=told) if told else _say("unchanged")


changed_asked = changed


def uploads(m: Match) -> Answer:
    """What was uploaded."""
    media = m.situation.media
    return _say("uploaded", names=[item.filename for item in media][:16]) if media else _say("uploaded_none")


def unused(m: Match) -> Answer:
    """Which uploads are not in the film."""
    used = {part.meta.get("media") for part in m.film.segments(*SHOTS, *SOUNDS)}
    names = [item.filename for item in m.situation.media if item.id not in used]
    if not names:
        return uploads(m) if not m.situation.media else _say("unused_none")
    _say("unused", n=len(names), names=names[:_MOST])


unused_asked = unused


# The editor itself.


def policy(m: Match) -> Answer:
    """Whether it is free, private, without a watermark, and so on."""
    _say(f"policy_{m.value('policy')}")


def help(m: Match) -> Answer:  # noqa: A001
    """What can be done, in general or with something."""
    if (topic := _topic(m)) not in ("", "trim", "order", "add", "speed", "volume", "undo", "export", "fade"):
        _say(f"how_{topic}")
    first = ("try_row", "try_music") if not m.film.end_ms else ("try_faster", "try_look")
    _say("help", a=reply(first[0]), b=reply(first[1]))


def how_to(m: Match) -> Answer:
    """What to say in order to get something."""
    topic = _topic(m)
    return _say(f"how_{topic}") if topic else help(m)


def ability(m: Match) -> Answer:
    """Whether something can be done at all."""
    topic = _topic(m)
    return _say("yes", told=reply(f"how_{topic}")) if topic else help(m)


def why(m: Match) -> Answer:
    """Why the film is as it is."""
    _film(m)
    music, shots, (width, height) = _sounds(m, "music"), m.film.shots, m.film.canvas
    on_music, is_cut = m.has("music", "song"), m.film.is_cut_to_music
    if m.has("speech") and not on_music:
        return _voice(m)
    table = (
        (m.has("no_music") or (on_music and not music), "no_music"),
        (m.has("order", "file", "ordinal") and not on_music and not m.has("long"), "why_order"),
        (m.has("hear", "mute", "clipsound") and is_cut and not on_music, "why_mute"),
        ((on_music or m.has("sound", "volume", "quieter", "louder")) and music, "why_quiet"),
        (m.has("fit", "shape", "size", "aspect", "trim", "bars"), "why_shape"),
        (m.has("cuts", "faster", "slower", "shot", "change") and len(shots) > 1 and is_cut, "why_cuts"),
        (m.has("long", "longer", "shorter", "length", "film", "time"), "why_length" if is_cut else "why_length_row"),
        (True, "why"),
    )
    duck = reply("why_duck") if music and duck_of(music[0]) is not None and m.film.segments(*SPEECH) else ""
    name, volume = (_music_name(m, music[0]), music[0].volume) if music else ("", 1.0)
    each, long = m.film.end_ms // max(1, len(shots)), m.film.end_ms
    key = next(key for fits, key in table if fits)
    _say(key, each=each, long=long, name=name, volume=volume, duck=duck, width=width, height=height)


# Parts of answers.


def _order(m: Match) -> Answer:
    _film(m)
    _say("order", names=[name_of(part, m.situation) for part in m.film.shots][:16])


def _look(m: Match) -> Answer:
    looks = [part.meta["filter"] for part in m.film.shots if part.meta.get("filter")]
    if m.has(*_OFFERED):
        _say("offers_look", names=_offers("filter"))
    if m.film.meta.get("filter"):
        _say("look_now", look=m.film.meta["filter"])
    return _say("look_shots", n=len(looks), look=looks[0]) if looks else _say("look_none", names=_offers("filter"))


def _transitions(m: Match) -> Answer:
    there = [(part.meta.get("transition") or {}).get("kind") for part in m.film.shots]
    names = [_word("transition", kind) for kind in dict.fromkeys(filter(None, there))]
    if names and not m.has(*_OFFERED):
        _say("transitions_now", names=names)
    _say("offers_transition" if m.has(*_OFFERED) else "transitions_none", names=_offers("transition"))


def _visualizer(m: Match) -> Answer:
    drawn = m.film.segments("visualizer")
    if m.has(*_OFFERED) or not drawn:
        key = "offers_visualizer" if m.has(*_OFFERED) else "visualizer_none"
        _say(key, names=_offers("visualizer"), palettes=_offers("palette"))
    palette = drawn[0].meta.get("palette")
    colors = reply("visualizer_colors", palette=palette) if palette else ""
    _say("visualizer_now", style=drawn[0].meta.get("style") or "bars", colors=colors)


def _moods(m: Match) -> Answer:
    _say("offers_mood", names=_offers("mood"))


def _offers(table: str) -> list[Told]:
    return [_word(table, name) for name in get_args(_CHOICES[table])]


def _title_now(m: Match) -> Answer:
    titles = m.parts(m.titles(), "title")
    if not titles:
        _say("offers_size")
    own = titles[0].meta
    values = {"size": "medium", "color": "#ffffff", "position": "center"}
    _say("title_now", text=name_of(titles[0], m.situation), **{key: own.get(key) or values[key] for key in values})


def _titles(m: Match) -> Answer:
    titles = of_kind(m.film, "title")
    told = ((name_of(part, m.situation), part) for part in titles)
    names = [reply("title_at", text=text, start=part.start_ms, end=part.end_ms) for text, part in told]
    return _say("titles", n=len(names), names=names[:_MOST]) if names else _say("no_titles")


def _shots(m: Match) -> Answer:
    n, names = len(m.film.shots), _names(m, m.film.shots)[:_MOST]
    return _say("shots" if n > 1 else "shots_one", n=n, each=m.film.end_ms // n, names=names) if n else contents(m)


def _voice(m: Match) -> Answer:
    parts = m.film.segments(*SPEECH)
    if not parts:
        _say("no_voice")
    name, start, end = name_of(parts[0], m.situation), parts[0].start_ms, parts[-1].end_ms
    _say("voice_at", name=name, start=start, end=end, volume=parts[0].volume)


def _film(m: Match) -> None:
    """Say so where there is no film yet."""
    names = [item.filename for item in m.situation.media]
    if not m.film.end_ms:
        _say("no_film_media", names=names[:_MOST]) if names else _say("no_film")


def _named(m: Match) -> MediaItem | None:
    """The upload that is named, or the only one of a kind that is not in the film yet."""
    ids = [media for kind in ("file", "song", "speech") for each in m.values(kind) if each for media in each]
    found = next((item for item in m.situation.media if item.id in ids), None)
    if found is None and m.has("speech") and not m.has("film", "whole"):
        found = next((item for item in m.situation.media if item.content == "speech"), None)
    if found is None and m.has("song") and not m.film.segments(*MUSIC):
        found = next((item for item in m.situation.media if item.content == "music"), None)
    return found


def _is_numbered(m: Match) -> bool:
    """Whether a shot is meant by its number: "last" is a verb, too."""
    return any(a.is_a("ordinal") and b.is_a("shot", "clip", "photo", "one") for a, b in pairwise(m.tokens))


def _sounds(m: Match, kind: str) -> list[Part]:
    return sorted(m.film.segments(*(SPEECH if kind == "speech" else MUSIC)), key=lambda part: part.start_ms)


def _music_name(m: Match, part: Part) -> str:
    song = part.upload(m.situation)
    return nice_title(song) if song is not None else name_of(part, m.situation).removeprefix("BGM: ")


def _names(m: Match, parts: Sequence[Part]) -> list[str]:
    return list(dict.fromkeys(name_of(part, m.situation) for part in parts))


def _topic(m: Match) -> str:
    others = ("time", "start", "finish", *_TITLES, *_JOINS)
    if m.has("remove", "add") and m.has("clip", "shot", "photo") and not m.has(*others):
        return "add"
    return next((name for name, concepts in topics().items() if m.has(*concepts)), "")


def _quote(text: str) -> Told:
    return Told("target.quoted", text=text)


def _word(table: str, name: str) -> Told:
    return Told({"en": f"{{v:{table}}}"}, v=name)


def _say(name: str, /, **values: Any) -> NoReturn:
    raise Asked(reply(name, **values), asks=False)
