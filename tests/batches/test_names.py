from __future__ import annotations

from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemo_notebook.batches.names import folded, free_name, is_name, stem_of


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("song.mp3", "song"),
        ("Ärger & Söhne.mp3", "Ärger & Söhne"),
        ("春天.mp3", "春天"),
        ("a.b.c.mp3", "a.b.c"),
        ("con.mp3", "con-film"),
        ("LPT1.live.mp3", "LPT1.live-film"),
        (".mp3", "mp3"),
        ("-rf.mp3", "rf"),
        ('what? <"now">.mp3', "what- -now-"),
        ("tab\tand\nline.mp3", "tab-and-line"),
        ("  many   spaces .mp3", "many spaces"),
        ("x" * 300 + ".mp3", "x" * 80),
        ("...", "film"),
        ("-.a.mp3", "a"),
    ],
)
def test_stem__is_of_the_song_and_fit_anywhere(name: str, stem: str) -> None:
    assert stem_of(PurePath(name)) == stem  # type: ignore[arg-type]


@given(st.text(min_size=1, max_size=300))
def test_stem__of_any_name_is_one(name: str) -> None:
    stem = stem_of(PurePath(name))  # type: ignore[arg-type]
    assert stem
    assert stem == stem.strip(" .")
    assert not stem.startswith(("-", "~", "."))
    assert len(stem.encode("utf-8")) <= 190
    assert is_name(f"{stem}-1000000.mp4", "mp4")
    assert not set(stem) & set('/\\:*?"<>|%{}\0\n\r\t')


def test_free_name__counts_on() -> None:
    taken = {folded("Song.mp4"), folded("song-2.mp4")}
    assert free_name("song", "mp4", lambda name: folded(name) in taken) == "song-3.mp4"
