"""Voices, songs and composed music side by side: how loud they are, alone and together, by two meters."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from music_measures import ebur128
from songs import RATE as SPEECH_RATE, speech

from nemo_notebook.media.analysis import integrated_lufs
from nemo_notebook.music import loudness_lufs, make_recipe, synthesize, weighted_power
from nemo_notebook.render import make_plan, output_for
from nemo_notebook.render.audio import mix_sound
from nemo_notebook.render.cache import sound_key
from nemo_notebook.render.formats import SOUND_CODECS
from nemo_notebook.render.layers import SoundPlan
from nemo_notebook.render.sound_file import Container, write_sound

RATE = 48_000
WINDOW = 960
LENGTH_S = 16
WORDS_S = ((3, 7), (9, 13))  # when the voice speaks
BGM = {"mood": "ambient", "bpm": 80, "seed": 3}


def voice() -> np.ndarray:
    """A voice of two passages in silence, recorded 6 dB quieter than songs are."""
    said = speech(4.0, 5)
    size = len(said) * RATE // SPEECH_RATE
    said = np.fft.irfft(np.pad(np.fft.rfft(said), (0, size // 2 - len(said) // 2)), size)
    sound = np.zeros((LENGTH_S * RATE, 2), np.float32)
    for start, _ in WORDS_S:
        sound[start * RATE : start * RATE + size] = said[:, None]
    return sound * np.float32(10 ** ((-20 - lufs_of(sound)) / 20))


def lufs_of(sound: np.ndarray) -> float:
    return loudness_lufs(weighted_power(sound))


def rms_db(sound: np.ndarray) -> float:
    return 10 * np.log10(np.mean(sound**2) + 1e-12)


def rms_db_each(sound: np.ndarray) -> np.ndarray:
    """The level of each 20 ms."""
    whole = sound[: len(sound) // WINDOW * WINDOW, 0].reshape(-1, WINDOW)
    return 10 * np.log10(np.mean(whole**2, axis=1) + 1e-12)


def within(sound: np.ndarray, start_s: float, end_s: float) -> np.ndarray:
    return sound[int(start_s * RATE) : int(end_s * RATE)]


@dataclass
class Mixer:
    """A studio in which uploads are listened to as they come."""

    studio: object
    kit: object

    def upload(self, name: str, samples: np.ndarray) -> str:
        self.studio.song(name, samples)
        file = self.studio.media[name]
        self.studio.media[name] = replace(file, lufs=integrated_lufs(file.path, name, 60))
        return name

    def plan(self, *segments: dict, length_s: float = LENGTH_S) -> SoundPlan:
        draft = self.kit.draft_of(1000 * length_s, *((1, [segment]) for segment in segments))
        return make_plan(draft, self.studio.media, output_for(draft)).sound

    def stems(self, plan: SoundPlan) -> np.ndarray:
        """What is mixed, before it is brought to a loudness and limited."""
        mix = mix_sound(plan, self.studio.folder / "sounds", lambda done: None)
        return mix.samples() * np.float32(mix.gain)

    def heard(self, plan: SoundPlan, codec: str = "aac") -> np.ndarray:
        """The film's sound as it is decoded."""
        mix = mix_sound(plan, self.studio.folder / "sounds", lambda done: None)
        path, known = self.studio.folder / f"track.{codec}", SOUND_CODECS[codec]
        container = Container(known.track[0], known.track[2], known.says_delay)
        write_sound(mix, known, "high", path, container, lambda done: None)
        return self.kit.hear(path)


@pytest.fixture
def mixer(studio, kit) -> Mixer:
    mixer = Mixer(studio, kit)
    mixer.upload("voice", voice())
    mixer.upload("song", 0.5 * synthesize(make_recipe("house", LENGTH_S * 1000, 5)))
    return mixer


def lanes(kit, duck: float, volume: float = 1.0) -> tuple[dict, dict, dict]:
    """A voice-over, a song and composed music, each on a track of its own, through the whole film."""
    return (
        kit.segment("speech", 0, LENGTH_S * 1000, volume, media="voice"),
        kit.segment("song", 0, LENGTH_S * 1000, volume, media="song", duck=duck),
        kit.segment("bgm", 0, LENGTH_S * 1000, 0.8 * volume, music=BGM, duck=duck),
    )


@pytest.mark.parametrize("duck", [0.0, 0.25, 1.0])
def test_voice_song_and_music_together_are_as_loud_as_one_of_them(mixer, kit, duck):
    heard = mixer.heard(mixer.plan(*lanes(kit, duck)))
    loudness, peak_db = ebur128(heard)
    assert loudness == pytest.approx(-14, abs=0.5)
    assert lufs_of(heard) == pytest.approx(loudness, abs=0.1)
    assert peak_db <= -1.0


def test_the_voice_is_heard_and_the_music_gives_way_to_it(mixer, kit):
    plan = mixer.plan(*lanes(kit, 0.25))
    heard, alone = mixer.heard(plan), mixer.stems(replace(plan, sounds=plan.sounds[:1]))
    music = mixer.stems(replace(plan, sounds=plan.sounds[1:]))
    left = mixer.stems(plan) - alone  # what is left of the music
    levels = {name: rms_db_each(sound) for name, sound in (("voice", alone), ("left", left), ("music", music))}
    speaks = levels["voice"] > levels["voice"].max() - 15
    spoken = np.repeat(speaks, WINDOW)
    assert 0.2 < speaks.mean() < 0.5
    assert np.corrcoef(heard[: len(spoken)][spoken, 0], alone[: len(spoken)][spoken, 0])[0, 1] > 0.9
    given_way = (levels["left"] - levels["music"])[speaks]
    assert given_way == pytest.approx(np.full(len(given_way), 20 * np.log10(0.25)), abs=0.3)
    before, after = (levels["left"] - levels["music"])[: 29 * 5], (levels["left"] - levels["music"])[-29 * 5 :]
    assert max(abs(before).max(), abs(after).max()) < 0.1


def test_a_clip_and_the_music_give_way_to_a_voice_over_and_else_the_music_to_the_clip(mixer, kit, studio):
    street = np.random.default_rng(3).normal(0, 0.05, (LENGTH_S * RATE, 2)).astype(np.float32)
    studio.clip("street", 2 * LENGTH_S, rate=2, tone=street)
    clip = kit.segment("clip", 0, LENGTH_S * 1000, 1.0, media="street")
    speech, song, _ = lanes(kit, 0.25)
    plan = mixer.plan(clip, song, speech)
    loudness, peak_db = ebur128(mixer.heard(plan))
    assert loudness == pytest.approx(-14, abs=0.5)
    assert peak_db <= -1.0
    alone = [mixer.stems(replace(plan, sounds=(replace(sound, duck=1.0),))) for sound in plan.sounds]
    together = {n: mixer.stems(replace(plan, sounds=(plan.sounds[n], plan.sounds[2]))) - alone[2] for n in (0, 1)}
    speaks = rms_db_each(alone[2]) > rms_db_each(alone[2]).max() - 15
    for n in (0, 1):
        given_way = rms_db_each(together[n]) - rms_db_each(alone[n])
        assert given_way[speaks] == pytest.approx(np.full(speaks.sum(), 20 * np.log10(0.25)), abs=0.3)
        assert abs(given_way[: 29 * 5]).max() < 0.1
    beside = mixer.stems(replace(plan, sounds=plan.sounds[:2])) - alone[0]  # the song, under the clip
    assert np.median(rms_db_each(beside) - rms_db_each(alone[1])) == pytest.approx(20 * np.log10(0.25), abs=0.3)


def test_a_clip_without_a_voice_over_is_mixed_and_cached_as_ever(mixer, kit, studio):
    studio.clip("room", 30, rate=10, tone=kit.tone(3))
    clip, song = kit.segment("clip", 0, 3000, 1, media="room"), kit.segment("song", 0, 3000, 1, media="song", duck=0.25)
    plan = mixer.plan(clip, song, length_s=3)
    assert [(sound.voice, sound.duck) for sound in plan.sounds] == [(True, 1.0), (False, 0.25)]
    silent = kit.segment("speech", 0, 3000, 0, media="voice")
    assert sound_key(mixer.plan(clip, song, silent, length_s=3)) == sound_key(plan)
    assert mixer.plan(clip, kit.segment("speech", 0, 3000, 1, media="voice"), length_s=3).sounds[0].duck == 0.25
    kept = {**clip, "m": {**clip["m"], "duck": 0.6}}
    assert mixer.plan(kept, kit.segment("speech", 0, 3000, 1, media="voice"), length_s=3).sounds[0].duck == 0.6


@pytest.mark.parametrize("role", ["song", "speech", "bgm"])
def test_each_alone_is_as_loud_as_the_others_and_quieter_where_it_is_turned_down(mixer, kit, role):
    usual = 0.8 if role == "bgm" else 1.0
    what = {"music": BGM} if role == "bgm" else {"media": "voice" if role == "speech" else "song"}
    plans = [mixer.plan(kit.segment(role, 0, 16_000, volume, **what)) for volume in (usual, 0.35 * usual)]
    loud, quiet = (ebur128(mixer.heard(plan))[0] for plan in plans)
    assert loud == pytest.approx(-14, abs=0.5)
    assert quiet == pytest.approx(-14 + 20 * np.log10(0.35), abs=0.5)


def test_a_film_whose_lanes_are_all_turned_down_is_quieter_by_as_much(mixer, kit):
    assert ebur128(mixer.heard(mixer.plan(*lanes(kit, 0.25, 0.5))))[0] == pytest.approx(-20, abs=0.5)


def test_a_quiet_clip_does_not_make_up_for_music_that_was_turned_down(mixer, kit, studio):
    studio.clip("room", 30, rate=10, tone=kit.tone(3, peak=0.005))
    clip = kit.segment("clip", 0, 3000, 1, media="room")
    song = kit.segment("song", 0, 3000, 0.35, media="song")
    heard = mixer.heard(mixer.plan(clip, song, length_s=3))
    assert ebur128(heard)[0] == pytest.approx(-23, abs=0.6)


@pytest.mark.parametrize("overlap_s", [1, 4])
def test_two_songs_that_cross_on_two_tracks_neither_dip_nor_bump(mixer, kit, overlap_s):
    rng = np.random.default_rng(0)
    for name in ("one", "other"):
        mixer.upload(name, rng.normal(0, 0.1, (LENGTH_S * RATE // 2, 2)).astype(np.float32))
    first = kit.segment("song", 0, 8000, 1, media="one", fade_out_ms=1000 * overlap_s)
    second_at = 8000 - 1000 * overlap_s
    second = kit.segment("song", second_at, 8000, 1, media="other", fade_in_ms=1000 * overlap_s)
    heard = mixer.heard(mixer.plan(first, second, length_s=16 - overlap_s))
    around = [rms_db(within(heard, at / 4, at / 4 + 0.25)) for at in range(4, 4 * (15 - overlap_s))]
    assert max(around) - min(around) < 1.5
