from __future__ import annotations

import contextlib
import os
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pillow_heif
import pytest
from av.stream import Disposition
from cases import cases
from convertible_files import CLICKS_S, FILMS, PICTURES, RATE, SOUNDS, clicking, sound_packets, write_film, write_sound
from covers import encoded
from PIL import Image, ImageCms

from nemo_notebook.errors import DiskFull, FileMissing, MediaTooLarge, UnsupportedMedia
from nemo_notebook.media import convert_sound
from nemo_notebook.media.convert import convert
from nemo_notebook.media.probe import probe
from nemo_notebook.media_types import CONVERTIBLE

LIMIT = 200_000_000
LOSSY = {"avif", "jp2", "heic", "heif", "hif"}
pillow_heif.register_heif_opener()  # to write such pictures


def ignore(done: float) -> None:
    pass


def run(path: Path, target: str | None = None, *, max_bytes: int = LIMIT, tell=ignore) -> Path:
    folder = path.parent / f"result of {path.suffix[1:]}"
    folder.mkdir(exist_ok=True)
    return convert(path, folder, target or CONVERTIBLE[path.suffix[1:]], max_bytes=max_bytes, tell=tell)


def heard(path: Path) -> tuple[np.ndarray, int]:
    """What a player hears, from the first sample on: shape (samples, channels)."""
    blocks = []
    with av.open(str(path)) as container:
        rate = container.streams.audio[0].codec_context.sample_rate
        for frame in container.decode(audio=0):
            samples = frame.to_ndarray()
            channels = frame.layout.nb_channels
            blocks.append(samples.T if frame.format.is_planar else samples.reshape(-1, channels))
    return np.concatenate(blocks), rate


def click_times_s(path: Path) -> list[float]:
    samples, rate = heard(path)
    loud = np.abs(samples.astype(np.float64)).max(axis=1)
    times = []
    for time_s in CLICKS_S[1:]:
        first = int((time_s - 0.3) * rate)
        near = loud[first : first + int(0.6 * rate)]
        times.append((first + int(np.argmax(near > near.max() / 2))) / rate)
    return times


def flash_and_click_s(path: Path) -> tuple[float, float]:
    with av.open(str(path)) as container:
        flash = next(f.time for f in container.decode(video=0) if f.to_ndarray(format="gray")[-30:, -30:].mean() > 120)
    with av.open(str(path)) as container:
        frames = [(f.time, f.sample_rate, f.to_ndarray()[0]) for f in container.decode(audio=0)]
    time_s, rate, samples = max(frames, key=lambda f: np.abs(f[2].astype(float)).max())
    level = np.abs(samples.astype(float))
    return flash, time_s + int(np.argmax(level > level.max() / 2)) / rate


@pytest.mark.parametrize("ending", SOUNDS)
def test_sound__keeps_its_place_its_length_and_its_channels(tmp_path, ending):
    source = tmp_path / f"song.{ending}"
    write_sound(source, ending)
    result = run(source)
    (before, rate), info = heard(source), probe(result, result.name)
    assert result.name == f"song.{CONVERTIBLE[ending]}"
    assert click_times_s(result) == pytest.approx(click_times_s(source), abs=0.001)
    assert info.duration_s == pytest.approx(len(before) / rate, abs=0.002)
    after, rate_after = heard(result)
    assert (after.shape[1], rate_after) == (before.shape[1], rate)


@pytest.mark.parametrize("ending", [e for e in SOUNDS if CONVERTIBLE[e] == "wav" and e != "aifc"])
def test_wav__holds_every_sample_as_it_was(tmp_path, ending):
    source = tmp_path / f"song.{ending}"
    write_sound(source, ending, np.random.default_rng(0).uniform(-0.9, 0.9, RATE).astype(np.float32))
    result = run(source)
    with av.open(str(result)) as container:
        bits = SOUNDS[ending].get("bits", 16)
        assert container.streams.audio[0].codec_context.name == f"pcm_s{bits}le"
    assert np.array_equal(heard(result)[0], heard(source)[0])


def test_flac__of_24_bits_becomes_a_wav_of_24(tmp_path):
    source = tmp_path / "song.flac"
    with av.open(str(source), "w") as out:
        stream = out.add_stream("flac", rate=RATE, layout="mono")
        stream.codec_context.format = "s32"
        out.mux(sound_packets(stream, np.random.default_rng(0).uniform(-0.9, 0.9, RATE).astype(np.float32), RATE))
    result = run(source)
    assert np.array_equal(heard(result)[0], heard(source)[0])
    assert result.stat().st_size == pytest.approx(RATE * 3, rel=0.01)


@pytest.mark.parametrize("ending", ["flac", "ogg", "opus", "wma", "tta"])
def test_sound__keeps_title_and_artist(tmp_path, ending):
    source = tmp_path / f"song.{ending}"
    write_sound(source, ending, tags={"title": "Sea\x07 side", "artist": "Mina"})
    result = run(source)
    info = probe(result, result.name)
    assert (info.title, info.artist) == ("Sea side", "Mina")


def test_sound__keeps_its_cover(tmp_path):
    source, cover = tmp_path / "song.mka", encoded(Image.new("RGB", (40, 30), "red"), "JPEG")
    write_sound(source, "mka")
    with_cover = tmp_path / "covered.mka"
    with av.open(str(source)) as old, av.open(str(with_cover), "w", format="matroska") as out:
        stream = out.add_stream_from_template(old.streams.audio[0])
        out.add_attachment("cover.jpg", "image/jpeg", cover)
        for packet in old.demux(audio=0):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    result = run(with_cover)
    with av.open(str(result)) as container:
        assert container.streams.video[0].disposition & Disposition.attached_pic
        picture = next(container.decode(video=0))
        assert (picture.width, picture.height) == (40, 30)
    assert probe(result, result.name).kind == "audio"
    assert click_times_s(result) == pytest.approx(CLICKS_S[1:], abs=0.001)


def test_wav_over_the_limit__becomes_an_m4a(tmp_path):
    source = tmp_path / "song.flac"
    write_sound(source, "flac")
    result = run(source, max_bytes=150_000)
    assert [path.name for path in result.parent.iterdir()] == ["song.m4a"]
    assert click_times_s(result) == pytest.approx(CLICKS_S[1:], abs=0.001)


def test_result_over_the_limit__is_refused(tmp_path):
    source = tmp_path / "song.flac"
    write_sound(source, "flac", np.random.default_rng(0).uniform(-1, 1, RATE).astype(np.float32))
    with pytest.raises(MediaTooLarge, match=r"song\.flac"):
        run(source, max_bytes=2_000)


def test_surround__is_mixed_down(tmp_path):
    source = tmp_path / "song.flac"
    with av.open(str(source), "w") as out:
        stream = out.add_stream("flac", rate=RATE, layout="5.1")
        frame = av.AudioFrame.from_ndarray(np.full((1, RATE * 6), 3000, np.int16), format="s16", layout="5.1")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    assert heard(run(source))[0].shape == (RATE, 2)


def test_rate_that_aac_does_not_know__becomes_48_khz(tmp_path):
    source = tmp_path / "song.flac"
    with av.open(str(source), "w") as out:
        out.mux(sound_packets(out.add_stream("flac", rate=37800, layout="mono"), clicking(37800), 37800))
    result = run(source, "m4a")
    assert heard(result)[1] == 48000
    assert click_times_s(result) == pytest.approx(CLICKS_S[1:], abs=0.001)


def test_progress__rises_to_one(tmp_path):
    source = tmp_path / "song.flac"
    write_sound(source, "flac")
    told: list[float] = []
    run(source, tell=told.append)
    assert told == sorted(told)
    assert len(told) > 5
    assert told[-1] == 1.0


@pytest.mark.parametrize("ending", FILMS)
def test_film__keeps_sound_and_picture_together__and_is_copied_where_it_can_be(tmp_path, ending):
    source = tmp_path / f"clip.{ending}"
    write_film(source, ending, options={"mpegts_m2ts_mode": "1"} if ending in {"m2ts", "mts"} else {})
    result = run(source)
    info = probe(result, result.name)
    assert (result.name, info.kind, info.codec, info.has_audio) == ("clip.mp4", "video", "h264", True)
    assert (info.width, info.height, info.duration_s) == (160, 96, pytest.approx(2.0, abs=0.01))
    assert info.fps == pytest.approx(30, abs=0.02)
    flash_s, click_s = flash_and_click_s(result)
    flash_before_s, click_before_s = flash_and_click_s(source)
    assert click_s - flash_s == pytest.approx(click_before_s - flash_before_s, abs=0.001)
    assert flash_s == pytest.approx(1.0, abs=0.002)
    with av.open(str(source)) as a, av.open(str(result)) as b:
        first, same = (next(c.decode(video=0)).to_ndarray() for c in (a, b))
    assert np.array_equal(first, same) == FILMS[ending].get("is_copied", False)


@pytest.mark.parametrize("cores", [1, 3, 16])
def test_film__becomes_the_same_bytes_on_a_machine_of_any_size(tmp_path, monkeypatch, cores):
    source = tmp_path / "clip.flv"
    write_film(source, "flv", size=(640, 360))
    before = run(source).read_bytes()
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert run(source).read_bytes() == before


@pytest.mark.parametrize(("ending", "turn"), [("m4v", 90), ("3gp", 90), ("3gp", 180), ("3gp", 270)])
def test_film__is_shown_upright(tmp_path, ending, turn):
    source = tmp_path / f"clip.{ending}"
    write_film(source, ending, turn=turn, frames=10)
    result = run(source)
    info = probe(result, result.name)
    assert (info.width, info.height) == ((160, 96) if turn == 180 else (96, 160))
    with av.open(str(result)) as container:
        frame = next(container.decode(video=0))
        shown = np.rot90(frame.to_ndarray(format="rgb24"), round(frame.rotation) // 90)
    expected = np.rot90(np.pad([[255]], ((0, 1), (0, 1))), turn // 90)
    assert np.array_equal(shown[[5, -5]][:, [5, -5], 0] > 150, expected > 150)


def test_film__of_odd_size_and_oblong_pixels_becomes_even_and_square(tmp_path):
    write_film(tmp_path / "odd.flv", "flv", size=(161, 97), frames=5, sound=False)
    write_film(tmp_path / "disc.vob", "vob", size=(720, 576), fps=Fraction(25), frames=5, pixel=Fraction(16, 15))
    odd, disc = (run(tmp_path / name) for name in ("odd.flv", "disc.vob"))
    assert [(probe(path, "x").width, probe(path, "x").height) for path in (odd, disc)] == [(160, 96), (768, 576)]


def test_film__of_ten_bits_becomes_eight(tmp_path):
    write_film(tmp_path / "clip.m4v", "m4v", pix_fmt="yuv420p10le", frames=10)
    with av.open(str(run(tmp_path / "clip.m4v"))) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"


@pytest.mark.parametrize("ending", ["ts", "mts"])
def test_film__whose_sound_begins_late_gets_silence_first(tmp_path, ending):
    source = tmp_path / f"clip.{ending}"
    write_film(source, ending, late_s=0.5)
    result = run(source)
    samples, rate = heard(result)
    assert np.argmax(np.abs(samples).max(axis=1) > 0.3) / rate == pytest.approx(1.0, abs=0.002)
    assert len(samples) / rate == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("ending", ["ts", "mts"])
def test_film__of_joined_recordings_goes_on_at_the_seam(tmp_path, ending):
    write_film(tmp_path / f"a.{ending}", ending, frames=60, options={"output_ts_offset": "100"})
    write_film(tmp_path / f"b.{ending}", ending, frames=60)
    source = tmp_path / f"both.{ending}"
    source.write_bytes((tmp_path / f"a.{ending}").read_bytes() + (tmp_path / f"b.{ending}").read_bytes())
    result = run(source)
    assert probe(result, result.name).duration_s == pytest.approx(4.0, abs=0.1)


def test_film__without_pictures_becomes_an_m4a(tmp_path):
    source = tmp_path / "song.ts"
    with av.open(str(source), "w", format="mpegts") as out:
        out.mux(sound_packets(out.add_stream("mp2", rate=RATE, layout="mono"), clicking(), RATE))
    result = run(source)
    assert (result.name, probe(result, result.name).kind) == ("song.m4a", "audio")


@pytest.mark.parametrize("ending", PICTURES)
def test_picture__is_read(tmp_path, ending):
    source = tmp_path / f"photo.{ending}"
    Image.new("RGB", (64, 48), (250, 10, 10)).save(source, PICTURES[ending], sizes=[(64, 48)])
    result = run(source)
    with Image.open(result) as picture:
        assert picture.format == ("JPEG" if ending in LOSSY else "PNG")
        assert picture.size == (64, 48)
        assert picture.convert("RGB").getpixel((30, 20)) == pytest.approx((250, 10, 10), abs=8)
    assert result.suffix == (".jpg" if ending in LOSSY else ".png")


def test_every_convertible_ending__is_tried_here():
    assert set(CONVERTIBLE) == {*SOUNDS, *FILMS, *PICTURES}


def test_picture__is_turned_upright_and_loses_where_it_was_taken(tmp_path):
    picture = Image.new("RGB", (64, 48))
    exif = picture.getexif()
    exif[0x112], exif[0x10F] = 6, "Camera"
    picture.save(tmp_path / "photo.tif", exif=exif)
    with Image.open(run(tmp_path / "photo.tif")) as result:
        assert result.size == (48, 64)
        assert not dict(result.getexif())


def test_heic__is_turned_once_and_kept_within_the_limits_of_pictures(tmp_path):
    picture = Image.new("RGB", (64, 48), (0, 0, 250))
    picture.paste((250, 0, 0), (0, 0, 16, 16))  # the upper left corner, which the turn brings to the right
    exif = picture.getexif()
    exif[0x112] = 6
    picture.save(tmp_path / "photo.heic", exif=exif.tobytes(), quality=90)
    data = (tmp_path / "photo.heic").read_bytes()
    assert b"irot" in data
    with Image.open(run(tmp_path / "photo.heic")) as result:
        assert result.size == (48, 64)
        assert [result.getpixel(at) for at in ((42, 6), (6, 6))] == [
            pytest.approx(colour, abs=24) for colour in ((250, 0, 0), (0, 0, 250))
        ]
        assert not dict(result.getexif())
    size = data.index(b"ispe") + 8
    (tmp_path / "huge.heic").write_bytes(data[:size] + struct.pack(">II", 30000, 30000) + data[size + 8 :])
    (tmp_path / "cut.heic").write_bytes(data[:-60])
    for name in ("huge.heic", "cut.heic"):
        with pytest.raises((UnsupportedMedia, MediaTooLarge), match=name):
            run(tmp_path / name)


def test_photo__named_as_another_type_is_read_all_the_same(tmp_path):
    Image.new("RGB", (64, 48)).save(tmp_path / "photo.tiff", "JPEG")
    assert probe(run(tmp_path / "photo.tiff"), "x").width == 64


@cases
def test_picture__is_png_if_transparent_or_small(tmp_path, mode, size, expected):
    Image.new(mode, size).save(tmp_path / "photo.tif")
    result = run(tmp_path / "photo.tif")
    assert result.suffix == expected
    assert probe(result, "x").width == size[0]


def test_picture__of_16_bits_keeps_its_tones(tmp_path):
    Image.fromarray(np.full((8, 8), 0x8000, np.uint16)).save(tmp_path / "scan.tif")
    with Image.open(run(tmp_path / "scan.tif")) as result:
        assert result.convert("L").getpixel((4, 4)) == 0x80


def test_picture__keeps_its_colour_profile_unless_its_channels_change(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (8, 8)).save(tmp_path / "a.tif", icc_profile=profile)
    Image.new("CMYK", (8, 8)).save(tmp_path / "b.tif", icc_profile=profile)
    with Image.open(run(tmp_path / "a.tif")) as same, Image.open(run(tmp_path / "b.tif")) as other:
        assert same.info.get("icc_profile") == profile
        assert "icc_profile" not in other.info


def test_picture__first_of_several_pages(tmp_path):
    pages = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    pages[0].save(tmp_path / "scan.tif", save_all=True, append_images=pages[1:])
    with Image.open(run(tmp_path / "scan.tif")) as result:
        assert result.getpixel((4, 4)) == (255, 0, 0)


@pytest.mark.parametrize("size", [(9000, 10), (8000, 8000)])
def test_picture__too_large_is_refused_before_it_is_decoded(tmp_path, size):
    Image.new("1", size).save(tmp_path / "big.tif", compression="group4")
    with pytest.raises(MediaTooLarge, match=rf"big\.tif is {size[0]}×{size[1]}"):
        run(tmp_path / "big.tif")


@pytest.mark.parametrize("ending", ["flac", "wv", "caf", "opus", "ts", "m4v", "wmv", "tif", "avif", "jp2", "ico"])
@pytest.mark.parametrize("content", [b"<html>Not found</html>", bytes(range(256)) * 40, b"fLaC" + bytes(2000)])
def test_broken_file__is_named(tmp_path, ending, content):
    (tmp_path / f"x.{ending}").write_bytes(content)
    with pytest.raises(UnsupportedMedia, match=rf"x\.{ending}") as caught:
        run(tmp_path / f"x.{ending}")
    assert caught.value.hint


@pytest.mark.parametrize("ending", ["flac", "wv", "caf", "aiff", "tta", "m4v", "mka"])
def test_cut_file__is_refused_rather_than_shortened(tmp_path, ending):
    path = tmp_path / f"cut.{ending}"
    if ending == "m4v":
        write_film(path, ending, frames=150, options={"movflags": "faststart"})
    else:
        noise = np.random.default_rng(0).uniform(-0.9, 0.9, 5 * SOUNDS[ending].get("rate", RATE)).astype(np.float32)
        write_sound(path, ending, noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UnsupportedMedia, match=rf"cut\.{ending}"):
        run(path)


@pytest.mark.parametrize("ending", [*SOUNDS, *FILMS])
def test_damaged_file__is_converted_or_refused_and_never_an_accident(tmp_path, ending):
    path = tmp_path / f"x.{ending}"
    if ending in SOUNDS:
        write_sound(path, ending)
    else:
        write_film(path, ending, frames=20)
    chance = np.random.default_rng(5)
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    for _ in range(2):
        data = whole.copy()
        places = chance.integers(0, len(data), 30)
        data[places] = chance.integers(0, 256, 30)
        path.write_bytes(data.tobytes())
        with contextlib.suppress(UnsupportedMedia, MediaTooLarge):
            assert run(path).stat().st_size


def test_playlist__opens_no_other_file(tmp_path):
    write_film(tmp_path / "secret.ts", "ts", frames=5)
    (tmp_path / "x.ts").write_text("#EXTM3U\n#EXTINF:1,\nsecret.ts\n#EXT-X-ENDLIST\n", encoding="utf-8")
    with pytest.raises(UnsupportedMedia, match="holds text"):
        run(tmp_path / "x.ts")


@pytest.mark.parametrize(
    "stem", ["-y", "pipe:1", "a%03d", "concat:a|b", "a\nb", "..", ".hidden", "曲", "a;b'c\"d", "x" * 250, "\udcff"]
)
def test_hostile_name__keeps_its_stem(tmp_path, stem):
    source = tmp_path / f"{stem}.ts"
    plain = tmp_path / "plain.ts"
    write_film(plain, "ts", frames=5, sound=False)
    try:
        plain.replace(source)
    except OSError:
        pytest.skip("no such name on this system")
    result = run(source)
    assert result.parent.parent == tmp_path
    assert result.name == f"{stem[:240]}.mp4"
    assert len(list(result.parent.iterdir())) == 1


def test_empty_and_absent_files__are_missing(tmp_path):
    for name in ("none.flac", "none.tif", "none.ts"):
        with pytest.raises(FileMissing, match="does not exist"):
            run(tmp_path / name)
        (tmp_path / name).touch()
        with pytest.raises(FileMissing, match="is empty"):
            run(tmp_path / name)


def test_full_disk__is_said(tmp_path, monkeypatch):
    write_sound(tmp_path / "song.flac", "flac")

    def full(self, packets):
        raise av.error.FFmpegError(28, "No space left on device")

    monkeypatch.setattr(convert_sound.Result, "mux", full)
    with pytest.raises(DiskFull, match=r"disk is full: song.flac, converted, needs at least .* are free"):
        run(tmp_path / "song.flac")


def test_endless_sound__is_refused(tmp_path, monkeypatch):
    write_sound(tmp_path / "song.flac", "flac")
    monkeypatch.setattr(convert_sound, "MAX_DURATION_S", 1.0)
    with pytest.raises(MediaTooLarge, match="hours"):
        run(tmp_path / "song.flac")
