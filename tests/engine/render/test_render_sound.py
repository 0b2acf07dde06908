"""The mix: gains, fades, length, loudness, and time."""

from __future__ import annotations

import numpy as np
import pytest

from nemo_notebook.engine.render import make_plan, output_for
from nemo_notebook.engine.render.layers import Sound
from nemo_notebook.engine.render.picture import Planes
from nemo_notebook.engine.render.sound import CEILING, Mix, decoded_peak, mix_sound
from nemo_notebook.engine.render.tape import envelope
from nemo_notebook.errors import FileMissing, UnsupportedMedia


def mix_of(studio, draft):
    plan = make_plan(draft, studio.media, output_for(draft)).sound
    mix = Mix.at(studio.folder, "mix")
    mix_sound(plan, mix, lambda done: None)
    return mix, plan


def rms(samples):
    return float(np.sqrt(np.mean(samples**2)))


def test_gain_and_fades_shape_the_song(studio, kit):
    studio.song("song", kit.tone(2, peak=0.5))
    song = kit.segment("song", 0, 2000, 0.5, media="song", fade_in_ms=500, fade_out_ms=1000)
    mix, plan = mix_of(studio, kit.draft_of(2000, (1, [song])))
    heard = mix.samples()
    assert heard.shape == (plan.samples, 2) == (96000, 2)
    assert rms(heard[30000:45000]) == pytest.approx(0.25 / 2**0.5, rel=0.01)
    assert rms(heard[11000:13000]) == pytest.approx(0.125 / 2**0.5, rel=0.03)  # half way in
    assert rms(heard[71000:73000]) == pytest.approx(0.125 / 2**0.5, rel=0.03)  # half way out
    assert np.abs(heard[-100:]).max() < 0.001


def test_edges_have_short_ramps_and_gain_one_between():
    sound = Sound("m", "p", "n", (), 0.0, 0, 4800, 1.0, 0, 0)
    whole = envelope(sound, 0, 4800)
    assert whole[0] < 0.01
    assert whole[-1] < 0.01
    assert np.all(whole[240:-240] == 1)
    assert np.abs(np.diff(whole)).max() < 0.005
    assert np.array_equal(np.concatenate([envelope(sound, 0, 1000), envelope(sound, 1000, 3800)]), whole)


def test_sounds_add_up_and_never_pass_the_ceiling_as_decoded(studio, kit):
    noise = np.sign(np.sin(np.arange(96000) / 9))[:, None] * np.float32([[0.9, 0.9]])  # a square wave overshoots most
    studio.song("a", noise)
    studio.song("b", noise)
    both = [kit.segment("song", 0, 2000, 1, media=name) for name in ("a", "b")]
    mix, _ = mix_of(studio, kit.draft_of(2000, (1, both)))
    assert 0.6 < decoded_peak(mix.aac) <= CEILING
    assert np.abs(mix.samples()).max() < CEILING


@pytest.mark.parametrize("suffix", ["wav", "mp3", "m4a"])
@pytest.mark.parametrize("in_ms", [0, 700])
def test_a_click_is_heard_where_it_lies(studio, kit, suffix, in_ms):
    samples = np.zeros((96000, 2), np.float32)
    samples[72000:72020] = 0.8
    studio.song("click", samples, suffix)
    song = kit.segment("song", 300, 1700, 1, media="click", in_ms=in_ms)
    mix, _ = mix_of(studio, kit.draft_of(2000, (1, [song])))
    at = int(np.abs(mix.samples()[:, 0]).argmax())
    assert at == pytest.approx(72010 + 300 * 48 - in_ms * 48, abs=60)


def test_a_clips_own_sound_is_in_step_from_any_in_point(studio, kit):
    samples = np.zeros((144000, 2), np.float32)
    samples[120000:120020] = 0.8
    studio.clip("talk", 90, tone=samples, gop=30, paint=lambda k, w, h: Planes.black(w, h))
    clip = kit.segment("clip", 0, 1000, 1, media="talk", in_ms=2000)
    mix, _ = mix_of(studio, kit.draft_of(1000, (0, [clip])))
    assert int(np.abs(mix.samples()[:, 0]).argmax()) == pytest.approx(24010, abs=60)


def test_silence_follows_where_the_source_has_ended(studio, kit):
    studio.song("short", kit.tone(0.5))
    mix, plan = mix_of(studio, kit.draft_of(1000, (1, [kit.segment("song", 0, 1000, 1, media="short")])))
    heard = mix.samples()
    assert len(heard) == plan.samples
    assert rms(heard[:20000]) > 0.3
    assert np.all(heard[24100:] == 0)


def test_composed_music_is_laid_under(studio, kit):
    music = kit.segment("bgm", 1000, 2000, 0.8, music={"mood": "lofi", "bpm": 80, "seed": 1})
    mix, _ = mix_of(studio, kit.draft_of(3000, (1, [music])))
    assert np.all(mix.samples()[:47000] == 0)
    assert rms(mix.samples()[60000:120000]) > 0.01


def test_a_mix_is_made_once(studio, kit):
    studio.song("song", kit.tone(1))
    draft = kit.draft_of(1000, (1, [kit.segment("song", 0, 1000, 1, media="song")]))
    mix, _ = mix_of(studio, draft)
    studio.media["song"].path.unlink()
    before = mix.aac.stat().st_mtime_ns
    mix_of(studio, draft)
    assert mix.aac.stat().st_mtime_ns == before


def test_a_missing_or_soundless_source_is_named(studio, kit):
    studio.song("song", kit.tone(1))
    draft = kit.draft_of(1000, (1, [kit.segment("song", 0, 1000, 1, media="song", source="my song.wav")]))
    studio.media["song"].path.write_text("no sound", encoding="utf-8")
    with pytest.raises(UnsupportedMedia, match=r"my song\.wav"):
        mix_of(studio, draft)
    studio.media["song"].path.unlink()
    with pytest.raises(FileMissing, match=r"my song\.wav"):
        mix_of(studio, draft)
    assert not list(studio.folder.glob("mix*"))
