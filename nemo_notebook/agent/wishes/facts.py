"""Questions, answered from the film, and talk; the sentences stand in `languages/`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final, NoReturn, get_args

from nemo_notebook.agent.lexicon import topics
from nemo_notebook.agent.match import Asked, Edits, Match, read_as, reply
from nemo_notebook.agent.steps import last_change
from nemo_notebook.agent.wishes.nouns import in_part
from nemo_notebook.film import model as fields
from nemo_notebook.film.draft import MUSIC, SHOTS, SOUNDS, SPEECH, Part
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.soundtrack import duck_of, mood_of, tempo_of
from nemo_notebook.film.target import Kind, name_of, of_kind
from nemo_notebook.film.wording import Told, nice_title, stem

_MOST: Final = 8  # things that are named
_SURE: Final = 0.7  # how likely another kind of question has to be
_TITLES: Final = ("title", "title_text", "letters", "lyrics", "lowerthird")
_OFFERED: Final = ("offered", "can_you", "other", "another", "how_many", "option", "all")
_CHOICES: Final = {
    "look": fields.Filter, "transition": fields.TransitionKind, "visualizer": fields.VisualizerStyle,
    "mood": fields.Mood, "palette": fields.Palette, "position": fields.Position,
}  # fmt: skip
_SMALL: Final = ("insult", "never_mind", "bye", "thanks", "praise", "hello", "hold_on", "okay")
_NEAR: Final = {  # what is meant where the words of a broad topic say more
    "recording": ((("hiss",), "denoise"), (("noise_of",), "sounds"), (("music", "song"), "stems")),
    "web": ((("post", "friend", "platform"), "upload"), (("music", "song"), "famous")),
}


# How long, how many.


def length(m: Match) -> Edits:
    """How long something is."""
    is_heard = m.has("song", "music", "speech") and not m.has("film", "whole")
    sounds = _sounds(m, "song" if m.has("song", "music") else "speech") if is_heard else []
    item = _named(m) or (sounds[0].upload(m.situation) if sounds else None)
    if item is not None:
        seen = sum(part["d"] for part in m.film.shots if part.meta.get("media") == item.id)
        key = ("length_shown" if item.duration_ms else "length_seen") if seen else "length_of"
        _say(key, name=item.filename, long=item.duration_ms or seen, seen=seen)
    parts = sounds or (m.parts(m.titles(), "title") if m.has(*_TITLES) else _numbered(m))
    if parts:
        _say("length_of", name=name_of(parts[0], m.situation), long=parts[0]["d"])
    _film(m)
    kind: Kind = "photo" if m.has("photo") else "shot"
    long = [part["d"] for part in of_kind(m.film, kind)] if m.has("photo", "shot", "cuts", "every") else []
    if long and not m.has("film", "musicvideo"):
        _say(f"length_of_{kind}s", long=sum(long) // len(long), short=min(long), longest=max(long))
    return _say("length", long=m.film.end_ms)


def count(m: Match) -> Edits:
    """How many of something there are."""
    if m.has("uploaded", "uploads"):
        return uploads(m)
    if not m.has("cuts", "shot", "photo", "clip") and _aspect(m):
        return _told_of(m)
    _film(m)
    kinds: tuple[Kind, ...] = ("photo", "clip")
    kind = next((kind for kind in kinds if m.has(kind) and not m.has("cuts", "shot")), None)
    if kind is not None:
        names = _names(m, of_kind(m.film, kind))
        return _say(f"{kind}s" if names else f"no_{kind}s", n=len(names), names=names[:_MOST])
    n, names = len(m.film.shots), _names(m, m.film.shots)[:_MOST]
    if not n:
        return contents(m)
    key = "cuts" if n > 1 and m.has("cuts", "join") else "shots" if n > 1 else "shots_one"
    return _say(key, n=n, cuts=n - 1, each=m.film.end_ms // n, names=names)


# What there is.


def about(m: Match) -> Edits:
    """What the film has of something, what there is to choose from, or what else most likely is asked."""
    others = (contents, where, uploads, changed, length, export)
    answer = next((each for each in others if m.like(f"facts.{each.__name__}") > _SURE), None)
    return answer(m) if answer is not None else _told_of(m)


def contents(m: Match) -> Edits:
    """What is seen and heard, or in which order."""
    _film(m)
    shots, at_ms = m.film.shots, 1000 * (m.value("time") or 0)
    if m.has("order", "after", "before"):
        _say("order", names=[name_of(part, m.situation) for part in shots][:16])
    named = [part for part in shots if part.start_ms <= at_ms < part.end_ms] if m.has("time") else _numbered(m)
    if named or (m.edge() and shots):
        _say_when(m, "seen_once", named[:1] or [shots[-1 if m.edge() == "finish" else 0]])
    if m.has("photo", "clip") and not m.has("film"):
        return count(m)
    titles = [_quote(name_of(part, m.situation)) for part in of_kind(m.film, "title")]
    music = _sounds(m, "music")
    drawn = [_word("visualizer", str(part.meta.get("style"))) for part in m.film.segments("visualizer")]
    shown: Sequence[str | Told] = _names(m, shots) or drawn or ["–"]
    told = reply("heard_music", name=_music_name(m, music[0])) if music else reply("heard_nothing")
    words = reply("has_titles", names=titles[:_MOST]) if titles else reply("has_no_titles")
    many = reply("in_shots", n=len(shots)) if len(shots) > len(shown) else ""
    return _say("contents", long=m.film.end_ms, names=shown[:_MOST], shots=many, heard=told, titles=words)


def where(m: Match) -> Edits:
    """When something is seen or heard."""
    if m.has("songpart", "chorus", "verse"):
        found = in_part(m, m.value("songpart") or "chorus")
        _say("part_at" if found else "part_unknown", at=round(1000 * found.get("start_s", 0)))
    item, parts = _named(m), m.parts(m.shots()) if m.has("shot", "clip", "photo") else []
    if m.has(*_TITLES):
        if m.has("picture", "position") or not (parts := m.parts(m.titles(), "title")[:1]):
            return _letters(m)
    elif item is not None:
        parts = [part for part in m.film.segments(*SHOTS, *SOUNDS) if part.meta.get("media") == item.id]
    if not parts and m.has("music", "song", "speech", "whole_song"):
        parts = _sounds(m, "speech" if m.has("speech") else "music")
    if not parts:
        return _say("not_seen", name=stem(item.filename)) if item is not None else contents(m)
    if len(parts) > 1 and parts[0].role not in SOUNDS:
        name = name_of(parts[0], m.situation)
        _say("seen_at", name=name, names=[Told({"en": "{at:clock}"}, at=part.start_ms) for part in parts[:_MOST]])
    return _say_when(m, "heard_at" if parts[0].role in SOUNDS else "seen_once", parts)


def changed(m: Match) -> Edits:
    """What was changed so far, or last."""
    said = [_quote(version.said) for version in m.situation.recent if version.said]
    told, is_all = last_change(m.situation), said and not m.has("last", "now")
    return _say("changes" if is_all else "changed" if told else "unchanged", names=said[-_MOST:], told=told or "")


def uploads(m: Match) -> Edits:
    """What was uploaded."""
    names = [item.filename for item in m.situation.media][:16]
    return _say("uploaded" if names else "uploaded_none", names=names)


def unused(m: Match) -> Edits:
    """Which uploads are not in the film."""
    used = {part.meta.get("media") for part in m.film.segments(*SHOTS, *SOUNDS)}
    names = [item.filename for item in m.situation.media if item.id not in used]
    return _say("unused" if names else "unused_none", n=len(names), names=names[:_MOST])


# The editor itself.


def policy(m: Match) -> Edits:
    """Whether it is free, private, without a watermark, and so on."""
    _say(f"policy_{m.value('policy') or 'all'}")


def help(m: Match) -> Edits:  # noqa: A001
    """What can be done, in general or with something."""
    asked = (name for name, concepts in topics().items() if m.has(*concepts))
    if topic := "export" if m.like("facts.export") > _SURE else next(asked, ""):
        _say("yes" if m.has("can_you", "ability") else f"how_{topic}", told=reply(f"how_{topic}"))
    return _say("help", **suggestions(m))


def export(m: Match) -> Edits:
    """How the film becomes a file; in another size, it gets that one."""
    if m.has("resolution") and m.film.end_ms and not m.has("can_you", "ability", "what", "how_to", "is_there"):
        return read_as("looks.aspect", m)
    return help(m)


def why(m: Match) -> Edits:
    """Why the film is as it is."""
    _film(m)
    music, shots, (width, height) = _sounds(m, "music"), m.film.shots, m.film.canvas
    on_music, is_cut = m.has("music", "song"), m.film.is_cut_to_music
    table = (
        (m.has("no_music") or (on_music and not music), "no_music"),
        (m.has("hear", "mute", "clipsound", "sound", "no_sound", "unmute") and is_cut and not on_music, "why_mute"),
        (m.has("order", "file", "ordinal") and not on_music and not m.has("long", *_TITLES), "why_order"),
        ((on_music or m.has("sound", "volume", "quieter", "louder")) and music, "why_quiet"),
        (m.has("fit", "shape", "size", "aspect", "trim", "bars"), "why_shape"),
        (m.has("cuts", "faster", "slower", "shot") and len(shots) > 1 and is_cut, "why_cuts"),
        (m.has("long", "longer", "shorter", "length", "film", "time"), "why_length" if is_cut else "why_length_row"),
        (True, "why"),
    )
    duck = reply("why_duck") if music and duck_of(music[0]) is not None and m.film.segments(*SPEECH) else ""
    name, volume = (_music_name(m, music[0]), music[0].volume) if music else ("", 1.0)
    said = {"each": m.film.end_ms // max(1, len(shots)), "long": m.film.end_ms, "name": name, "volume": volume}
    return _say(next(key for fits, key in table if fits), duck=duck, width=width, height=height, **said)


# Talk, and wishes that cannot be met.


def small(m: Match) -> Edits:
    """Answer a greeting, thanks and the like."""
    said = next((name for name in _SMALL if m.has(name)), "okay")
    begun = "film" if m.film.end_ms else "media" if m.situation.media else "none"
    _say(f"hello_{begun}" if said == "hello" else said, **suggestions(m))


def vague(m: Match) -> Edits:
    """Suggest something where somebody is not pleased and does not say with what."""
    asked = "opinion" if m.has("opinion") else "vague"
    _say(asked if m.film.end_ms else "hello_media" if m.situation.media else "hello_none", **suggestions(m))


def unable(m: Match) -> Edits:
    """Say what cannot be done, and what can instead."""
    topic = m.value("unable") or m.value("manner") or m.value("unfit")
    near = (near for concepts, near in _NEAR.get(topic, ()) if m.has(*concepts))
    _say(f"unable_{next(near, topic)}")


def ask(m: Match) -> Edits:
    """Ask for what a wish lacks; where something goes behind new words is said of them: "写…… 放片尾"."""
    if any(edit.tag == "add_title" for edit in m.made[-1:]) and m.has("start", "finish", "file"):
        return read_as("titles.time", m)
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


# What there is of one thing.


def _music(m: Match) -> Edits:
    parts = _sounds(m, "music")
    if m.has("mood", "offered", "option", "other") or (m.has("genre") and not parts):
        _offer("mood")
    if not parts:
        _say("no_music")
    if m.has("begin", "end", "start", "finish", "stop", "whole", "whole_song", "until"):
        _say_when(m, "heard_at", parts)
    song, bpm = parts[0].upload(m.situation), tempo_of(m.film, m.situation)
    if song is not None:
        by = reply("music_by", artist=song.artist) if song.artist else ""
        _say("music_song", name=nice_title(song), by=by, volume=parts[0].volume)
    mood, beat = mood_of(m.film) or _music_name(m, parts[0]), reply("music_bpm", bpm=round(bpm)) if bpm else ""
    return _say("music_composed", mood=mood, bpm=beat, volume=parts[0].volume)


def _voice(m: Match) -> Edits:
    parts = _sounds(m, "speech")
    return _say_when(m, "voice_at", parts) if parts else _say("no_voice")


def _tempo(m: Match) -> Edits:
    uploaded = (item.tempo for item in reversed(m.situation.media) if item.tempo)
    bpm = tempo_of(m.film, m.situation) or next(uploaded, None)
    return _say("tempo" if bpm else "no_tempo" if _sounds(m, "music") else "no_music", bpm=bpm and round(bpm))


def _clip_sound(m: Match) -> Edits:
    volume = max((part.volume for part in of_kind(m.film, "clip")), default=None)
    return _music(m) if volume is None else _say("clips_heard" if volume else "clips_muted", volume=volume)


def _size(m: Match) -> Edits:
    if m.has(*(name for name in _OFFERED if name != "how_many")) or not m.film.end_ms:
        _say("offers_shape", names=[name for name in get_args(fields.Aspect) if name not in ("16:9", "9:16", "1:1")])
    width, height = m.film.canvas
    shape = "horizontal" if width > height else "vertical" if height > width else "square"
    _say("size", shape=shape, width=width, height=height, ratio=f"{Fraction(width, height)}".replace("/", ":"))


def _shown(m: Match, thing: str, names: Sequence[Told], **values: Any) -> Edits:
    """What there is of something now, unless something else is asked for; what there could be where there is none."""
    if m.has(*_OFFERED) or not names:
        return _offer(thing, f"offers_{thing}" if m.has(*_OFFERED) else f"{thing}_none")
    return _say(f"{thing}_now", names=names, **values)


def _look(m: Match) -> Edits:
    looks = [part.meta["filter"] for part in m.film.shots if part.meta.get("filter")]
    n, look = (0, m.film.meta["filter"]) if m.film.meta.get("filter") else (len(looks), next(iter(looks), None))
    where_seen = reply("in_some_shots", n=n) if n else ""
    return _shown(m, "look", [_word("filter", look)] if look else [], where=where_seen)


def _transitions(m: Match) -> Edits:
    there = [(part.meta.get("transition") or {}).get("kind") for part in m.film.shots]
    return _shown(m, "transition", [_word("transition", kind) for kind in dict.fromkeys(filter(None, there))])


def _visualizer(m: Match) -> Edits:
    metas = [part.meta for part in m.film.segments("visualizer")]
    colors = [reply("visualizer_colors", palette=own["palette"]) for own in metas if own.get("palette")]
    names = [_word("visualizer", own.get("style") or "bars") for own in metas]
    return _shown(m, "visualizer", names, colors=colors[0] if colors else "")


def _fades(m: Match) -> Edits:
    metas = {"picture": [m.film.meta], "sound": [part.meta for part in m.film.segments(*SOUNDS)]}
    keys = [(fade, kind) for fade in ("fade_in", "fade_out") for kind in metas]
    told = [reply(f"{fade}_{kind}") for fade, kind in keys if any(own.get(f"{fade}_ms") for own in metas[kind])]
    return _say("fades" if told else "fades_none", names=told)


def _letters(m: Match) -> Edits:
    """What the titles say, or what one of them looks like."""
    if m.has("style", "size", "color", "colors", "bigger", "picture", "position", "how_big"):
        if not (meant := m.parts(m.titles(), "title")):
            _say("offers_size")
        own, values = meant[0].meta, {"size": "medium", "color": "#ffffff", "position": "center"}
        _say("title_now", text=name_of(meant[0], m.situation), **{key: own.get(key) or values[key] for key in values})
    names = [
        reply("title_at", text=name_of(part, m.situation), start=part.start_ms, end=part.end_ms)
        for part in of_kind(m.film, "title")
    ]
    return _say("titles" if names else "no_titles", n=len(names), names=names[:_MOST])


# Parts of answers.


_ABOUT: Final[dict[str, tuple[tuple[str, ...], str | Callable[[Match], Edits]]]] = {  # the first that is spoken of
    "animation": (("animation", "animated"), "offers_animation"), "fonts": (("font",), "unable_fonts"),
    "places": (("places_asked",), "offers_position"), "title": (_TITLES, _letters),
    "position": (("position",), "offers_position"), "tempo": (("how_fast", "tempo", "bpm"), _tempo),
    "fade": (("fade", "fade_in", "fade_out", "fade_black"), _fades),
    "clipsound": (("clipsound", "mute", "unmute"), _clip_sound),
    "music": (("music", "song", "whole_song", "genre", "mood", "who_sings"), _music), "voice": (("speech",), _voice),
    "visualizer": (("visualizer", "visual", "palette"), _visualizer),
    "transition": (("join", "transition"), _transitions), "length": (("length", "longer", "shorter"), length),
    "look": (("look", "filter", "colors"), _look),
    "size": (("shape", "aspect", "platform", "resolution", "size", "how_big"), _size),
    "heard": (("sound", "volume", "how_loud", "who", "beat"), _music),
    "cuts": (("cuts",), count), "order": (("order",), contents),
}  # fmt: skip
_LIKELY: Final = {  # what questions of a kind may be about; the last where nothing says so
    "facts.sound": ("tempo", "fade", "clipsound", "voice", "music"),
    "facts.titles": ("animation", "fonts", "title"),
    "facts.look": ("fade", "visualizer", "transition", "size", "look"),
}


def _told_of(m: Match) -> Edits:
    answer = _ABOUT[_aspect(m) or "look"][1]
    return _offer("position", answer) if isinstance(answer, str) else answer(m)


def _aspect(m: Match) -> str:
    """What a question is about, if it is about anything that is listed."""
    if (named := m.value("there")) is not None:
        return "order" if named == "all" else named
    likely = next((names for kind, names in _LIKELY.items() if m.like(kind) > _SURE), ())
    return next((name for name in (*likely, *_ABOUT) if m.has(*_ABOUT[name][0])), likely[-1] if likely else "")


def _offer(thing: str, key: str = "") -> NoReturn:
    words = {"look": "filter", "position": "title_position"}
    names, palettes = (
        [_word(words.get(each, each), v) for v in get_args(_CHOICES[each])] for each in (thing, "palette")
    )
    _say(key or f"offers_{thing}", names=names, palettes=palettes)


def _film(m: Match) -> None:
    """Say so where there is no film yet."""
    names = [item.filename for item in m.situation.media]
    if not m.film.end_ms:
        _say("no_film_media", names=names[:_MOST]) if names else _say("no_film")


def _named(m: Match) -> MediaItem | None:
    """The upload that is named."""
    ids = [own for kind in ("file", "song", "speech") for own in m.media(kind)]
    is_song = m.has("song") and not ids and not m.film.segments(*MUSIC)
    return next((item for item in m.situation.media if item.id in ids or (is_song and item.content == "music")), None)


def _numbered(m: Match) -> list[Part]:
    """The shots that are meant by their numbers: "last" is a verb, too."""
    is_meant = m.has_pair("ordinal", "shot clip photo one") or m.has_pair("shot clip photo", "number")
    return m.parts(m.shots()) if is_meant else []


def _sounds(m: Match, kind: str) -> list[Part]:
    return sorted(m.film.segments(*(SPEECH if kind == "speech" else MUSIC)), key=lambda part: part.start_ms)


def _music_name(m: Match, part: Part) -> str:
    song = part.upload(m.situation)
    return nice_title(song) if song is not None else name_of(part, m.situation).removeprefix("BGM: ")


def _names(m: Match, parts: Sequence[Part]) -> list[str]:
    return list(dict.fromkeys(name_of(part, m.situation) for part in parts))


def _quote(text: str) -> Told:
    return Told("target.quoted", text=text)


def _word(table: str, name: str) -> Told:
    return Told({"en": f"{{v:{table}}}"}, v=name)


def _say_when(m: Match, key: str, parts: Sequence[Part]) -> NoReturn:
    """Say when parts are seen or heard."""
    first, name = parts[0], name_of(parts[0], m.situation)
    told = _quote(name) if first.role == "title" else _music_name(m, first) if first.role in MUSIC else name
    _say(key, name=told, start=first.start_ms, end=parts[-1].end_ms, volume=first.volume)


def _say(name: str, /, **values: Any) -> NoReturn:
    raise Asked(reply(name, **values), asks=False)
