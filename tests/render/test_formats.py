"""Every format in every quality and shape: what is in the file, how long it is, and that it plays to its end."""

from __future__ import annotations

import struct
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from cases import cases
from covers import encoded
from PIL import Image

from nemo_notebook.errors import UnsupportedMedia
from nemo_notebook.render import make_plan, output_for
from nemo_notebook.render.audio import mix_sound
from nemo_notebook.render.formats import FORMATS, QUALITIES, SHORT_SIDES_PX, SOUND_CODECS, format_name, poster_frame
from nemo_notebook.render.job import check
from nemo_notebook.render.layers import Sound, SoundPlan
from nemo_notebook.render.sound_file import Container, write_sound

LENGTH_MS = 1200
SHAPES = {"16:9": (160, 90), "9:16": (90, 160), "1:1": (96, 96), "4:5": (96, 120)}
CODECS = {"mp4": ("h264", "aac"), "mov": ("h264", "aac"), "mkv": ("h264", "aac"), "webm": ("vp9", "opus")} | {
    "avi": ("mpeg4", "mp3float")
}
SOUNDS = {"mp3": "mp3float", "m4a": "aac", "aac": "aac", "wav": "pcm_s24le"}
KINDS = {kind: [name for name, form in FORMATS.items() if form.kind == kind] for kind in ("video", "still", "sound")}


def film_of(studio, kit, shape="16:9", format="mp4", quality="high", **meta):  # noqa: A002
    """A small draft of two shots, moving bars and a title, exported."""
    if "a" not in studio.media:
        studio.clip("a", 36)
        studio.song("song", kit.tone(1.3, peak=0.4))
    shots = [kit.segment("clip", 0, 600, 0, media="a"), kit.segment("clip", 600, 600, 0, media="a", in_ms=300)]
    width, height = SHAPES[shape]
    draft = kit.draft_of(
        LENGTH_MS,
        (0, shots),
        (1, [kit.segment("song", 0, LENGTH_MS, 1, media="song")]),
        (7, [kit.segment("title", 0, 400, text="Paper 灯笼")]),
        width=width,
        height=height,
    )
    draft["m"] |= {"title": "夏天 & <b>", "artist": "Someone", **meta}
    return studio.film(draft, format, quality=quality)


def pictures_of(film):
    return next(s for s in film.streams.video if not s.disposition & Disposition.attached_pic)


def covers_of(film):
    return [s for s in film.streams.video if s.disposition & Disposition.attached_pic]


def middle(picture: Image.Image) -> float:
    """Brightness where every shape of canvas shows the clip."""
    x, y = picture.width // 2, picture.height // 2
    return float(np.asarray(picture.convert("L").crop((x - 8, y - 8, x + 8, y + 8)), float).mean())


def boxes(path: Path) -> list[bytes]:
    """The names of an MP4's outermost boxes, in order."""
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        found.append(name)
        at += size if size > 1 else struct.unpack_from(">Q", data, at + 8)[0]
    return found


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("format", KINDS["video"])
def test_a_film_is_what_its_name_says_and_plays_to_its_end(studio, kit, format, shape):  # noqa: A002
    path, report = film_of(studio, kit, shape, format)
    with av.open(str(path)) as film:
        shown, heard = pictures_of(film), film.streams.audio[0]
        assert (shown.codec_context.name, heard.codec_context.name) == CODECS[format]
        assert (shown.width, shown.height, shown.average_rate) == (*SHAPES[shape], 30)
        assert (shown.pix_fmt, heard.rate, heard.layout.name) == ("yuv420p", 48000, "stereo")
        assert film.duration / 1e6 == pytest.approx(1.2, abs=0.03)
        times = sorted(frame.time for frame in film.decode(shown))
        film.seek(0)
        samples = sum(frame.samples for frame in film.decode(heard))
    assert times == pytest.approx([k / 30 for k in range(36)], abs=0.0011)
    assert report.frames == 36
    assert samples / 48000 == pytest.approx(1.2, abs=0.045)  # not every container tells of a codec's delay


@pytest.mark.parametrize("format", KINDS["video"])
def test_a_film_carries_its_words_its_colours_and_where_it_can_a_cover(studio, kit, format):  # noqa: A002
    path, _ = film_of(studio, kit, format=format)
    with av.open(str(path)) as film:
        words = {key.lower(): text for key, text in film.metadata.items()}
        assert (words["title"], words["artist"]) == ("夏天 & <b>", "Someone")
        assert "nemo-notebook" in words["comment"]
        context = pictures_of(film).codec_context
        if format != "avi":  # MPEG-4 part 2 in an AVI has no place for them
            assert (context.colorspace, context.color_range) == (1, 1)
        assert len(covers_of(film)) == (format in {"mp4", "mkv"})
        for cover in covers_of(film):
            assert next(film.decode(cover)).width == 160


@pytest.mark.parametrize("format", ["mp4", "mov", "m4a"])
def test_the_index_is_in_front(studio, kit, format):  # noqa: A002
    path, _ = film_of(studio, kit, format=format)
    order = boxes(path)
    assert order.index(b"moov") < order.index(b"mdat")


@pytest.mark.parametrize("format", [name for name in FORMATS if name not in {"mid"}])
def test_a_better_quality_is_a_larger_file(studio, kit, format, tmp_path):  # noqa: A002
    rng = np.random.default_rng(1)
    still = rng.integers(0, 255, (120, 160, 3), dtype=np.uint8)
    studio.image("noise", np.asarray(Image.fromarray(still).resize((320, 240), Image.Resampling.BICUBIC)))
    studio.song("hiss", rng.normal(0, 0.1, (48000, 2)).astype(np.float32))
    draft = kit.draft_of(
        400,
        (0, [kit.segment("image", 0, 400, media="noise", camera={"to": [0.5, 0.5, 1.2]})]),
        (1, [kit.segment("song", 0, 400, 1, media="hiss")]),
        width=640,
        height=480,
    )
    sizes = [studio.film(draft, format, quality=quality)[1].bytes for quality in QUALITIES]
    words = 8  # bytes that the name of a quality may take in the file's record
    assert all(worse <= better + words for worse, better in pairwise(sizes))
    assert sizes[1] < sizes[3]


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("format", ["mp4", "webm", "avi", "gif", "jpg"])
def test_every_quality_can_be_read(studio, kit, format, quality):  # noqa: A002
    path, _ = film_of(studio, kit, format=format, quality=quality)
    with av.open(str(path)) as film:
        frames = sum(1 for _ in film.decode(pictures_of(film)))
    rate = {"gif": {"medium": 12, "high": 15}.get(quality, 10), "jpg": 1 / 1.2}.get(format, 30)
    assert frames == round(1.2 * rate)


def test_films_of_one_codec_share_their_shots_and_other_codecs_do_not(studio, kit):
    rendered = {name: film_of(studio, kit, format=name)[1].shots_rendered for name in KINDS["video"]}
    assert rendered["mov"] == rendered["mkv"] == 0
    assert rendered["mp4"] == rendered["webm"] == rendered["avi"] > 0


@pytest.mark.parametrize("shape", SHAPES)
def test_an_animation_loops_in_its_colours(studio, kit, shape):
    path, report = film_of(studio, kit, shape, "gif")
    with Image.open(path) as gif:
        assert (gif.size, gif.n_frames, gif.info["loop"]) == (SHAPES[shape], 18, 0)
        lasts_ms = []
        for index in range(gif.n_frames):
            gif.seek(index)
            lasts_ms.append(gif.info["duration"])
        gif.seek(17)
        level = middle(gif)
    assert sum(lasts_ms) == pytest.approx(1200, abs=20)
    assert report.frames == 18
    last = 2 * 17 - 18 + 9  # of the clip's frames: the second shot begins at its ninth
    assert level == pytest.approx((30 + 6 * last - 16) * 255 / 219, abs=6)


def test_equal_drafts_give_equal_animations(studio, kit):
    once = film_of(studio, kit, format="gif")[0].read_bytes()
    assert film_of(studio, kit, format="gif")[0].read_bytes() == once


def test_an_animation_is_small_enough_to_send_and_even_in_time(studio, kit):
    output = output_for({"m": {"width": 1920, "height": 1080}}, "gif", "high", "4k")
    assert (output.width, output.height, output.fps) == (854, 480, 15)
    low = output_for({"m": {"width": 1080, "height": 1920}}, "gif", "low")
    assert (low.width, low.height, low.fps) == (270, 480, 10)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("format", KINDS["still"])
def test_a_still_shows_the_frame_that_was_meant(studio, kit, format, shape):  # noqa: A002
    path, report = film_of(studio, kit, shape, format, poster_ms=1000)
    with Image.open(path) as still:
        assert still.format == {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}[format]
        assert still.size == SHAPES[shape]
        exif = still.getexif()
        level = middle(still)
    assert exif[0x010E].encode("latin-1").decode() == "夏天 & <b>"
    assert level == pytest.approx((30 + 6 * 21 - 16) * 255 / 219, abs=3)  # frame 30 is the clip's 21st
    assert (report.shots, report.shots_rendered) == (1, 1)
    assert [op for op, _ in studio.calls] == ["render_shot", "save_still"]


def test_the_frame_that_stands_for_a_film_is_asked_for_or_at_two_fifths():
    assert poster_frame({}, 100, 30) == 40
    assert poster_frame({"m": {"poster_ms": 2000}}, 100, 30) == 60
    assert poster_frame({"m": {"poster_ms": 9e8}}, 100, 30) == 99
    assert poster_frame({"m": {"poster_ms": "soon"}}, 1, 30) == 0


@pytest.mark.parametrize("format", KINDS["sound"])
def test_a_sound_file_holds_all_the_sound_and_renders_no_picture(studio, kit, format):  # noqa: A002
    path, report = film_of(studio, kit, format=format)
    assert report.shots == 0
    assert [op for op, _ in studio.calls] == ["mix_sound", "write_sound"]
    with av.open(str(path)) as file:
        (heard,) = file.streams.audio
        assert heard.codec_context.name == SOUNDS[format]
        assert (heard.rate, heard.layout.name) == (48000, "stereo")
        assert file.metadata["title"] == "夏天 & <b>"
        samples = np.concatenate(
            [frame.to_ndarray().reshape(-1, 2 if not frame.format.is_planar else 1) for frame in file.decode(heard)]
            if format == "wav"
            else [frame.to_ndarray().T for frame in file.decode(heard)]
        )
    assert len(samples) / 48000 == pytest.approx(1.2, abs=0.03 if format == "aac" else 0.025)
    assert len(samples) >= 57600


@pytest.mark.parametrize("format", [*KINDS["video"], "mp3", "aac", "m4a"])
def test_sound_is_in_step_whatever_the_codec_delays(studio, kit, format):  # noqa: A002
    samples = np.zeros((96000, 2), np.float32)
    samples[48000:48040] = 0.6
    studio.song("click", samples)
    studio.clip("dark", 30, paint=lambda k, w, h: kit.Planes.black(w, h))
    song = kit.segment("song", 0, 2000, 1, media="click")
    draft = kit.draft_of(2000, (0, [kit.segment("clip", 0, 2000, 0, media="dark")]), (1, [song]))
    path, _ = studio.film(draft, format)
    assert int(np.abs(kit.hear(path)[:, 0]).argmax()) / 48000 == pytest.approx(1.0, abs=0.002)


@pytest.mark.parametrize("format", ["mp3", "m4a"])
def test_a_sound_file_has_the_cover_of_its_song(studio, kit, format, tmp_path):  # noqa: A002
    studio.song("plain", kit.tone(1))
    plain = studio.media["plain"]
    sound = Sound("plain", str(plain.path), "plain", (), 0.0, 0, 48000, 1.0, 0, 0)
    mix = mix_sound(SoundPlan(48000, (sound,)), tmp_path / "sounds", lambda done: None)
    art = encoded(Image.new("RGB", (64, 64), (200, 30, 30)), "JPEG")
    song = tmp_path / "covered.mp3"
    write_sound(mix, SOUND_CODECS["mp3"], "high", song, Container("mp3", cover=art), lambda done: None)
    studio.media["song"] = replace(plain, id="song", path=song)
    draft = kit.draft_of(1000, (1, [kit.segment("song", 0, 1000, 1, media="song")]))
    path, _ = studio.film(draft, format)
    with av.open(str(path)) as file:
        (cover,) = covers_of(file)
        colour = next(file.decode(cover)).to_ndarray(format="rgb24")[32, 32]
    assert np.abs(colour.astype(int) - (200, 30, 30)).max() < 8


def test_a_score_needs_composed_music(studio, kit):
    studio.song("song", kit.tone(1))
    draft = kit.draft_of(1000, (1, [kit.segment("song", 0, 1000, 1, media="song")]))
    with pytest.raises(UnsupportedMedia, match="no notes") as caught:
        studio.film(draft, "mid")
    assert "music" in caught.value.hint


def test_a_score_is_a_midi_file(studio, kit):
    music = kit.segment("bgm", 0, 4000, 0.5, music={"mood": "lofi", "bpm": 80, "seed": 1})
    path, _ = studio.film(kit.draft_of(4000, (1, [music])), "mid")
    data = path.read_bytes()
    assert data.startswith(b"MThd")
    assert data.count(b"MTrk") >= 2
    assert [op for op, _ in studio.calls] == ["write_score"]


def test_silence_is_no_sound_file(studio, kit):
    studio.clip("a", 30)
    draft = kit.draft_of(900, (0, [kit.segment("clip", 0, 900, 0, media="a")]))
    plan = make_plan(draft, studio.media, output_for(draft, "mp3"))
    with pytest.raises(UnsupportedMedia, match="nothing to hear"):
        check(plan)


@cases
def test_names_of_formats_are_taken_as_people_write_them(name, found):
    assert format_name(name) == found


@pytest.mark.parametrize("resolution", SHORT_SIDES_PX)
def test_a_preview_is_small_and_others_are_as_asked(resolution):
    draft = {"m": {"width": 1080, "height": 1350}}
    small, whole = output_for(draft, "mp4", "preview", resolution), output_for(draft, "mp4", "high", resolution.upper())
    assert min(small.width, small.height) == min(540, SHORT_SIDES_PX[resolution])
    assert min(whole.width, whole.height) == SHORT_SIDES_PX[resolution]


@pytest.mark.parametrize("fps", [23.976, 29.97, 59.94, 1, 120])
def test_odd_frame_rates_are_made_whole(fps):
    assert output_for({"m": {"fps": fps}}).fps == round(fps)
