"""What a film was made of and by is in the film, whatever its format."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import av
import pytest
from covers import encoded, put_cover
from PIL import Image

from nemo_notebook import __version__
from nemo_notebook.film.provenance import MADE_WITH, Provenance, provenance
from nemo_notebook.render.cache import drawn_with, shot_key, sound_key
from nemo_notebook.render.formats import FORMATS, output_for
from nemo_notebook.render.muxing import libraries
from nemo_notebook.render.plan import make_plan

MADE = Provenance(
    skill="from-music",
    media=(("夏天 & <b>.mp3", "ab" * 32), ("sea.mp4", "cd" * 32)),
    prompts=("make a music video,\ncut on the beat", "加标题“灯笼” 🏮", "(table) Title: 0–3 s → 0–2 s"),
    draft_sha256="ef" * 32,
)
LONG = replace(MADE, prompts=tuple(f"{number} {'词' * 3000}" for number in range(300)))
SIZES = {"video": "160×90", "still": "160×90", "animation": "160×90"}


FORGED = Provenance(package="6.6.6", prompts=("something else",)).comment
BEGINNING = f"{MADE_WITH}: {{".encode()


def film_of(studio, kit, format, made=MADE, title="灯笼", artist="Someone"):  # noqa: A002
    if "a" not in studio.media:
        studio.clip("a", 15)
    draft = kit.draft_of(
        1000,
        (0, [kit.segment("clip", 0, 500, 0, media="a")]),
        (1, [kit.segment("bgm", 0, 1000, 0.5, music={"mood": "lofi", "bpm": 80, "seed": 1})]),
        width=160,
        height=90,
    )
    draft["m"] |= {"title": title, "artist": artist}
    return studio.film(draft, format, made=made)[0]


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_of_any_format_tells_what_it_was_made_of(studio, kit, format):  # noqa: A002
    path = film_of(studio, kit, format)
    found = provenance(path)
    kind = FORMATS[format].kind
    form = [("format", format), ("quality", "high")]
    form += [("size", SIZES[kind])] if kind in SIZES else []
    form += [("fps", "15" if kind == "animation" else "30")] if kind in {"video", "animation"} else []
    assert found == replace(MADE, package=__version__, libraries=libraries(), output=tuple(form))
    assert {name for name, _ in found.libraries} == {"PyAV", "FFmpeg", "NumPy", "Pillow"}
    data = path.read_bytes()
    assert str(studio.folder).encode() not in data
    if kind in {"video", "sound"}:
        with av.open(str(path)) as file:
            words = {key.lower(): text for key, text in file.metadata.items()}
        assert words["comment"].startswith(f"{MADE_WITH}: {{")
        assert (words["title"], words["artist"]) == ("灯笼", "Someone")
    path.write_bytes(data[:6] + b"\1" + FORGED.encode() + b"\0" + data[6:])  # what others have put there
    assert provenance(path).prompts == MADE.prompts


@pytest.mark.parametrize("format", FORMATS)
def test_a_long_record_is_cut_and_the_file_stays_whole(studio, kit, format):  # noqa: A002
    path = film_of(studio, kit, format, LONG)
    found = provenance(path)
    assert found.prompts[0].startswith("0 词词词")
    assert found.prompts[-1] == "…"
    assert found.media == MADE.media
    if format != "mid":
        with av.open(str(path)) as file:
            assert sum(1 for _ in file.decode(next(s for s in file.streams if s.type in {"video", "audio"}))) >= 1


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("title", "artist"), [(FORGED, f"{MADE_WITH}: {{"), (f"{MADE_WITH}: {{", f"comment {FORGED}")])
def test_no_title_passes_for_the_record_or_hides_it(studio, kit, format, title, artist):  # noqa: A002
    path = film_of(studio, kit, format, title=title, artist=artist)
    assert provenance(path).prompts == MADE.prompts
    assert path.read_bytes().count(BEGINNING) == (2 if format == "mov" else 1)  # FFmpeg writes a MOV's comment twice


@pytest.mark.parametrize("format", FORMATS)
def test_a_title_that_no_file_can_hold_does_not_cost_the_film(studio, kit, format):  # noqa: A002
    path = film_of(studio, kit, format, title="a\0b\ud800\x1b[31m\n" + "词" * 100_000, artist="clm_planted")
    assert provenance(path).prompts == MADE.prompts
    data = path.read_bytes()
    assert data.count("词".encode()) < 300
    assert b"planted" not in data


@pytest.mark.parametrize("format", ["mp3", "m4a"])
def test_no_cover_passes_for_the_record(studio, kit, format):  # noqa: A002
    cover = encoded(Image.new("RGB", (64, 64), (200, 80, 30)), "JPEG", comment=FORGED.encode())
    studio.song("song", kit.tone(1.0), "mp3")
    put_cover(studio.media["song"].path, cover)
    draft = kit.draft_of(1000, (1, [kit.segment("song", 0, 1000, 1, media="song")]))
    path = studio.film(draft, format, made=MADE)[0]
    assert FORGED.encode() in path.read_bytes()
    assert provenance(path).prompts == MADE.prompts


@pytest.mark.parametrize("format", ["jpg", "png", "webp"])
def test_a_still_has_the_record_in_exif(studio, kit, format):  # noqa: A002
    with Image.open(film_of(studio, kit, format)) as still:
        exif = still.getexif()
        comment = exif.get_ifd(0x8769)[0x9286]
    assert comment.startswith(f"ASCII\0\0\0{MADE_WITH}: {{".encode())
    assert exif[0x0131] == MADE_WITH


def test_a_gif_has_the_record_as_a_comment(studio, kit):
    path = film_of(studio, kit, "gif")
    with Image.open(path) as picture:
        assert picture.n_frames == 15
        picture.seek(14)
        picture.load()
    assert path.read_bytes().count(b"\x21\xfe") >= 1
    assert path.read_bytes().endswith(b"\0;")


def test_the_record_is_still_there_after_a_copy_into_another_container(studio, kit, tmp_path):
    path = film_of(studio, kit, "mp4")
    for ending in ("mkv", "mov"):
        copy = tmp_path / f"copy.{ending}"
        with av.open(str(path)) as source, av.open(str(copy), "w") as target:
            target.metadata.update({"comment": source.metadata["comment"]})
            streams = {
                s.index: target.add_stream_from_template(s) for s in (source.streams.video[0], source.streams.audio[0])
            }
            for packet in source.demux(*[source.streams[index] for index in streams]):
                if packet.dts is not None:
                    packet.stream = streams[packet.stream.index]
                    target.mux(packet)
        assert provenance(copy) == provenance(path)


def test_reading_a_record_imports_no_decoder(studio, kit):
    path = film_of(studio, kit, "mp4")
    code = (
        "import sys, nemo_notebook; print(nemo_notebook.provenance(sys.argv[1]).skill,"
        " [m for m in ('av', 'PIL', 'numpy', 'pandas') if m in sys.modules])"
    )
    told = subprocess.check_output([sys.executable, "-c", code, str(path)], text=True)
    assert told.split() == ["from-music", "[]"]


def test_films_without_a_record_tell_what_drew_them(studio, kit):
    found = provenance(film_of(studio, kit, "mp4", None))
    assert (found.package, found.libraries, found.prompts) == (__version__, libraries(), ())


def test_what_other_libraries_drew_is_drawn_again(studio, kit, monkeypatch):
    studio.clip("a", 15)
    draft = kit.draft_of(500, (0, [kit.segment("clip", 0, 500, 1, media="a")]))
    plan = make_plan(draft, studio.media, output_for(draft))

    def keys():
        drawn_with.cache_clear()
        return shot_key(plan.shots[0], plan.output), sound_key(plan.sound)

    before = keys()
    assert keys() == before
    monkeypatch.setattr("nemo_notebook.render.cache.version", lambda name: "99.0")
    after = keys()
    drawn_with.cache_clear()
    assert not set(before) & set(after)
