"""How loud things are: volumes that suit each other, ducking, and fades that outlive a change of music."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nemo_notebook.film import filming
from nemo_notebook.film.drafting import MUSIC, SPEECH, Draft, media_of, meta, segments_of, volume_of
from nemo_notebook.film.model import Situation
from nemo_notebook.outside import finite

DUCKED: Final = 0.25  # what is left of ducked music while a clip or a voice is heard: 12 dB less
USUAL_VOLUME: Final = 0.8  # of background music
_UNDER_SPEECH: Final = 0.35


def fitting_volume(film: Draft, situation: Situation) -> float:
    """The volume of background music that lets voices and the clips' own sound be understood."""
    return _UNDER_SPEECH if heard_clips(film, situation) or is_spoken(film) else USUAL_VOLUME


def song_volume(film: Draft, situation: Situation) -> float:
    """The volume of a song: as recorded, unless something else has to be understood."""
    fitting = fitting_volume(film, situation)
    return fitting if fitting < USUAL_VOLUME else 1.0


def is_spoken(film: Draft) -> bool:
    """Whether a voice recording is heard."""
    return any(volume_of(segment) > 0 for segment in segments_of(film, *SPEECH))


def clips_with_sound(film: Draft, situation: Situation) -> list[Draft]:
    """The shots that have sound of their own, muted or not."""
    return [s for s in filming.shots_of(film) if (i := media_of(s, situation)) and i.kind == "video" and i.has_audio]


def heard_clips(film: Draft, situation: Situation) -> list[Draft]:
    """The shots whose own sound is heard."""
    return [shot for shot in clips_with_sound(film, situation) if volume_of(shot) > 0]


def duck_of(segment: Draft) -> float | None:
    """What is left of a segment's volume while a clip or a voice is heard, 0–1; None where it is not ducked."""
    duck = finite(meta(segment).get("duck"))
    return duck if duck is not None and 0 <= duck < 1 else None


def set_duck(music: Sequence[Draft], duck: float) -> None:
    """Make music give way to clips and voices; 1 ends it."""
    for segment in music:
        if duck < 1:
            meta(segment)["duck"] = duck
        else:
            meta(segment).pop("duck", None)


def give_way(film: Draft) -> None:
    """Duck the music that does not give way yet, where a voice recording is heard."""
    if is_spoken(film):
        set_duck([segment for segment in segments_of(film, *MUSIC) if duck_of(segment) is None], DUCKED)


def carry_over(before: Sequence[Draft], after: Sequence[Draft]) -> None:
    """Gives new music the volume, the fades and the ducking of the composed music that it stands in for."""
    old = [segment for segment in before if meta(segment).get("role") == "bgm"]
    if not old or not after:
        return
    for key, source, target in (("fade_in_ms", old[0], after[0]), ("fade_out_ms", old[-1], after[-1])):
        fade = finite(meta(source).get(key))
        meta(target)[key] = int(min(max(fade or 0.0, 0.0), target["d"]))
    for segment in after:
        segment["v"] = volume_of(old[0])
    set_duck(after, duck_of(old[0]) or 1.0)
