"""Music that suits pictures: mood and tempo from how much moves in them, their light, and how fast they are cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nemo_notebook.film import filming
from nemo_notebook.film.choices import USUAL_MOOD
from nemo_notebook.film.drafting import Draft, in_ms_of, media_of, speed_of
from nemo_notebook.film.model import Language, Situation
from nemo_notebook.film.phrasing import say, seconds
from nemo_notebook.film.scoring import scenes_within
from nemo_notebook.music import MOODS

_CALM, _LIVELY, _WILD = 0.28, 0.5, 0.72  # energy from which on pictures are no longer still, calm, lively
_DARK, _BRIGHT = 0.28, 0.5  # mean brightness of night scenes, and of scenes in daylight
_SLOW_SHOT_S, _FAST_SHOT_S = 7.0, 1.0
_FULL_MOTION: Final = 0.3  # mean motion of footage that never rests

# Rows by energy, columns by brightness: dark, usual, bright.
_MOODS_OF: Final = (
    ("ambient", "ambient", "acoustic"),
    ("cinematic", "chill", "acoustic"),
    ("hiphop", "upbeat", "happy"),
    ("edm", "edm", "upbeat"),
)
_MOTION_EN: Final = ("hardly anything moves", "calm movement", "lively movement", "a lot of movement")
_MOTION_ZH: Final = ("画面几乎静止", "画面动作平缓", "画面动作活跃", "画面动感强烈")


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen, as far as it is known.

    Attributes:
        motion: How much moves, 0–1 of what footage has at most, or None.
        brightness: Mean brightness 0–1, or None.
        shot_s: Mean length of a shot in seconds, scene cuts within clips counted; None without shots.
    """

    motion: float | None = None
    brightness: float | None = None
    shot_s: float | None = None

    @property
    def energy(self) -> float:
        """How much goes on, 0–1: movement, and half as much the pace of the cuts."""
        pace = None
        if self.shot_s is not None:
            pace = min(max((_SLOW_SHOT_S - self.shot_s) / (_SLOW_SHOT_S - _FAST_SHOT_S), 0.0), 1.0)
        known = [value for value in (self.motion, self.motion, pace) if value is not None]
        return sum(known) / len(known) if known else 0.0


@dataclass(frozen=True, slots=True)
class Match:
    """Music that suits a look.

    Attributes:
        mood: A key of `MOODS`.
        bpm: Tempo within the mood's range, or None where the pictures tell nothing of it.
        why: The reason in a few words, in the language of the reply; empty where nothing is known.
    """

    mood: str
    bpm: float | None = None
    why: str = ""


def look_of(film: Draft, situation: Situation) -> Look:
    """How the pictures on the timeline look."""
    shots = [(shot, media_of(shot, situation)) for shot in filming.shots_of(film)]
    clips = [(shot, item) for shot, item in shots if item is not None and item.kind == "video"]
    motion = [value for shot, item in clips for value in _seen(item.motion, shot)]
    brightness = [value for shot, item in clips for value in _seen(item.brightness, shot)]
    scenes = sum(len(scenes_within(shot, item)) for shot, item in clips)
    length_ms = sum(shot["d"] for shot, _ in shots)
    return Look(
        min(_mean(motion) / _FULL_MOTION, 1.0) if motion else None,
        _mean(brightness) if brightness else None,
        length_ms / (len(shots) + scenes) / 1000 if shots else None,
    )


def match(look: Look, language: Language) -> Match:
    """The mood and tempo that suit a look; the usual mood where nothing is known of movement and light."""
    if look.motion is None and look.brightness is None:
        return Match(USUAL_MOOD)
    row = sum(look.energy >= bound for bound in (_CALM, _LIVELY, _WILD))
    column = 1 if look.brightness is None else (look.brightness >= _DARK) + (look.brightness >= _BRIGHT)
    mood = _MOODS_OF[row][column]
    mood = mood if mood in MOODS else USUAL_MOOD
    low, high = MOODS[mood].bpm
    return Match(mood, round(low + (high - low) * look.energy, 1), _why(look, row, column, language))


def _seen(values: tuple[float, ...], shot: Draft) -> tuple[float, ...]:
    first = in_ms_of(shot) // 1000
    last = -(-(in_ms_of(shot) + round(shot["d"] * speed_of(shot))) // 1000)
    return values[first : max(last, first + 1)]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _why(look: Look, row: int, column: int, lang: Language) -> str:
    en, zh = [_MOTION_EN[row]], [_MOTION_ZH[row]]
    if look.brightness is not None and column != 1:
        en.append("bright pictures" if column else "dark pictures")
        zh.append("明亮" if column else "昏暗")
    if look.shot_s is not None:
        en.append(f"a cut every {seconds(look.shot_s * 1000, 'en')}")
        zh.append(f"平均 {seconds(look.shot_s * 1000, 'zh')}一个镜头")
    return say(lang, ", ".join(en), "、".join(zh))
