"""The mix: gains, fades, length, loudness, and time."""

from __future__ import annotations

from dataclasses import replace

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from cases import cases
from hypothesis import given, settings, strategies as st

from nemo_notebook.errors import FileMissing, UnsupportedMedia
from nemo_notebook.music import loudness_lufs
from nemo_notebook.render import MediaFile, audio, make_plan, output_for
from nemo_notebook.render.cache import Mix
from nemo_notebook.render.formats import SOUND_CODECS
from nemo_notebook.render.layers import Sound, SoundPlan
from nemo_notebook.render.planes import Planes
from nemo_notebook.render.sound_file import Container, decoded_peak, write_sound

RATE = 48_000


def mix_of(studio, draft):
    """The mix of a draft and what was planned."""
    plan = make_plan(draft, studio.media, output_for(draft)).sound
    return audio.mix_sound(plan, studio.folder / "sounds", lambda done: None), plan


def heard_of(mix: Mix) -> np.ndarray:
    return mix.samples() * np.float32(mix.gain)


def mix_plan(studio, *sounds: Sound, samples: int) -> np.ndarray:
    return heard_of(audio.mix_sound(SoundPlan(samples, sounds), studio.folder / "sounds", lambda done: None))


def sound_of(studio, name: str, samples: int, **how) -> Sound:
    file = studio.media[name]
    return replace(Sound(name, str(file.path), name, (), 0.0, 0, samples, 1.0, 0, 0), **how)


def track_of(studio, mix: Mix, codec: str = "aac"):
    path, codec = studio.folder / f"track.{codec}", SOUND_CODECS[codec]
    write_sound(
        mix, codec, "high", path, Container(codec.track[0], codec.track[2], codec.says_delay), lambda done: None
    )
    return path


def rms(samples):
    return float(np.sqrt(np.mean(samples**2)))


def test_gain_and_fades_shape_the_song(studio, kit):
    studio.song("song", kit.tone(2, peak=0.5))
    song = kit.segment("song", 0, 2000, 0.5, media="song", fade_in_ms=500, fade_out_ms=1000)
    mix, plan = mix_of(studio, kit.draft_of(2000, (1, [song])))
    heard = heard_of(mix)
    assert heard.shape == (plan.samples, 2) == (96000, 2)
    assert rms(heard[30000:45000]) == pytest.approx(0.25 / 2**0.5, rel=0.01)
    assert rms(heard[11000:13000]) == pytest.approx(0.25 / 2, rel=0.03)  # half way in: half its power
    assert rms(heard[71000:73000]) == pytest.approx(0.25 / 2, rel=0.03)  # half way out
    assert np.abs(heard[-100:]).max() < 0.001


def test_edges_have_short_ramps_and_gain_one_between():
    sound = Sound("m", "p", "n", (), 0.0, 0, 4800, 1.0, 0, 0)
    whole = audio.gains_of(sound, 0, 4800)
    assert whole[0] < 0.01
    assert whole[-1] < 0.01
    assert np.all(whole[240:-240] == 1)
    assert np.abs(np.diff(whole)).max() < 0.007
    assert np.array_equal(np.concatenate([audio.gains_of(sound, 0, 1000), audio.gains_of(sound, 1000, 3800)]), whole)


@pytest.mark.parametrize("codec", ["aac", "opus", "mp3"])
def test_sounds_add_up_and_never_pass_the_ceiling_as_decoded(studio, kit, codec):
    noise = np.sign(np.sin(np.arange(96000) / 9))[:, None] * np.float32([[0.9, 0.9]])  # a square wave overshoots most
    studio.song("a", noise)
    studio.song("b", noise)
    both = [kit.segment("song", 0, 2000, 1, media=name) for name in ("a", "b")]
    mix, _ = mix_of(studio, kit.draft_of(2000, (1, both)))
    assert np.abs(heard_of(mix)).max() > 1.7
    assert 0.6 < decoded_peak(track_of(studio, mix, codec)) <= audio.PEAK_CEILING


def test_what_is_not_too_loud_is_left_as_it_is(studio, kit):
    studio.song("a", kit.tone(2, peak=0.7))
    mix, _ = mix_of(studio, kit.draft_of(2000, (1, [kit.segment("song", 0, 2000, 1, media="a")])))
    assert decoded_peak(track_of(studio, mix)) == pytest.approx(0.7, rel=0.03)


def test_a_loud_moment_does_not_turn_the_whole_film_down(studio, kit):
    samples = kit.tone(4, peak=0.4)
    samples[96000:100800] *= 5  # 14 dB
    mix = audio.mix_sound(
        SoundPlan(192000, (sound_of(studio, studio.song("a", samples / 5), 192000, gain=1.0),)),
        studio.folder / "sounds",
        lambda done: None,
    )
    heard = kit.hear(track_of(studio, replace(mix, gain=5.0)))
    down = rms(heard[20000:80000]) / (0.4 / 2**0.5)
    assert 10 ** (-3.2 / 20) < down < 10 ** (-2.5 / 20)
    assert decoded_peak(studio.folder / "track.aac") <= audio.PEAK_CEILING
    assert rms(heard[160000:185000]) == pytest.approx(rms(heard[20000:80000]), rel=0.03)  # it has come back


def test_turning_all_up_or_down_needs_no_new_mix(studio, kit):
    studio.song("a", kit.tone(1))
    draft = kit.draft_of(1000, (1, [kit.segment("song", 0, 1000, 1, media="a")]))
    loud, _ = mix_of(studio, draft)
    draft["t"][0]["sg"][0]["v"] = 0.3
    quiet, _ = mix_of(studio, draft)
    assert (quiet.raw, quiet.gain) == (loud.raw, 0.3)
    assert np.array_equal(heard_of(quiet), loud.samples() * np.float32(0.3))


@given(st.floats(0.05, 0.49), st.floats(0, 2 * np.pi), st.floats(0.3, 1.2))
@settings(max_examples=25, deadline=None)
def test_a_true_peak_is_that_of_the_wave_between_the_samples(frequency, phase, peak):
    wave = peak * np.sin(2 * np.pi * min(frequency, 0.42) * np.arange(4800) + phase)
    found = float(audio.true_peaks(np.stack([wave, 0 * wave], axis=1).astype(np.float32), 0.3).max())
    assert found == pytest.approx(peak, rel=0.06)


@given(st.lists(st.floats(0.01, 3), min_size=1, max_size=300), st.floats(0.2, 1))
@settings(max_examples=50, deadline=None)
def test_a_limiter_holds_every_peak_and_touches_nothing_when_nothing_is_loud(peaks, ceiling):
    gains = audio.limiting(np.array(peaks, np.float32), ceiling)
    assert gains.shape == (len(peaks),)
    assert np.all(gains * peaks <= ceiling * 1.0001)
    assert np.all(gains <= 1.0001)
    quiet = np.minimum(np.array(peaks, np.float32), np.float32(ceiling))
    assert np.allclose(audio.limiting(quiet, ceiling), 1, atol=1e-6)


def test_a_limiter_turns_down_before_a_peak_and_comes_back_slowly():
    peaks = np.full(2000, 0.5, np.float32)
    peaks[500] = 2.0
    gains = audio.limiting(peaks, 1.0)
    assert gains[480] == pytest.approx(1, abs=1e-3)
    assert gains[498] == pytest.approx(0.5, rel=0.02)
    assert np.abs(np.diff(20 * np.log10(gains[520:]))).max() < 0.07
    assert gains[900] == pytest.approx(1, abs=1e-3)


@cases
def test_a_sound_is_brought_within_a_range_of_loudness_but_never_turned_up_by_more_than_twice(lufs, decibels):
    power = np.full(5000, 10 ** ((-20 + 0.691) / 10))
    peaks = np.full(5000, 0.2, np.float32)
    assert 20 * np.log10(audio.gain_to(lufs, power, peaks, 0.8)) == pytest.approx(decibels, abs=0.02)


def test_what_a_limiter_takes_away_is_made_up_for():
    power, peaks = np.full(5000, 10 ** ((-14 + 0.691) / 10)), np.full(5000, 0.5, np.float32)
    peaks[::500] = 1.6
    gain = audio.gain_to((-14, -14), power, peaks, 0.8)
    left = power * (gain * audio.limiting(gain * peaks, 0.8)) ** 2
    assert 1.03 < gain < 2
    assert loudness_lufs(left) == pytest.approx(-14, abs=0.1)


def test_silence_is_left_alone():
    assert audio.gain_to((-14, -14), np.zeros(5000), np.zeros(5000, np.float32), 0.8) == 1.0
    assert audio.gain_to((-14, -14), np.zeros(0), np.zeros(0, np.float32), 0.8) == 1.0


def ducked(studio, kit, duck: float) -> np.ndarray:
    """A song under two words of a clip, one second each from 1 s and 4 s on; the share that is left of it."""
    voice, song = np.zeros((6 * RATE, 2), np.float32), kit.tone(6, 3000.0, 0.3)
    for start in (1, 4):
        voice[start * RATE : (start + 1) * RATE] = kit.tone(1, 200.0, 0.4)
    studio.song("voice", voice)
    studio.song("song", song)
    said = sound_of(studio, "voice", 6 * RATE, voice=True)
    alone = mix_plan(studio, said, samples=6 * RATE)
    both = mix_plan(studio, said, sound_of(studio, "song", 6 * RATE, duck=duck), samples=6 * RATE)
    left = (both - alone)[:, 0].reshape(-1, 480)
    return np.sqrt((left**2).mean(axis=1)) / (0.3 / 2**0.5)


@pytest.mark.parametrize("duck", [0.0, 0.3])
def test_music_gives_way_to_a_voice_and_comes_back_smoothly(studio, kit, duck):
    left = ducked(studio, kit, duck)  # every 10 ms
    assert left[5:94] == pytest.approx(1, abs=0.02)
    assert left[101:199] == pytest.approx(duck, abs=0.02)
    assert left[401:499] == pytest.approx(duck, abs=0.02)
    assert left[290:394] == pytest.approx(1, abs=0.02)
    back = left[202:290]
    assert np.all(np.diff(back) > -0.02)
    assert np.abs(np.diff(back)).max() < 0.06


def test_music_that_is_not_ducked_stays(studio, kit):
    assert ducked(studio, kit, 1.0)[5:590] == pytest.approx(1, abs=0.02)


def test_a_pause_between_words_does_not_let_the_music_up_and_noise_is_no_voice():
    levels = np.full(5000, -70, np.float32)
    levels[1000:1500] = levels[1650:2000] = -20
    levels[3000:4000] = -46  # the room
    asks = audio.presence(levels)
    assert np.all(asks[1000:2000] == 1)
    assert np.all(asks[2700:] == 0)
    assert np.all(asks[:950] == 0)
    assert np.all(audio.presence(np.full(300, -80, np.float32)) == 0)


def test_levels_and_curves_have_a_value_a_millisecond(kit):
    assert audio.levels_db(kit.tone(0.1, 1000.0, 1.0)) == pytest.approx(np.full(100, -3.01), abs=0.01)
    curve = np.linspace(0, 1, 100, dtype=np.float32)
    assert np.abs(np.diff(audio.at_samples(curve, 0, 4800))).max() < 0.0003


@pytest.mark.parametrize("speed", [0.25, 0.5, 0.8, 1.25, 2.0, 4.0])
def test_another_speed_keeps_the_pitch_and_the_time(studio, kit, speed):
    rate_s = 3.0
    source = kit.tone(rate_s, 440.0, 0.3)
    blocks = [source[first : first + 5000] for first in range(0, len(source), 5000)]
    made = np.concatenate(list(audio.stretched(iter(blocks), speed)))
    assert len(made) / RATE == pytest.approx(rate_s / speed, abs=0.1 / min(1, speed))
    middle = made[len(made) // 4 : -len(made) // 4, 0]
    hertz = np.abs(np.fft.rfft(middle * np.hanning(len(middle)))).argmax() * RATE / len(middle)
    assert hertz == pytest.approx(440, rel=0.005)
    assert rms(middle) == pytest.approx(0.3 / 2**0.5, rel=0.05)


@pytest.mark.parametrize("speed", [0.5, 0.75, 0.9, 1.1, 1.5, 2.0, 3.0, 4.0])
def test_a_sound_at_another_speed_is_in_step_and_as_long_as_planned(studio, kit, speed):
    samples = np.full((4 * RATE, 2), 1e-4, np.float32)
    samples[2 * RATE : 2 * RATE + 480] = kit.tone(0.01, 1000.0, 0.8)
    studio.song("click", samples)
    heard = mix_plan(studio, sound_of(studio, "click", 3 * RATE, in_ms=1500.0, speed=speed), samples=3 * RATE)
    assert len(heard) == 3 * RATE
    level = np.abs(heard[:, 0])
    assert int((level > level.max() / 2).argmax()) / RATE == pytest.approx(0.5 / speed, abs=0.02)


@pytest.mark.parametrize("speed", [0.5, 1.5, 4.0])
def test_a_sound_at_another_speed_is_heard_to_its_end(kit, speed):
    made = np.concatenate(list(audio.stretched(iter([kit.tone(2.0)]), speed)))
    last = int(2.0 / speed * RATE)
    assert rms(made[last - 960 : last]) == pytest.approx(0.5 / 2**0.5, rel=0.3)


@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1"])
@pytest.mark.parametrize("rate", [22050, 44100, 48000])
def test_any_layout_and_rate_is_heard_as_loud_as_by_itself(studio, kit, layout, rate):
    channels = {"mono": 1, "stereo": 2, "5.1": 6}[layout]
    wave = 0.4 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    values = np.zeros((channels, rate), np.float32)
    values[2 if channels == 6 else slice(None)] = wave  # of six, the third is the centre
    path = studio.folder / "in.wav"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_f32le", rate=rate, layout=layout)
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(values.T).reshape(1, -1), format="flt", layout=layout)
        frame.sample_rate = rate
        file.mux([*stream.encode(frame), *stream.encode(None)])
    studio.media["in"] = MediaFile("in", path, "audio", 1000, has_audio=True)
    heard = mix_plan(studio, sound_of(studio, "in", RATE), samples=RATE)[2000:-2000]
    expected = 0.4 * (0.5**0.5 if channels == 6 else 1)
    assert heard[:, 0] == pytest.approx(heard[:, 1], abs=1e-4)
    assert np.abs(heard).max() == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("suffix", ["wav", "mp3", "m4a"])
@pytest.mark.parametrize("in_ms", [0, 700])
def test_a_click_is_heard_where_it_lies(studio, kit, suffix, in_ms):
    samples = np.zeros((96000, 2), np.float32)
    samples[72000:72020] = 0.8
    studio.song("click", samples, suffix)
    song = kit.segment("song", 300, 1700, 1, media="click", in_ms=in_ms)
    mix, _ = mix_of(studio, kit.draft_of(2000, (1, [song])))
    at = int(np.abs(heard_of(mix)[:, 0]).argmax())
    assert at == pytest.approx(72010 + 300 * 48 - in_ms * 48, abs=60)


def test_a_clips_own_sound_is_in_step_from_any_in_point(studio, kit):
    samples = np.zeros((144000, 2), np.float32)
    samples[120000:120020] = 0.8
    studio.clip("talk", 90, tone=samples, gop=30, paint=lambda k, w, h: Planes.black(w, h))
    clip = kit.segment("clip", 0, 1000, 1, media="talk", in_ms=2000)
    mix, _ = mix_of(studio, kit.draft_of(1000, (0, [clip])))
    assert int(np.abs(heard_of(mix)[:, 0]).argmax()) == pytest.approx(24010, abs=60)


def test_silence_follows_where_the_source_has_ended(studio, kit):
    studio.song("short", kit.tone(0.5))
    mix, plan = mix_of(studio, kit.draft_of(1000, (1, [kit.segment("song", 0, 1000, 1, media="short")])))
    heard = heard_of(mix)
    assert len(heard) == plan.samples
    assert rms(heard[:20000]) > 0.3
    assert np.all(heard[24100:] == 0)


def test_composed_music_is_laid_under(studio, kit):
    music = kit.segment("bgm", 1000, 2000, 0.8, music={"mood": "lofi", "bpm": 80, "seed": 1})
    mix, _ = mix_of(studio, kit.draft_of(3000, (1, [music])))
    assert np.all(heard_of(mix)[:47000] == 0)
    assert rms(heard_of(mix)[60000:120000]) > 0.01


def test_of_less_music_than_can_be_composed_the_beginning_is_heard(studio, kit):
    music = kit.segment("bgm", 0, 400, 0.8, music={"mood": "rock", "bpm": 120, "seed": 1})
    mix, plan = mix_of(studio, kit.draft_of(400, (1, [music])))
    assert len(heard_of(mix)) == plan.samples == 19200
    assert rms(heard_of(mix)) > 0.01


def test_a_mix_is_made_once(studio, kit):
    studio.song("song", kit.tone(1))
    draft = kit.draft_of(1000, (1, [kit.segment("song", 0, 1000, 1, media="song")]))
    mix, _ = mix_of(studio, draft)
    studio.media["song"].path.unlink()
    before = mix.raw.stat().st_ino
    assert mix_of(studio, draft)[0].raw.stat().st_ino == before


def test_equal_plans_give_equal_bytes(studio, kit):
    studio.song("song", kit.tone(1))
    draft = kit.draft_of(1000, (1, [kit.segment("song", 0, 1000, 0.9, media="song")]))
    tracks = []
    for _ in range(2):
        mix, _ = mix_of(studio, draft)
        tracks.append((mix.raw.read_bytes(), track_of(studio, mix).read_bytes()))
        mix.raw.unlink()
    assert tracks[0] == tracks[1]


def test_no_sound_at_all_is_silence_of_the_right_length(studio, kit):
    heard = mix_plan(studio, samples=48123)
    assert heard.shape == (48123, 2)
    assert not heard.any()


def test_a_missing_or_soundless_source_is_named(studio, kit):
    studio.song("song", kit.tone(1))
    draft = kit.draft_of(1000, (1, [kit.segment("song", 0, 1000, 1, media="song", source="my song.wav")]))
    studio.media["song"].path.write_text("no sound", encoding="utf-8")
    with pytest.raises(UnsupportedMedia, match=r"my song\.wav"):
        mix_of(studio, draft)
    studio.media["song"].path.unlink()
    with pytest.raises(FileMissing, match=r"my song\.wav"):
        mix_of(studio, draft)
    assert not list((studio.folder / "sounds").iterdir())
