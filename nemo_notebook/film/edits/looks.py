"""Edits of how the film looks: colours, shape, transitions, fades, and what is drawn from the sound."""

from __future__ import annotations

import colorsys
import itertools
import re
from collections.abc import Mapping, Sequence
from math import gcd
from typing import Annotated, Any, Final, Literal, NamedTuple, get_args

from nemo_notebook.film import assembly, layout, model, soundtrack
from nemo_notebook.film.draft import MUSIC, Draft, Part, Raw, editable, end_of, on_frame, start_of, to_frame
from nemo_notebook.film.edit import Edit, Meta, OfEngine, begin_film
from nemo_notebook.film.edits.parts import without
from nemo_notebook.film.model import Aspect, Color, Filter, Fit, Seconds, Situation, TransitionKind
from nemo_notebook.film.target import ROLES, Kind, Which, describe, name_of, select
from nemo_notebook.film.wording import NotPossible, Told, nice_title, refuse_if, words_of
from nemo_notebook.outside import finite

_TINTS: Final = ("brightness", "contrast", "saturation")
_USUAL_JOIN_S, _FLASH_S = 0.5, 0.2
_USUAL_SHARE: Final = 1 / 3  # of the shorter neighbour, for a transition of the usual length
_SHAPES: Final = {1: "horizontal", 0: "square", -1: "vertical"}
_LARGEST_SIDE: Final = 8192
_COLOR: Final = re.compile(r"#[0-9a-f]{6}")
_LIGHT, _DARK = 0.82, 0.36  # lightness of the two colours beside one of a middle lightness
_COLORLESS: Final = 0.08

Cut = tuple[Part, Part]
Tint = Annotated[float, Meta(ge=-1, le=1)]
Side = Annotated[int, Meta(ge=16, le=_LARGEST_SIDE)]
FadeLength = Annotated[float, Meta(ge=0, le=60)]
_JoinLength = Annotated[float, Meta(ge=0.05, le=60)]
_Colors = Annotated[tuple[Color, ...], Meta(min_length=3, max_length=3)]


class SetLook(OfEngine, Edit, frozen=True, kw_only=True):
    """Set the colours of pictures, and how they fill the canvas."""

    target: Annotated[Which | None, Meta(description="Which shots; the whole film where none is named.")] = None
    filter: Annotated[Literal[Filter, "none"] | None, Meta(description="A filter; `none` for the own colours.")] = None
    brightness: Annotated[Tint | None, Meta(description="From -1 to 1; 0 changes nothing.")] = None
    contrast: Annotated[Tint | None, Meta(description="From -1 to 1; 0 changes nothing.")] = None
    saturation: Annotated[Tint | None, Meta(description="From -1 (grey) to 1; 0 changes nothing.")] = None
    relative: Annotated[bool, Meta(description="Whether these three are added to what is set.")] = False
    fit: Annotated[Fit | None, Meta(description="How pictures of another shape than the canvas fill it.")] = None
    start_s: Annotated[Seconds | None, Meta(description="Where on the timeline it begins; shots are split.")] = None
    end_s: Annotated[Seconds | None, Meta(description="Where on the timeline it ends; shots are split.")] = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin_film(film, situation)
        amounts = {name: amount for name in _TINTS if (amount := getattr(self, name)) is not None}
        refuse_if(self.filter is None and self.fit is None and not amounts, "set_look.nothing")
        meant, _, where = pictures_meant(film, situation, self.target, self.start_s, self.end_s)
        if self.filter == "none":
            told.append(_clear_look(film, meant, where))
        elif self.filter is not None:
            self._put(film, meant, "filter", self.filter)
            told.append(Told("set_look.filter", filter=self.filter, where=where))
        if amounts:
            told.append(self._adjust(film, meant, amounts, where))
        if self.fit is not None:
            self._put(film, meant, "fit", self.fit)
            told.append(Told("set_look.fit" if self._is_part else "set_look.fit_all", fit=self.fit, where=where))
        return told

    @property
    def _is_part(self) -> bool:
        """Whether some shots or a stretch of time are meant, and not the whole film."""
        return self.target is not None or self.start_s is not None or self.end_s is not None

    def _put(self, film: Draft, meant: Sequence[Part], key: str, value: str) -> None:
        if not self._is_part:
            for shot in meant:
                shot.meta.pop(key, None)
        for own in [shot.meta for shot in meant] if self._is_part else [film.meta]:
            own[key] = value

    def _adjust(self, film: Draft, meant: Sequence[Part], amounts: dict[str, float], where: Told) -> Told:
        places = [part.meta for part in meant]
        if not self._is_part:
            places = [film.meta, *(own for own in places if _tints_of(own))]
        was: dict[str, float] = {}
        now: dict[str, float] = {}
        for own in reversed(places):
            was = _tints_of(own) or (_tints_of(film.meta) if self._is_part else {})
            wanted = {name: amount + (was.get(name, 0.0) if self.relative else 0.0) for name, amount in amounts.items()}
            now = was | {name: round(min(max(amount, -1.0), 1.0), 3) for name, amount in wanted.items()}
            own["adjust"] = {name: amount for name, amount in now.items() if amount}
        pairs = [(name, _signed(now.get(name, 0.0)), _signed(was.get(name, 0.0))) for name in amounts]
        if self.relative and all(new == old for _, new, old in pairs):
            return Told("set_look.as_far")
        told = [Told("set_look.amount", name=name, now=new, was=old) for name, new, old in pairs]
        return Told("set_look.adjusted", where=where, amounts=told)


class Meant(NamedTuple):
    """The pictures that an edit means.

    Attributes:
        shots: These shots.
        is_part: Whether some are named, or a stretch of time; if not, the whole film is meant.
        where: The same in words.
    """

    shots: list[Part]
    is_part: bool
    where: Told


def pictures_meant(
    film: Draft, situation: Situation, target: Which | None, start_s: float | None = None, end_s: float | None = None
) -> Meant:
    """The pictures that are meant; shots that a stretch of time begins or ends in are split.

    Raises:
        NotPossible: There are none.
    """
    refuse_if(film.end_ms == 0, "set_look.no_pictures")
    shots = film.shots if target is None else _shots(film, situation, target, "target")
    is_span = start_s is not None or end_s is not None
    if is_span:
        spans = [(shot.start_ms, shot.end_ms) for shot in shots]
        within = layout.shots_between(film, start_s, end_s)
        shots = [s for s in within if any(start <= s.start_ms and s.end_ms <= end for start, end in spans)]
        refuse_if(not shots, "set_look.no_time", "start_s", at=1000 * (start_s or 0), end=film.end_ms)
    where = Told("set_look.whole")
    if target is not None:
        where = describe(film, situation, shots)
    elif is_span:
        where = Told("set_look.span", start=shots[0].start_ms, end=shots[-1].end_ms)
    return Meant(shots, target is not None or is_span, where)


class SetTransition(OfEngine, Edit, frozen=True, kw_only=True):
    """Set how one shot goes over into the next: at all cuts, or at some."""

    kind: Annotated[Literal[TransitionKind, "none"], Meta(description="`none` is a hard cut.")] = "dissolve"
    duration_s: Annotated[_JoinLength | None, Meta(description="At most half of the shorter shot.")] = None
    target: Annotated[Which, Meta(description="Which cuts; a shot stands for the cut at its start.")] = "cut"
    after: Annotated[Which | None, Meta(description="Only the cuts at the end of these shots.")] = None
    before: Annotated[Which | None, Meta(description="Only the cuts at the start of these shots.")] = None
    at_drop: Annotated[bool, Meta(description="Only the cut nearest to the first drop that is heard.")] = False

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin_film(film, situation)
        pairs = itertools.pairwise(film.shots)
        every = [(one, other) for one, other in pairs if abs(one.end_ms - other.start_ms) <= 1]
        refuse_if(not every, "set_transition.no_cuts")
        cuts = self._cuts(film, situation, every)
        where = _cuts_told(cuts, situation, every=len(cuts) == len(every))
        if self.kind == "none":
            gone = [shot.meta.pop("transition", None) for _, shot in cuts]
            return [*told, Told("set_transition.removed" if any(gone) else "set_transition.hard", where=where)]
        share = _USUAL_SHARE if self.duration_s is None else assembly.LONGEST_SHARE
        wanted_ms = 1000 * (self.duration_s or (_FLASH_S if self.kind == "white" else _USUAL_JOIN_S))
        lengths = [assembly.join_ms(wanted_ms, one, other, share) for one, other in cuts]
        for (_, other), length_ms in zip(cuts, lengths, strict=True):
            other.meta["transition"] = {"kind": self.kind, "ms": length_ms}
        span = "–".join(dict.fromkeys(f"{ms / 1000:.2g}" for ms in (min(lengths), max(lengths))))
        return [*told, Told("set_transition.added", kind=self.kind, span=span, where=where)]

    def _cuts(self, film: Draft, situation: Situation, cuts: Sequence[Cut]) -> Sequence[Cut]:
        wishes: tuple[tuple[int, str, Which | None, Kind], ...]
        wishes = (1, "target", self.target, "cut"), (0, "after", self.after, "shot"), (1, "before", self.before, "shot")
        for side, field, which, kind in wishes:
            if which is not None:
                meant = {id(shot) for shot in select(film, situation, which, kind, field)}
                cuts = [cut for cut in cuts if id(cut[side]) in meant]
                refuse_if(not cuts, "set_transition.no_such", field)
        at_ms = soundtrack.drop_on_timeline_ms(film, situation) if self.at_drop else None
        return cuts if at_ms is None else [min(cuts, key=lambda cut: abs(cut[1].start_ms - at_ms))]


class Fade(OfEngine, Edit, frozen=True, kw_only=True):
    """Fade the picture from and to black, or sounds from and to silence.

    Of several sounds, what begins first fades in, and what ends last fades out.
    """

    target: Annotated[Which, Meta(description="`picture`, `music`, `sound`, a part, or several of these.")] = "picture"
    in_s: Annotated[FadeLength | None, Meta(description="Seconds at the start; 0 for none.")] = None
    out_s: Annotated[FadeLength | None, Meta(description="Seconds at the end; 0 for none.")] = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        given = (("fade_in_ms", self.in_s), ("fade_out_ms", self.out_s))
        fades = {key: 1000 * length_s for key, length_s in given if length_s is not None}
        refuse_if(not fades, "fade.nothing", "out_s")
        targets = self.target if isinstance(self.target, tuple) else (self.target,)
        heard = tuple(each for each in targets if each != "picture")
        if len(heard) == len(targets):
            sounds = _sounds_meant(film, situation, heard)
            return [_fade_told(_fade_sounds(sounds, fades), "sound", [_sounds_told(sounds)])]
        told = begin_film(film, situation)
        total = film.picture_end_ms or film.end_ms
        refuse_if(total == 0, "fade.no_picture")
        most = min(total // 2 if self.in_s and self.out_s else total, 60_000)
        lengths = {key: on_frame(min(length_ms, most)) for key, length_ms in fades.items()}
        film.meta.update(lengths)
        who = [Told("fade.picture")]
        if heard:
            sounds = _sounds_meant(film, situation, heard)
            _fade_sounds(sounds, lengths)
            who.append(Told("fade.the", what=_sounds_told(sounds)))
        return [*told, _fade_told(lengths, "picture", who)]


class SetCanvas(OfEngine, Edit, frozen=True, kw_only=True):
    """Set the shape and the size of the picture."""

    aspect: Annotated[Aspect | None, Meta(description="The shape; that of now where none is named.")] = None
    short_side: Annotated[Side | None, Meta(description="Pixels of the shorter side; as many as now else.")] = None
    width: Annotated[Side | None, Meta(description="Pixels, in place of the shorter side.")] = None
    height: Annotated[Side | None, Meta(description="Pixels, in place of the shorter side.")] = None
    platform: Annotated[str, Meta(max_length=60, description="What the shape is for, as people call it.")] = ""
    fills: Annotated[bool, Meta(description="Whether wide pictures are cropped to fill a tall shape.")] = True

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        begun = begin_film(film, situation)
        old = film.canvas
        width, height = self._size(old)
        if not 16 <= min(width, height) <= max(width, height) <= _LARGEST_SIDE:
            raise NotPossible(Told("set_canvas.out_of_range", width=width, height=height))
        own = film.meta
        own["width"], own["height"] = width, height
        is_other = (width, height) != old
        wide = any(item.width > item.height for item in assembly.items_of(film, situation))
        fills = self.fills and height > width and not own.get("fit") and wide
        if fills:
            own["fit"] = "crop"
        common = gcd(width, height)
        is_named = self.aspect is not None and (self.width is None or self.height is None)
        seen = editable(situation.draft)
        was_seen = is_other and seen.end_ms > 0 and seen.canvas == old  # before this message, too
        told = Told(
            "set_canvas.is" if is_other or begun else "set_canvas.stays",
            shape=_SHAPES[(width > height) - (width < height)],
            name=self.aspect if is_named else f"{width // common}:{height // common}",
            width=width,
            height=height,
            was=Told("set_canvas.was", width=old[0], height=old[1]) if was_seen else "",
            use=Told("set_canvas.use", platform=self.platform) if self.platform else "",
            fills=Told("set_canvas.fills") if fills else "",
        )
        return [*begun, told]

    def _size(self, old: tuple[int, int]) -> tuple[int, int]:
        ratio = (int(self.aspect.split(":")[0]), int(self.aspect.split(":")[1])) if self.aspect else old
        if self.width is not None and self.height is not None:
            ratio, scale = (self.width, self.height), 1.0
        elif self.width is not None or self.height is not None:
            scale = self.width / ratio[0] if self.width is not None else (self.height or 0) / ratio[1]
        else:
            scale = (self.short_side or min(old)) / min(ratio)
        width, height = (max(16, 2 * round(side * scale / 2)) for side in ratio)
        return width, height


class SetVisualizer(OfEngine, Edit, frozen=True, kw_only=True):
    """Draw a visualizer from the sound over the whole film, change its look, or remove it."""

    style: Annotated[model.VisualizerStyle | None, Meta(description="What is drawn; as now, or bars.")] = None
    palette: Annotated[model.Palette | None, Meta(description="A scheme of colours.")] = None
    colors: Annotated[_Colors | None, Meta(description="Three colours from low to high, not a palette.")] = None
    cover: Annotated[bool, Meta(description="Whether it takes the colours of the song's cover art.")] = False
    shown: Annotated[bool, Meta(description="Whether there is one; false removes it.")] = True

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        if not self.shown:
            drawn = film.segments("visualizer")
            film.remove(drawn)
            return [Told("set_visualizer.removed" if drawn else "set_visualizer.none")]
        told = begin_film(film, situation)
        sounds = film.segments(*ROLES["sound"], "clip")
        refuse_if(not sounds, "set_visualizer.no_sound")
        old = next((segment.meta for segment in film.segments("visualizer")), {})
        styles, palettes = ([*get_args(kind)] for kind in (model.VisualizerStyle, model.Palette))
        style = self.style or (str(old["style"]) if old.get("style") in styles else "bars")
        palette = self.palette or (str(old["palette"]) if old.get("palette") in palettes else assembly.PALETTE)
        colors = self._colors(film, situation, old)
        for backdrop in film.segments("backdrop") if self.palette or self.colors or self.cover else ():
            backdrop.meta.pop("colors", None)
            backdrop.meta.update(palette=palette, **({"colors": list(colors)} if colors else {}))
        assembly.lay_visualizer(film, to_frame(max(film.picture_end_ms, *map(end_of, sounds))), style, palette, colors)
        covered = self.cover or any(item.cover_colors == colors for item in situation.media if colors)
        names = [Told("set_visualizer.color", color=color) for color in colors_of(colors)] if colors else []
        tones = "of_cover" if covered else "of_colors" if colors else "of_palette"
        how = Told(f"set_visualizer.{tones}", names=names, palette=palette)
        return [*told, Told("set_visualizer.shown", style=style, tones=how)]

    def _colors(self, film: Draft, situation: Situation, old: Raw) -> tuple[str, ...]:
        if self.cover:
            songs = [item for s in film.segments("song") if (item := s.upload(situation))]
            found = next((item.cover_colors for item in songs if item.cover_colors), ())
            if not found:
                name = nice_title(songs[0]) if songs else Told("set_visualizer.music")
                raise NotPossible(Told("set_visualizer.no_cover", name=name), "cover")
            return found
        if self.colors or self.palette:
            return self.colors or ()
        kept = old.get("colors")
        is_valid = isinstance(kept, list) and all(isinstance(color, str) and _COLOR.fullmatch(color) for color in kept)
        return tuple(kept) if is_valid and kept else ()


def _shots(film: Draft, situation: Situation, which: Which, field: str) -> list[Part]:
    return _only(select(film, situation, which, "shot", field), ROLES["shot"], situation, "set_look.no_shot", field)


def _clear_look(film: Draft, meant: Sequence[Part], where: Told) -> Told:
    changed = []
    for key in ("filter", "adjust"):
        of_film = film.meta.pop(key, None)
        changed += [of_film, *(shot.meta.pop(key, None) for shot in meant)]
        for shot in without(film.shots, meant) if of_film else ():  # a shot without its own had that of the film
            shot.meta.setdefault(key, of_film)
    return Told("set_look.cleared" if any(changed) else "set_look.no_filter", where=where)


def _only(parts: list[Part], roles: Sequence[str], situation: Situation, key: str, field: str) -> list[Part]:
    """The parts, all of which have to be of some roles."""
    for part in parts:
        refuse_if(part.meta.get("role") not in roles, key, field, name=name_of(part, situation))
    return parts


def _tints_of(own: Raw) -> dict[str, float]:
    value = own.get("adjust")
    numbers = ((name, finite(value.get(name))) for name in _TINTS) if isinstance(value, dict) else ()
    return {name: min(max(number, -1.0), 1.0) for name, number in numbers if number}


def _signed(amount: float) -> str:
    return f"{round(100 * amount):+d}%" if amount else "0%"


def _cuts_told(cuts: Sequence[Cut], situation: Situation, *, every: bool) -> Told:
    if len(cuts) == 1:
        one, other = (name_of(shot, situation) for shot in cuts[0])
        return Told("set_transition.between", one=one, other=other, at=cuts[0][1].start_ms)
    key = "some" if not every else "both" if len(cuts) == 2 else "all"
    return Told(f"set_transition.{key}", n=len(cuts))


def _sounds_meant(film: Draft, situation: Situation, which: tuple[Any, ...]) -> list[Part]:
    refuse_if({*which} <= {"music", "sound"} and not film.segments(*ROLES["sound"]), "fade.no_music", "target")
    sounds = select(film, situation, which, "sound")
    roles = (*ROLES["sound"], *(["clip"] if all("v" in sound for sound in sounds) else []))
    return _only(sounds, roles, situation, "fade.no_sound", "target")


def _fade_sounds(sounds: Sequence[Part], fades: Mapping[str, float]) -> dict[str, int]:
    """Fade in what begins first and fade out what ends last; give the lengths in milliseconds."""
    done: dict[str, int] = {}
    for key, length_ms in fades.items():
        at = min(map(start_of, sounds)) if key == "fade_in_ms" else max(map(end_of, sounds))
        for sound in sounds:
            if at == (sound.start_ms if key == "fade_in_ms" else sound.end_ms):
                done[key] = sound.meta[key] = min(round(length_ms), int(sound["d"]))
    return done


def _fade_told(fades: dict[str, int], what: str, who: Sequence[Told]) -> Told:
    if what == "sound" and list(fades.values()) == [0, 0]:
        return Told("fade.no_more", who=Told("fade.who", parts=who))
    ways = [
        Told(f"fade.{'' if fade else 'no_'}{key.removesuffix('_ms')}_{what}", long=fade, n=len(who))
        for key, fade in fades.items()
    ]
    return Told(f"fade.{len(ways)}", who=Told("fade.who", parts=who), first=ways[0], second=ways[-1])


def _sounds_told(sounds: Sequence[Part]) -> Told:
    roles = {sound.meta.get("role") for sound in sounds}
    return Told("fade.music" if roles <= {*MUSIC} else "fade.speech" if roles == {"speech"} else "fade.sound")


def triple_of(colors: tuple[str, ...]) -> tuple[str, str, str]:
    """The colours of a visualizer from low to high: three shades of one, a run between two, or the first three.

    Args:
        colors: One or more of `#rrggbb`.
    """
    if len(colors) >= 3:
        return colors[0], colors[1], colors[2]
    if len(colors) == 2:
        between = tuple((a + b) / 2 for a, b in zip(*map(_rgb, colors), strict=True))
        return colors[0], _from_rgb(between), colors[1]
    hue, light, saturation = colorsys.rgb_to_hls(*_rgb(colors[0]))
    if saturation < _COLORLESS:
        return _hex(hue, max(0.3, light - 0.3), 0), _hex(hue, max(0.55, light - 0.1), 0), _hex(hue, max(0.85, light), 0)
    return _hex(hue, min(_DARK, light), saturation), colors[0], _hex(hue, max(_LIGHT, light), saturation)


def colors_of(triple: tuple[str, ...]) -> tuple[str, ...]:
    """The named colours that three were made of by `triple_of`; the three themselves where they have no names."""
    named = words_of("color")
    made = ((color,) for color in (*named, *triple))
    ends = (triple[0], triple[-1])
    found = next((one for one in made if triple_of(one) == triple), None)
    return found or (ends if triple_of(ends) == triple and set(ends) <= set(named) else triple)


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(hue: float, light: float, saturation: float) -> str:
    return _from_rgb(colorsys.hls_to_rgb(hue, min(1.0, light), saturation))


def _from_rgb(rgb: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb)
