"""The same inputs and the same words give the same drafts and films, to the byte, wherever and whenever."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import av
import pytest
import reproducing
from convertible_files import write_film
from media_files import RATE, drums, write_sound, write_video
from PIL import Image

import nemo_notebook
from nemo_notebook import examples
from nemo_notebook.film.provenance import Provenance, hash_of, provenance
from nemo_notebook.render.images import clip_of

pytestmark = pytest.mark.timeout(300)

WANTED: Final = [
    *(f"song:{each}" for each in "mp4 mov mkv webm avi gif jpg png webp mp3 m4a aac".split()),
    *("clips:mp4", "clips:wav", "clips:mid"),
]
DECODED: Final = ("song:mp4", "song:webm", "song:avi", "song:gif", "song:mp3", "clips:mp4", "clips:wav")
USER: Final = "zebulon"
RUNS: Final = {
    "here": {"PYTHONHASHSEED": "1", "NEMO_ENGINE_WORKERS": "1", "TZ": "UTC", "LANG": "C.UTF-8"},
    "there": {"PYTHONHASHSEED": "4242", "NEMO_ENGINE_WORKERS": "3", "TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8"},
}


def make_media(folder: Path) -> None:
    write_sound(folder / "song.mp3", drums(120, 6.0)[0], RATE, codec="libmp3lame", tags={"title": "Song"})
    write_video(folder / "one.mp4", frames=90, sound_s=3.0)
    write_film(folder / "two.flv", "flv", size=(320, 180))  # of a type that is converted first
    Image.linear_gradient("L").convert("RGB").resize((320, 200)).save(folder / "photo.png")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What came of two runs: other processes, homes, hash seeds, numbers of workers, time zones, places and orders."""
    media, outs, children = tmp_path_factory.mktemp("media"), {}, []
    make_media(media)
    for number, (name, env) in enumerate(RUNS.items()):
        place = tmp_path_factory.mktemp("a place with a longer name" if number else USER)
        outs[name] = place / "out"
        outs[name].mkdir()
        shutil.copytree(media, place / "media", copy_function=shutil.copyfile)  # with other times
        whole = {**os.environ, **env, "NEMO_HOME": str(place / "home"), "USER": USER, "PYTHONPATH": search_path()}
        command = [sys.executable, reproducing.__file__, str(place / "media"), str(outs[name])]
        wanted = WANTED[::-1] if number else WANTED
        children.append(subprocess.Popen([*command, *wanted], env=whole, cwd=place))
    assert [child.wait(280) for child in children] == [0, 0]
    return outs


def search_path() -> str:
    root = Path(nemo_notebook.__file__).parents[1]
    return os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])


def both(runs: dict[str, Path], name: str) -> list[bytes]:
    return [(out / name).read_bytes() for out in runs.values()]


@pytest.mark.parametrize("film", ["song", "clips"])
@pytest.mark.parametrize("what", ["draft.json", "table.txt", "plot.html", "made.json"])
def test_drafts_and_their_tables__are_the_same_to_the_byte(runs: dict[str, Path], film: str, what: str) -> None:
    one, other = both(runs, f"{film}.{what}")
    assert one == other
    assert len(one) > 100


@pytest.mark.parametrize("film", WANTED)
def test_films__are_the_same_to_the_byte(runs: dict[str, Path], film: str) -> None:
    one, other = (hashlib.sha256(data).hexdigest() for data in both(runs, film.replace(":", ".")))
    assert one == other


@pytest.mark.parametrize("film", DECODED)
def test_films__show_the_same_frames_and_play_the_same_samples(runs: dict[str, Path], film: str) -> None:
    one, other = ([*decoded(out / film.replace(":", "."))] for out in runs.values())
    assert one == other
    assert len(one) > 20


def decoded(path: Path) -> list[str]:
    """A hash of each frame, of pictures and of sound."""
    with av.open(str(path)) as film:
        frames = film.decode(*(stream for stream in film.streams if stream.type in {"video", "audio"}))
        return [hashlib.sha256(frame.to_ndarray().tobytes()).hexdigest() for frame in frames]


@pytest.mark.parametrize("film", WANTED)
def test_films__tell_what_they_were_made_of_and_nothing_of_where(runs: dict[str, Path], film: str) -> None:
    name, _, ending = film.partition(":")
    out = runs["here"]
    found = provenance(out / f"{name}.{ending}")
    assert found is not None
    told = Provenance.from_json(json.loads((out / f"{name}.made.json").read_text(encoding="utf-8")))
    assert told is not None
    assert (found.prompts, found.media, found.skill) == (told.prompts, told.media, "from-music")
    kept = [words for words in reproducing.SAID[name] if words not in {"make it vertical 9:16", "undo"}]
    assert list(found.prompts[: len(kept)]) == kept
    assert found.edits == told.edits
    assert found.edits[-1] == {"edit": "set_volume", "target": found.edits[-1]["target"], "volume": 0.5}  # by the table
    draft = json.loads((out / f"{name}.draft.json").read_text(encoding="utf-8"))
    assert found.draft_sha256 == told.draft_sha256 == hash_of(draft)
    assert dict(found.output)["format"] == ending
    assert dict(found.libraries).keys() == {"PyAV", "FFmpeg", "NumPy", "Pillow"}
    data = (out / f"{name}.{ending}").read_bytes()
    places = [str(each).encode() for each in (out, out.parent / "home", Path.home())]
    assert not [told for told in (*places, USER.encode()) if told in data]


def test_media__are_told_by_what_was_sent(runs: dict[str, Path]) -> None:
    out = runs["here"]
    media = dict(provenance(out / "song.mp4").media)  # type: ignore[union-attr]
    assert set(media) == {"song.mp3", "one.mp4", "two.mp4"}
    for name in ("song.mp3", "one.mp4"):
        assert media[name] == hashlib.sha256((out.parent / "media" / name).read_bytes()).hexdigest()


def test_clip__of_a_film_is_the_same_in_every_run() -> None:
    film = examples.folder() / "media" / "sea.mp4"
    assert len({clip_of(film) for _ in range(4)}) == 1
