from __future__ import annotations

import struct

import numpy as np
import pytest
from cases import cases
from covers import encoded, song_with
from hostile_media import gif_of, jpeg_of
from media_files import clicks, write_sound, write_video
from PIL import Image

from nemo_notebook.errors import FileMissing, MediaTooLarge, UnsupportedMedia
from nemo_notebook.media.analysis import mono
from nemo_notebook.media.probe import probe


@cases
def test_video__kind_length_size_and_rate_are_read(tmp_path, name, codec):
    write_video(tmp_path / name, frames=45, codec=codec)
    info = probe(tmp_path / name, name)
    assert (info.kind, info.width, info.height, info.rotation, info.fps) == ("video", 160, 96, 0, 30.0)
    assert info.duration_s == pytest.approx(1.5, abs=0.04)
    assert not info.has_audio


def test_video__sound_and_tags_are_read_and_control_characters_dropped(tmp_path):
    write_video(tmp_path / "a.mp4", sound_s=1.0, tags={"title": "Sea\x07 side", "artist": "Mina"}.items())
    info = probe(tmp_path / "a.mp4", "a.mp4")
    assert info.has_audio
    assert (info.title, info.artist) == ("Sea side", "Mina")
    assert info.to_json()["codec"] == "h264"


def test_video__turned_by_its_matrix_is_measured_as_displayed(tmp_path):
    path = tmp_path / "a.mp4"
    write_video(path)
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 44  # version 0: 40 bytes of fields after the type and flags
    quarter_turn = (0, 0x10000, 0, -0x10000, 0, 0, 96 << 16, 0, 0x40000000)
    data[matrix : matrix + 36] = struct.pack(">9i", *quarter_turn)
    path.write_bytes(data)
    info = probe(path, "a.mp4")
    assert (info.width, info.height, info.rotation) == (96, 160, 90)


def test_video__recorded_without_length_is_measured_by_its_packets(tmp_path):
    write_video(tmp_path / "live.webm", frames=60, codec="libvpx", container="webm", live="1")
    assert probe(tmp_path / "live.webm", "live.webm").duration_s == pytest.approx(2.0, abs=0.04)


def test_video__cut_in_the_middle_states_what_it_holds(tmp_path):
    path = tmp_path / "a.mp4"
    write_video(path, frames=300, movflags="faststart")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 6 // 10])
    assert 2.0 < probe(path, "a.mp4").duration_s < 9.0


def test_video__cut_before_its_first_frame_is_refused(tmp_path):
    path = tmp_path / "a.mp4"
    write_video(path, frames=60, movflags="faststart")
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"mdat") + 20])
    with pytest.raises(UnsupportedMedia, match=r"holiday\.mp4.*(cut off|decode)"):
        probe(path, "holiday.mp4")


def test_video__without_its_index_says_so(tmp_path):
    path = tmp_path / "a.mp4"
    write_video(path, frames=60)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(UnsupportedMedia, match=r"holiday\.mp4 is cut off.*moov") as caught:
        probe(path, "holiday.mp4")
    assert "again" in caught.value.hint


def test_gif__moving_is_a_video_and_still_is_an_image(tmp_path):
    write_video(tmp_path / "moving.gif", frames=8, fps=10, codec="gif")
    write_video(tmp_path / "still.gif", frames=1, fps=10, codec="gif")
    moving, still = (probe(tmp_path / name, name) for name in ("moving.gif", "still.gif"))
    assert (moving.kind, moving.fps) == ("video", 10.0)
    assert moving.duration_s == pytest.approx(0.8, abs=0.02)
    assert (still.kind, still.duration_s, still.width) == ("image", 0.0, 160)


@cases
def test_sound__kind_and_length_are_read(tmp_path, name, codec, container):
    write_sound(tmp_path / name, np.zeros(3 * 44100, np.float32), codec=codec, container=container)
    info = probe(tmp_path / name, name)
    assert (info.kind, info.has_audio, info.width, info.fps) == ("audio", True, 0, 0.0)
    assert info.duration_s == pytest.approx(3.0, abs=0.06)


def test_gif__of_one_picture_that_is_cut_off_is_refused_as_the_render_would(tmp_path):
    Image.effect_noise((320, 240), 60).convert("P").save(tmp_path / "still.gif")
    data = (tmp_path / "still.gif").read_bytes()
    (tmp_path / "still.gif").write_bytes(data[: len(data) * 9 // 10])
    with pytest.raises(UnsupportedMedia, match=r"still\.gif does not decode as a GIF picture"):
        probe(tmp_path / "still.gif", "still.gif")


def wav(rate=44100, channels=1, bits=16, tag=1):
    data = bytes(8000 * channels * 2)
    form = struct.pack("<HHIIHH", tag, channels, rate, 88200, channels * 2, bits)
    sizes = (struct.pack("<I", size) for size in (36 + len(data), len(data)))
    return b"".join([b"RIFF", next(sizes), b"WAVEfmt \x10\0\0\0", form, b"data", next(sizes), data])


@cases
def test_sound__that_states_what_no_sound_has_is_refused(tmp_path, head, words):
    (tmp_path / "a.wav").write_bytes(wav(**head))
    with pytest.raises(UnsupportedMedia, match=words):
        probe(tmp_path / "a.wav", "a.wav")


def test_video__of_an_unknown_codec_is_refused_and_with_unknown_sound_it_is_silent(tmp_path):
    write_video(tmp_path / "a.mp4", frames=10)
    (tmp_path / "a.mp4").write_bytes((tmp_path / "a.mp4").read_bytes().replace(b"avc1", b"zzz9"))
    with pytest.raises(UnsupportedMedia, match=r"a\.mp4: its pictures cannot be read"):
        probe(tmp_path / "a.mp4", "a.mp4")
    write_video(tmp_path / "a.avi", frames=10, codec="mpeg4", sound_s=1.0)
    data = bytearray((tmp_path / "a.avi").read_bytes())
    form = data.index(b"strf", data.index(b"auds")) + 8
    data[form : form + 2] = b"\x77\x77"
    (tmp_path / "a.avi").write_bytes(data)
    assert (probe(tmp_path / "a.avi", "a.avi").kind, probe(tmp_path / "a.avi", "a.avi").has_audio) == ("video", False)


def test_sound__in_an_mp4_is_sound(tmp_path):
    write_sound(tmp_path / "a.mp4", np.zeros(44100, np.float32), codec="aac")
    assert probe(tmp_path / "a.mp4", "a.mp4").kind == "audio"


def test_sound__cover_art_is_no_video(tmp_path):
    info = probe(song_with(tmp_path / "s.mp3", encoded(Image.new("RGB", (40, 40), "red"))), "s.mp3")
    assert (info.kind, info.codec, info.width) == ("audio", "mp3", 0)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_image__is_known_by_its_content_whatever_its_name(tmp_path, kind):
    path = tmp_path / "picture.mp4"
    Image.new("RGB", (120, 80), "teal").save(path, format=kind)
    info = probe(path, "picture.mp4")
    assert (info.kind, info.codec, info.width, info.height) == ("image", kind, 120, 80)


def test_image__turned_by_exif_is_measured_as_displayed(tmp_path):
    picture = Image.new("RGB", (120, 80))
    exif = picture.getexif()
    exif[0x112] = 6
    picture.save(tmp_path / "p.jpg", exif=exif)
    info = probe(tmp_path / "p.jpg", "p.jpg")
    assert (info.width, info.height, info.rotation) == (80, 120, 90)


@pytest.mark.parametrize("size", [(9000, 10), (8000, 8000)])
def test_image__too_large_is_refused_before_it_is_decoded(tmp_path, size):
    Image.new("1", size).save(tmp_path / "big.png")
    with pytest.raises(MediaTooLarge, match=rf"big\.png is {size[0]}×{size[1]}"):
        probe(tmp_path / "big.png", "big.png")


def test_jpeg__of_too_many_scans_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    (tmp_path / "scans.jpg").write_bytes(jpeg_of(600))
    monkeypatch.setattr(Image.Image, "load", None)
    with pytest.raises(MediaTooLarge, match=r"scans\.jpg is a JPEG of more than 100 scans, which takes too long"):
        probe(tmp_path / "scans.jpg", "scans.jpg")


def test_jpeg__has_the_scans_of_its_own_picture_not_what_only_looks_like_some(tmp_path):
    data = jpeg_of(100)
    comment = b"\xff\xda" * 200
    data = data[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + data[2:]
    (tmp_path / "p.jpg").write_bytes(data + b"\xff\xda" * 200)  # such as a film that a phone appends
    assert probe(tmp_path / "p.jpg", "p.jpg").width == 64


def test_gif__of_too_many_frames_is_refused(tmp_path):
    (tmp_path / "many.gif").write_bytes(gif_of(20_001))
    with pytest.raises(MediaTooLarge, match=r"many\.gif has 20001 frames; at most 20000"):
        probe(tmp_path / "many.gif", "many.gif")
    (tmp_path / "vast.gif").write_bytes(gif_of(200, 8000))
    with pytest.raises(MediaTooLarge, match="at most 156"):
        probe(tmp_path / "vast.gif", "vast.gif")
    (tmp_path / "some.gif").write_bytes(gif_of(500))
    assert probe(tmp_path / "some.gif", "some.gif").duration_s == 10


def test_image__cut_off_is_refused(tmp_path):
    path = tmp_path / "p.png"
    Image.effect_noise((200, 200), 80).save(path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(UnsupportedMedia, match=r"p\.png does not decode"):
        probe(path, "p.png")


@cases
def test_text__named_as_media_is_refused_as_text(tmp_path, text):
    (tmp_path / "clip.mp4").write_text(text, encoding="utf-8")
    with pytest.raises(UnsupportedMedia, match=r"clip\.mp4 holds text"):
        probe(tmp_path / "clip.mp4", "clip.mp4")


def test_bytes__of_no_known_type_are_refused(tmp_path):
    (tmp_path / "clip.mp4").write_bytes(np.random.default_rng(0).bytes(5000))
    with pytest.raises(UnsupportedMedia, match=r"clip\.mp4 is not readable"):
        probe(tmp_path / "clip.mp4", "clip.mp4")


def test_flac__is_named_when_it_is_refused(tmp_path):
    write_sound(tmp_path / "s.flac", np.zeros(44100, np.float32), codec="flac")
    with pytest.raises(UnsupportedMedia, match="FLAC"):
        probe(tmp_path / "s.flac", "s.flac")


def test_file__empty_or_absent_is_missing(tmp_path):
    (tmp_path / "none.mp4").touch()
    with pytest.raises(FileMissing, match=r"none\.mp4 is empty"):
        probe(tmp_path / "none.mp4", "none.mp4")
    with pytest.raises(FileMissing, match="does not exist"):
        probe(tmp_path / "other.mp4", "other.mp4")


@pytest.mark.parametrize(("name", "codec", "container"), [("s.mp3", "libmp3lame", None), ("s.m4a", "aac", "mp4")])
def test_decoding__leaves_out_the_encoder_delay(tmp_path, name, codec, container):
    sound, _ = clicks(100, 6.0, rate=44100)
    write_sound(tmp_path / name, sound, codec=codec, container=container)
    decoded, original = mono(tmp_path / name, name), sound.reshape(-1, 2).mean(axis=1)
    window = slice(22050, 4 * 22050)
    shifts = range(-30, 31)
    likeness = [float(original[window] @ decoded[window.start + s : window.stop + s]) for s in shifts]
    assert abs(shifts[int(np.argmax(likeness))]) <= 2  # samples of 45 µs


def test_decoding__of_a_silent_video_says_that_it_has_no_sound(tmp_path):
    write_video(tmp_path / "a.mp4", frames=5)
    with pytest.raises(UnsupportedMedia, match=r"a\.mp4 has no sound"):
        mono(tmp_path / "a.mp4", "a.mp4")
