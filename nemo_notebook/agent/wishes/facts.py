"""Questions about the film, the uploads and the editor, answered from the film; the sentences stand in `languages/`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import gcd
from typing import Any, Final, NoReturn, get_args

from nemo_notebook.agent.history import last_change
from nemo_notebook.agent.match import Asked, Match
from nemo_notebook.agent.replies import has_reply, reply
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
_TOPICS: Final = {
    "visualizer": _DRAWN, "title": _TITLES, "transition": _JOINS, "fade": ("fade", "fade_in", "fade_out", "fade_black"),
    "voice": ("speech",), "speed": ("slowmo", "speed_up", "slow_down", "tempo", "faster", "slower"), "undo": ("undo", "redo"),
    "shape": (*_SHAPES, "fit"), "volume": ("volume", "louder", "quieter", "mute"), "export": ("export",),
    "trim": ("trim", "shorten", "shorter", "length", "split", "time"),
    "cuts": ("cuts", "on_beat", "sync", "beat"),
    "photo": ("photo",), "song": ("music", "song", "mood"), "order": ("order", "move", "swap", "sort", "begin"), "look": (*_LOOKS, "brighter", "darker"),
    "add": ("add", "clip", "shot", "file"),
}  # fmt: skip


# How long, how many, how fast.


def length(m: Match) -> Answer:
    """How long something is."""
    item = _named(m)
    if item is not None and item.duration_ms and not m.has("see", "photo"):
        _say("length_of", name=item.filename, long=item.duration_ms)
    shown = [part for part in m.film.shots if item is not None and part.meta.get("media") == item.id]
    if item is not None and shown:
        _say("length_seen", name=item.filename, long=sum(part["d"] for part in shown))
    heard = "song" if m.has("song", "music") else "speech"
    if m.has("song", "music", "speech") and not m.has("film", "whole") and (parts := _sounds(m, heard)):
        upload = parts[0].upload(m.situation)
        _say("length_of", name=name_of(parts[0], m.situation), long=upload.duration_ms if upload else parts[0]["d"])
    if m.has(*_TITLES) and (titles := m.parts(m.titles(), "title")):
        _say("length_of", name=name_of(titles[0], m.situation), long=titles[0]["d"])
    if _is_numbered(m) and (shots := m.parts(m.shots())):
        _say("length_of", name=name_of(shots[0], m.situation), long=shots[0]["d"])
    if m.has("photo") and (photos := of_kind(m.film, "photo")):
        _say("length_of_photos", long=sum(part["d"] for part in photos) // len(photos))
    if m.has("shot", "cuts", "every") and m.film.shots and not m.has("film", "musicvideo"):
        return shots_length(m)
    _film(m)
    _say("length", long=m.film.end_ms)


length_of = length


def shots_length(m: Match) -> Answer:
    """How long the shots are."""
    _film(m)
    if m.has("photo"):
        return length(m)
    long = [part["d"] for part in m.film.shots] or [m.film.end_ms]
    _say("length_of_shots", long=sum(long) // len(long), short=min(long), longest=max(long))


def count(m: Match) -> Answer:
    """How many of something there are."""
    if m.has("uploaded", "uploads"):
        return uploads(m)
    if m.has(*_TITLES):
        return _titles(m)
    if m.has(*_LOOKS, *_JOINS, *_DRAWN, "mood", "position", "animation"):
        return about(m)
    _film(m)
    for concept, kind in (("photo", "photo"), ("clip", "clip")):
        if m.has(concept) and not m.has("cuts", "shot"):
            names = _names(m, of_kind(m.film, kind))
            _say(f"{kind}s", n=len(names), names=names[:_MOST]) if names else _say(f"no_{kind}s")
    if m.has("song", "music"):
        return heard(m)
    if m.has("cuts", "join") and len(m.film.shots) > 1:
        _say("cuts", n=(n := len(m.film.shots)), cuts=n - 1, each=m.film.end_ms // n)
    _shots(m)


def tempo(m: Match) -> Answer:
    """How fast the music is."""
    found = tempo_of(m.film, m.situation)
    found = found or next((item.tempo for item in reversed(m.situation.media) if item.tempo), None)
    _say("tempo", bpm=round(found)) if found else _say("no_tempo" if _sounds(m, "music") else "no_music")


def volume(m: Match) -> Answer:
    """How loud the music or a voice is."""
    voices = m.film.segments(*SPEECH)
    if m.has("speech") and voices:
        return _voice(m)
    return heard(m)


def size(m: Match) -> Answer:
    """Which shape and size the picture has, or could have."""
    if m.has(*_TITLES):
        return _title_now(m)
    if m.has(*(name for name in _OFFERED if name != "how_many")) or not m.film.end_ms:
        _say("offers_shape", names=[name for name in get_args(fields.Aspect) if name not in ("16:9", "9:16", "1:1")])
    width, height = m.film.canvas
    shape = "horizontal" if width > height else "vertical" if height > width else "square"
    by = gcd(width, height)
    _say("size", shape=shape, width=width, height=height, ratio=f"{width // by}:{height // by}")


# What there is.


def about(m: Match) -> Answer:
    """What the film has of something, or what there is to choose from."""
    if m.has("animation", "animated"):
        _say("offers_animation")
    if m.has("position"):
        return places(m)
    if m.has("style") or (m.has("size", "color", "colors", "bigger") and m.has(*_TITLES)):
        return _title_now(m)
    if m.has("music", "song", "genre"):
        return heard(m)
    for concepts, answer in ((_DRAWN, _visualizer), (_JOINS, _transitions), (("mood",), _moods), (_TITLES, _titles)):
        if m.has(*concepts):
            return answer(m)
    if m.has(*_SHAPES):
        return size(m)
    if m.has("length"):
        return length(m)
    if m.has("tempo", "beat"):
        return tempo(m)
    if m.has("cuts"):
        return count(m)
    return _look(m)


def there(m: Match) -> Answer:
    """What there is of something that the question names in one word with itself."""
    what = {"music": heard, "title": _titles, "look": _look, "transition": _transitions, "voice": _voice, "size": size,
            "all": contents, "order": _order}  # fmt: skip
    return what[m.value("there")](m)


def places(m: Match) -> Answer:
    """Where titles can stand."""
    _say("offers_position", names=[_word("title_position", name) for name in get_args(fields.Position)])


def contents(m: Match) -> Answer:
    """What is seen and heard, or in which order."""
    _film(m)
    if m.film.shots and m.edge() and not m.has("order"):
        part = m.film.shots[0 if m.edge() == "start" else -1]
        _say("seen_once", name=name_of(part, m.situation), start=part.start_ms, end=part.end_ms)
    if m.has("order", "after"):
        _order(m)
    if _named(m) is not None:
        return where(m)
    if m.has("photo", "clip") and not m.has("film"):
        return count(m)
    if m.has("shot", "file"):
        _shots(m)
    titles = [_quoted(part, m) for part in of_kind(m.film, "title")]
    music = _sounds(m, "music")
    shown = _names(m, m.film.shots) or [_word("visualizer", str(part.meta.get("style"))) for part in m.film.segments("visualizer")]
    told = reply("heard_music", name=_music_name(m, music[0])) if music else reply("heard_nothing")
    words = reply("has_titles", names=titles[:_MOST]) if titles else reply("has_no_titles")
    many = reply("in_shots", n=len(m.film.shots)) if len(m.film.shots) > len(shown) else ""
    _say("contents", long=m.film.end_ms, names=shown[:_MOST] or ["–"], shots=many, heard=told, titles=words)


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
    mood = mood_of(m.film) or _music_name(m, parts[0])
    _say("music_composed", mood=mood, bpm=reply("music_bpm", bpm=round(bpm)) if bpm else "", volume=parts[0].volume)


who_made = heard


def where(m: Match) -> Answer:
    """When something is seen or heard."""
    if m.has("songpart", "chorus", "verse"):
        songs = m.film.segments("song")
        item = songs[0].upload(m.situation) if songs else None
        at_ms = part_start_ms(item, m.value("songpart") or "chorus") if item is not None else None
        if not songs or at_ms is None:
            _say("part_unknown")
        _say("part_at", at=max(0, at_ms - songs[0].in_ms + songs[0].start_ms))
    if m.has("cuts"):
        return count(m)
    if m.has(*_TITLES):
        for part in m.parts(m.titles(), "title")[:1]:
            _say("title_seen", text=name_of(part, m.situation), start=part.start_ms, end=part.end_ms)
        return _titles(m)
    item, parts = _named(m), m.parts(m.shots()) if m.has("shot", "clip", "photo") else []
    if item is not None:
        parts = [part for part in m.film.segments(*SHOTS, *SOUNDS) if part.meta.get("media") == item.id]
    if not parts and m.has("music", "song", "speech"):
        parts = _sounds(m, "speech" if m.has("speech") else "music")
    if not parts:
        _say("not_seen", name=stem(item.filename)) if item is not None else contents(m)
    name, times = name_of(parts[0], m.situation), [Told({"en": "{at:clock}"}, at=part.start_ms) for part in parts]
    if len(parts) > 1 and parts[0].role not in SOUNDS:
        _say("seen_at", name=name, names=times[:_MOST])
    key = "heard_at" if parts[0].role in SOUNDS else "seen_once"
    _say(key, name=name, start=parts[0].start_ms, end=parts[0].end_ms)


def changed(m: Match) -> Answer:
    """What was changed so far, or last."""
    said = [version.said for version in m.situation.recent if version.said]
    if said and not m.has("last", "now"):
        _say("changes", names=Told({"en": "{names:commas}"}, names=[_quote(text) for text in said[-_MOST:]]))
    told = last_change(m.situation)
    _say("changed", told=told) if told else _say("unchanged")


changed_asked = changed


def uploads(m: Match) -> Answer:
    """What was uploaded."""
    media = m.situation.media
    _say("uploaded", names=[item.filename for item in media][:16]) if media else _say("uploaded_none")


def unused(m: Match) -> Answer:
    """Which uploads are not in the film."""
    used = {part.meta.get("media") for part in m.film.segments(*SHOTS, *SOUNDS)}
    names = [item.filename for item in m.situation.media if item.id not in used]
    if not m.situation.media:
        _say("uploaded_none")
    _say("unused", n=len(names), names=names[:_MOST]) if names else _say("unused_none")


unused_asked = unused


# The editor itself.


def policy(m: Match) -> Answer:
    """Whether it is free, private, without a watermark, and so on."""
    _say(f"policy_{m.value('policy')}")


def help(m: Match) -> Answer:  # noqa: A001
    """What can be done, in general or with something."""
    topic = _topic(m)
    if topic in ("visualizer", "title", "transition", "voice", "photo", "song", "look", "shape", "cuts"):
        _say(f"how_{topic}")
    a, b = ("try_row", "try_music") if not m.film.end_ms else ("try_faster", "try_look")
    _say("help", a=reply(a), b=reply(b))


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
    music = _sounds(m, "music")
    _film(m)
    if m.has("no_music") or (m.has("music", "song") and not music):
        _say("no_music")
    if m.has("order", "file", "ordinal") and not m.has("music", "song", "long"):
        _say("why_order")
    if m.has("speech") and not m.has("music", "song"):
        return _voice(m)
    if m.has("hear", "mute", "clipsound") and m.film.is_cut_to_music and not m.has("music", "song", "speech"):
        _say("why_mute")
    if m.has("music", "song", "sound", "volume", "quieter", "louder") and music:
        duck = reply("why_duck") if duck_of(music[0]) is not None and m.film.segments(*SPEECH) else ""
        _say("why_quiet", volume=music[0].volume, duck=duck)
    if m.has("fit", "shape", "size", "aspect", "trim", "bars"):
        width, height = m.film.canvas
        _say("why_shape", width=width, height=height)
    if m.has("cuts", "faster", "slower", "shot", "change") and len(m.film.shots) > 1 and m.film.is_cut_to_music:
        _say("why_cuts", each=m.film.end_ms // len(m.film.shots))
    if m.has("long", "longer", "shorter", "length", "film", "how_long", "time", "shorten"):
        is_row = not m.film.is_cut_to_music or not music
        name = "" if is_row else _music_name(m, music[0])
        _say("why_length_row" if is_row else "why_length", long=m.film.end_ms, name=name)
    _say("why")


# Parts of answers.


def _order(m: Match) -> NoReturn:
    _film(m)
    _say("order", names=[name_of(part, m.situation) for part in m.film.shots][:16])


def _look(m: Match) -> NoReturn:
    offers = [_word("filter", name) for name in get_args(fields.Filter)]
    looks = [part.meta["filter"] for part in m.film.shots if part.meta.get("filter")]
    if m.has(*_OFFERED):
        _say("offers_look", names=offers)
    if m.film.meta.get("filter"):
        _say("look_now", look=m.film.meta["filter"])
    _say("look_shots", n=len(looks), look=looks[0]) if looks else _say("look_none", names=offers)


def _transitions(m: Match) -> NoReturn:
    offers = [_word("transition", name) for name in get_args(fields.TransitionKind)]
    there = [(part.meta.get("transition") or {}).get("kind") for part in m.film.shots]
    if m.has(*_OFFERED):
        _say("offers_transition", names=offers)
    names = [_word("transition", kind) for kind in dict.fromkeys(filter(None, there))]
    _say("transitions_now", names=names) if names else _say("transitions_none", names=offers)


def _visualizer(m: Match) -> NoReturn:
    offers = [_word("visualizer", name) for name in get_args(fields.VisualizerStyle)]
    drawn = m.film.segments("visualizer")
    if m.has(*_OFFERED):
        _say("offers_visualizer", names=offers, palettes=[_word("palette", name) for name in get_args(fields.Palette)])
    if not drawn:
        _say("visualizer_none", names=offers)
    palette = drawn[0].meta.get("palette")
    colors = reply("visualizer_colors", palette=palette) if palette else ""
    _say("visualizer_now", style=drawn[0].meta.get("style") or "bars", colors=colors)


def _moods(m: Match) -> NoReturn:
    _say("offers_mood", names=[Told({"en": "{v:mood}"}, v=name) for name in get_args(fields.Mood)])


def _title_now(m: Match) -> NoReturn:
    titles = m.parts(m.titles(), "title")
    if not titles:
        _say("offers_size")
    own = titles[0].meta
    color, place = str(own.get("color") or "#ffffff"), own.get("position") or "center"
    _say("title_now", text=name_of(titles[0], m.situation), size=own.get("size") or "medium", color=color, place=place)


def _titles(m: Match) -> NoReturn:
    titles = of_kind(m.film, "title")
    names = [reply("title_at", text=name_of(part, m.situation), start=part.start_ms, end=part.end_ms) for part in titles]
    _say("titles", n=len(names), names=names[:_MOST]) if names else _say("no_titles")


def _shots(m: Match) -> NoReturn:
    count, names = len(m.film.shots), _names(m, m.film.shots)[:_MOST]
    if not count:
        contents(m)
    _say("shots" if count > 1 else "shots_one", n=count, each=m.film.end_ms // count, names=names)


def _voice(m: Match) -> NoReturn:
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
    pairs = pairwise(m.tokens)
    return any(one.is_a("ordinal") and other.is_a("shot", "clip", "photo", "one") for one, other in pairs)


def _sounds(m: Match, kind: str) -> list[Part]:
    return sorted(m.film.segments(*(SPEECH if kind == "speech" else MUSIC)), key=lambda part: part.start_ms)


def _music_name(m: Match, part: Part) -> str:
    song = part.upload(m.situation)
    return nice_title(song) if song is not None else name_of(part, m.situation).removeprefix("BGM: ")


def _names(m: Match, parts: Sequence[Part]) -> list[str]:
    return list(dict.fromkeys(name_of(part, m.situation) for part in parts))


def _topic(m: Match) -> str:
    if m.has("remove", "add") and m.has("clip", "shot", "photo") and not m.has("time", "start", "finish", *_TITLES, *_JOINS):
        return "add"
    return next((name for name, concepts in _TOPICS.items() if m.has(*concepts) and has_reply(f"how_{name}")), "")


def _quoted(part: Part, m: Match) -> Told:
    return _quote(name_of(part, m.situation))


def _quote(text: str) -> Told:
    return Told("target.quoted", text=text)


def _word(table: str, name: str) -> Told:
    return Told({"en": f"{{v:{table}}}"}, v=name)


def _say(name: str, /, **values: Any) -> NoReturn:
    raise Asked(reply(name, **values), asks=False)
