from __future__ import annotations

import colorsys

import av
import numpy as np
import pytest
from covers import SUNSET, encoded, gradient, song_with
from hostile_media import jpeg_of
from media_files import clicks, write_sound
from PIL import Image

from nemo_notebook.media import thumbnails
from nemo_notebook.media.thumbnails import cover_art, cover_colors, picture_colors


def lightness(color):
    return colorsys.rgb_to_hls(*(int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)))[1]


def luma(color):
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def saturation(color):
    return colorsys.rgb_to_hsv(*(int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)))[1]


@pytest.mark.parametrize(("kind", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_the_cover_of_an_mp3_is_given_as_it_is(tmp_path, kind, mime):
    art = encoded(gradient(*SUNSET), kind)
    path = song_with(tmp_path / "song.mp3", art, mime)
    assert cover_art(path, "song.mp3") == art
    assert len(cover_colors(path, "song.mp3")) == 3


def test_the_cover_of_an_m4a_is_found(tmp_path):
    path = tmp_path / "song.m4a"
    with av.open(str(path), "w", format="mp4") as out:
        sound = out.add_stream("aac", rate=44100, layout="mono")
        picture = out.add_stream("mjpeg", rate=1)
        picture.width = picture.height = 96
        picture.pix_fmt = "yuvj420p"
        picture.disposition = av.stream.Disposition.attached_pic
        frame = av.VideoFrame.from_image(gradient(*SUNSET, size=96)).reformat(format="yuvj420p")
        out.mux(picture.encode(frame))
        out.mux(picture.encode())
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), format="fltp", layout="mono")
        silence.sample_rate = 44100
        out.mux(sound.encode(silence))
        out.mux(sound.encode())
    art = cover_art(path, "song.m4a")
    assert art is not None
    assert art.startswith(b"\xff\xd8\xff")


def test_a_song_without_a_cover_has_none(tmp_path):
    write_sound(tmp_path / "song.mp3", clicks(120, 2, rate=44100)[0], codec="libmp3lame")
    assert cover_art(tmp_path / "song.mp3", "song.mp3") is None
    assert cover_colors(tmp_path / "song.mp3", "song.mp3") == ()


@pytest.mark.parametrize(
    "art",
    [
        b"",
        b"\x89PNG\r\n\x1a\nnot a png",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        encoded(gradient(*SUNSET))[:-900],
    ],
    ids=["empty", "no picture", "svg", "cut off"],
)
def test_a_cover_that_does_not_decode_is_none(tmp_path, art):
    path = song_with(tmp_path / "song.mp3", art)
    assert cover_art(path, "song.mp3") is None
    assert cover_colors(path, "song.mp3") == ()


def test_a_cover_that_is_too_large_is_never_decoded(tmp_path, monkeypatch):
    path = song_with(tmp_path / "song.mp3", encoded(Image.new("1", (8500, 8500))))
    monkeypatch.setattr(Image.Image, "load", lambda picture: pytest.fail("it was decoded"))
    assert cover_art(path, "song.mp3") is None


def test_a_cover_of_too_many_scans_is_none(tmp_path):
    song_with(tmp_path / "song.mp3", jpeg_of(600), "image/jpeg")
    assert cover_art(tmp_path / "song.mp3", "song.mp3") is None


def test_a_file_that_is_missing_or_no_media_has_no_cover(tmp_path):
    (tmp_path / "text.mp3").write_text("no song")
    assert cover_art(tmp_path / "text.mp3", "text.mp3") is None
    assert cover_art(tmp_path / "gone.mp3", "gone.mp3") is None


@pytest.mark.parametrize(
    "picture",
    [
        gradient(*SUNSET),
        gradient((5, 30, 60), (20, 140, 180)),
        gradient((255, 0, 255), (0, 255, 255)),
        gradient((40, 20, 10), (120, 70, 40)),
        Image.new("RGB", (50, 50), (240, 20, 30)),
    ],
)
def test_colours_go_from_dark_to_light_are_coloured_and_show_on_dark(picture):
    colors = picture_colors(picture)
    assert [luma(color) for color in colors] == sorted(luma(color) for color in colors)
    assert min(luma(color) for color in colors) > 0.25
    assert min(saturation(color) for color in colors[:2]) > 0.25
    assert colors == picture_colors(picture)


def test_each_of_three_strong_hues_is_among_the_colours():
    picture = Image.new("RGB", (90, 30), (230, 30, 40))
    picture.paste((240, 220, 60), (30, 0, 60, 30))
    picture.paste((30, 60, 220), (60, 0, 90, 30))
    hues = sorted(
        colorsys.rgb_to_hsv(*(int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)))[0]
        for color in picture_colors(picture)
    )
    assert hues[0] < 0.04 or hues[-1] > 0.96
    assert any(0.1 < hue < 0.2 for hue in hues)
    assert any(0.58 < hue < 0.7 for hue in hues)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_grey_cover_gives_neutrals_that_show_on_dark(grey):
    colors = picture_colors(Image.new("RGB", (40, 40), (grey, grey, grey)))
    assert max(saturation(color) for color in colors) < 0.12
    assert [lightness(color) for color in colors] == sorted(lightness(color) for color in colors)
    assert lightness(colors[0]) > 0.35


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1"])
def test_colours_of_any_kind_of_picture_are_three(mode):
    assert len(picture_colors(gradient(*SUNSET).convert(mode))) == 3


def test_a_colour_that_fills_hardly_anything_does_not_count():
    picture = Image.new("RGB", (100, 100), (128, 128, 128))
    picture.paste((255, 0, 0), (0, 0, 10, 10))
    assert max(saturation(color) for color in picture_colors(picture)) < 0.12


def test_the_limit_of_bytes_holds(tmp_path, monkeypatch):
    path = song_with(tmp_path / "song.mp3", encoded(gradient(*SUNSET)))
    monkeypatch.setattr(thumbnails, "_MAX_BYTES", 100)
    assert cover_art(path, "song.mp3") is None
