"""The record of what a film was made of, as a value: read from anywhere, shown, and short enough."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from cases import cases
from hypothesis import given, strategies as st
from odd_drafts import any_json

from nemo_notebook.errors import FileMissing, ProtocolError
from nemo_notebook.film.model import MOST_SAID, clean_edits, clean_prompt
from nemo_notebook.film.provenance import MADE_WITH, Provenance, hash_of, provenance

WHOLE = Provenance(
    package="0.1.0",
    libraries=(("PyAV", "18.1.0"), ("FFmpeg", "8.1.2")),
    skill="from-music",
    media=(("song.mp3", "ab" * 32),),
    prompts=("make a music video,\n  cut on the beat", '加标题"灯笼"'),
    edits=({"edit": "add_title", "text": "灯笼", "start_s": 0.5, "target": [{"id": "clip-1"}]}, {"edit": "clear"}),
    edits_left_out=3,
    draft_sha256="cd" * 32,
    output=(("format", "mp4"), ("size", "1920×1080"), ("fps", "30")),
)
JSON = any_json()
KEYS = ("package", "libraries", "skill", "media", "prompts", "edits", "edits_left_out", "draft_sha256", "output")


def in_file(folder: Path, content: bytes) -> Path:
    path = folder / "film.bin"
    path.write_bytes(content)
    return path


def test_record__comes_back_from_json() -> None:
    assert Provenance.from_json(json.loads(json.dumps(WHOLE.to_json()))) == WHOLE


def test_record__comes_back_from_a_file(tmp_path: Path) -> None:
    line = WHOLE.comment.encode("ascii")
    assert b"\n" not in line
    assert provenance(in_file(tmp_path, b"\0" * 1000 + line + b"\0 more {")) == WHOLE
    assert provenance(in_file(tmp_path, b"\0" * (40 << 20) + line + b"\0" * 1000)) == WHOLE
    across = (32 << 20) - 100  # what is looked at first ends in the middle of it
    assert provenance(in_file(tmp_path, b"\0" * across + line + b"\0" * 1000)) == WHOLE


def test_record__of_a_gif_is_read_block_by_block(tmp_path: Path) -> None:
    line = WHOLE.comment.encode("ascii")
    blocks = b"".join(bytes([len(line[at : at + 255])]) + line[at : at + 255] for at in range(0, len(line), 255))
    assert len(line) > 255
    assert provenance(in_file(tmp_path, b"GIF89a" + b"\x21\xfe" + blocks + b"\0;")) == WHOLE
    assert provenance(in_file(tmp_path, b"GIF89a" + b"\x21\xfe" + blocks[:300])) is None
    far = b"GIF89a" + b"\0" * (40 << 20) + b"\x21\xfe" + blocks + b"\0;"
    assert provenance(in_file(tmp_path, far)) == WHOLE


FORGED = Provenance(package="6.6.6", prompts=("something else",)).comment.encode()


def test_record__is_found_behind_what_only_begins_like_one(tmp_path: Path) -> None:
    line = WHOLE.comment.encode("ascii")
    bad = (line[:60], f"{MADE_WITH}: {{".encode(), f"{MADE_WITH}: {{}}".encode())
    assert provenance(in_file(tmp_path, b"\0".join([*bad, line]))) == WHOLE
    assert provenance(in_file(tmp_path, b"\0".join([*bad * 20, line]))) == WHOLE


def test_record__in_the_place_of_a_comment_goes_before_others(tmp_path: Path) -> None:
    line = b"ICMT\x92\x02\0\0" + WHOLE.comment.encode("ascii")
    assert provenance(in_file(tmp_path, b"INAM\x80\0\0\0" + FORGED + b"\0" + line + FORGED)) == WHOLE
    assert provenance(in_file(tmp_path, FORGED + b"\0" * (40 << 20) + line + b"\0" * 1000)) == WHOLE


def test_many_beginnings__are_not_read_for_ever(tmp_path: Path) -> None:
    beginnings = in_file(tmp_path, f'{MADE_WITH}: {{"package":['.encode() * 1_000_000)
    begun_s = time.process_time()
    assert provenance(beginnings) is None
    assert time.process_time() - begun_s < 10


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "{",
        "{}",
        "[1,2]",
        *(f'{{"package":{value}' for value in ('"0.1.0"', "[" * 10**5, "9" * 10**4 + "}", '"\xff"')),
    ],
)
def test_damaged_record__is_none(tmp_path: Path, rest: str) -> None:
    assert provenance(in_file(tmp_path, f"{MADE_WITH}: {rest}".encode("latin-1"))) is None


def test_files_without_a_record__have_none(tmp_path: Path) -> None:
    for content in (b"", b"GIF8", MADE_WITH.encode(), b"\x00" * 10_000):
        assert provenance(in_file(tmp_path, content)) is None


def test_file_that_is_not_there__is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match=r"gone\.mp4") as caught:
        provenance(tmp_path / "gone.mp4")
    assert str(tmp_path) not in str(caught.value)
    with pytest.raises(FileMissing):
        provenance(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.timeout(10)
def test_what_is_no_ordinary_file__is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "film.mp4").symlink_to("/dev/zero")
    for name in ("pipe.mp4", "film.mp4"):
        with pytest.raises(FileMissing, match=f"{name} is no ordinary file"):
            provenance(tmp_path / name)


def test_film_behind_a_link__is_read(tmp_path: Path) -> None:
    path = in_file(tmp_path, WHOLE.comment.encode("ascii"))
    try:
        (tmp_path / "link.mp4").symlink_to(path)
    except OSError:
        pytest.skip("links need a right here")
    assert provenance(tmp_path / "link.mp4") == WHOLE


@pytest.mark.parametrize("path", ["film\0.mp4", "~no-such-user/film.mp4", "x" * 5000])
def test_impossible_path__is_told(path: str) -> None:
    with pytest.raises(FileMissing):
        provenance(path)


EDITED = st.lists(st.dictionaries(st.text(), JSON, max_size=3).map(lambda fields: {**fields, "edit": "add_title"}))


@given(JSON | st.fixed_dictionaries({**dict.fromkeys(KEYS, JSON), "edits": JSON | EDITED}))
def test_any_json__is_read_and_shown(value: object) -> None:
    found = Provenance.from_json(value)
    if found is not None:
        assert Provenance.from_json(found.to_json()) == found
        assert found.comment.isascii()
        assert "\x1b" not in repr(found)


def test_shown__as_a_small_table() -> None:
    assert repr(WHOLE).splitlines() == [
        "made with   nemo-notebook 0.1.0",
        "drawn with  PyAV 18.1.0, FFmpeg 8.1.2",
        "skill       from-music",
        "media       song.mp3 (SHA-256 abababababababab…)",
        "prompts     1. make a music video, cut on the beat",
        '            2. 加标题"灯笼"',
        'edits       1. add_title(text="灯笼", start_s=0.5, target=[{"id": "clip-1"}])',
        "            2. clear()",
        "            … and 3 more",
        "draft       SHA-256 cdcdcdcdcdcdcdcd…",
        "form        mp4, 1920×1080, 30 fps",
    ]
    shown = WHOLE._repr_mimebundle_()
    assert shown["text/plain"] == repr(WHOLE)
    assert shown["text/html"].count("<tr>") == 8
    assert "1. make a music video, cut on the beat<br>2." in shown["text/html"]
    assert repr(Provenance(package="")) == ""


def test_shown__nothing_of_it_is_markup_or_a_secret() -> None:
    hostile = "<img src=x onerror=alert(1)>\x1b[31m\u202e nmv_usr_planted"
    found = Provenance.from_json(
        dict.fromkeys(KEYS, hostile)
        | {"prompts": [hostile], "media": [[hostile, hostile]]}
        | {"edits": [{"edit": hostile, hostile: [hostile]}]}
    )
    assert found is not None
    page = found._repr_mimebundle_()["text/html"]
    assert "<img" not in page
    assert not any(sign in page + repr(found) for sign in ("\x1b", "\u202e", "planted"))


def test_what_is_too_long__is_cut_and_says_so() -> None:
    many = Provenance(prompts=tuple("词" * 5000 for _ in range(1000)), media=(("词" * 5000, "a" * 5000),) * 1000)
    assert len(many.comment) < 33_000
    read = Provenance.from_json(json.loads(many.comment.partition(": ")[2]))
    assert read is not None
    assert read.prompts[-1] == "…"
    assert read.prompts[0].endswith("词…")
    few = Provenance(prompts=tuple(f"prompt {number}" for number in range(150)))
    assert len(Provenance.from_json(json.loads(few.comment.partition(": ")[2])).prompts) == 150  # type: ignore[union-attr]


def test_edits_that_are_many_or_long__are_left_out_and_counted() -> None:
    many = clean_edits({"edit": "add_title", "text": f"Title {number}", "start_s": number} for number in range(1_000))
    found = Provenance(prompts=("词" * 500,) * 20, edits=many, edits_left_out=5)
    assert len(found.comment) < 33_000
    read = Provenance.from_json(json.loads(found.comment.partition(": ")[2]))
    assert read is not None
    assert read.edits == many[: len(read.edits)]
    assert 40 < len(read.edits) == 1_005 - read.edits_left_out
    assert f"… and {1_005 - 20} more" in repr(read)
    long = Provenance(
        edits=clean_edits([{"edit": "remove", "target": [{"id": f"clip-{n}"} for n in range(1_000)]}] * 20)
    )
    assert long.edits[0] == {"edit": "remove", "…": ""}
    assert len(long.comment) < 33_000
    assert "1. remove(…)" in repr(long)


def test_edits__are_kept_without_secrets_and_the_places_of_files() -> None:
    (edit,) = clean_edits(
        [{"edit": "add_title", "text": "nmv_usr_planted", "at": ["see /home/ana/a.mp4"], "n": 10**400}]
    )
    assert "planted" not in str(edit)
    assert (edit["at"], edit["n"]) == (["see a.mp4"], None)
    assert clean_edits([5, {}, {"edit": 5}, [{"edit": "x"}]]) == ()


def test_what_is_said__is_kept_without_secrets_and_not_for_ever() -> None:
    assert clean_prompt("make it\nshort") == "make it\nshort"
    assert "planted" not in clean_prompt("my token is nmv_usr_planted")
    assert len(clean_prompt("x" * 10 * MOST_SAID)) == MOST_SAID


@cases
def test_what_is_said__is_kept_without_the_place_of_a_file(message: str, kept: str | None) -> None:
    assert clean_prompt(message) == (message if kept is None else kept)


def test_hash__is_of_what_is_said_not_of_how() -> None:
    assert hash_of({"a": 1, "b": ["é"]}) == hash_of({"b": ["é"], "a": 1}) != hash_of({"a": 1, "b": ["e"]})
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ProtocolError):
        hash_of(deep)
