from __future__ import annotations

import base64
import io
import os
import random
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from cases import cases
from hypothesis import HealthCheck, assume, given, settings
from msgspec.structs import replace
from planted import PLANTED
from tape_parts import FILM, HEADER, ITEMS, LONG_FILM, SAID, exchange_value, forged, medium, tapes, to_value, write

from nemo_notebook import errors
from nemo_notebook.tapes import format as tape_format
from nemo_notebook.tapes.file import Writer, part_path, read_tape, read_tape_from, spare
from nemo_notebook.tapes.format import Exchange, Medium, TapeAnswer, TapeContent
from nemo_notebook.tapes.scan import findings

EXCHANGES = tuple(item for item in ITEMS if isinstance(item, Exchange))
TAPE = TapeContent(HEADER, EXCHANGES, {FILM.sha256: FILM, LONG_FILM.sha256: LONG_FILM})


def read_bytes(data: bytes) -> TapeContent:
    return read_tape_from(io.BytesIO(data), "film.nemotape")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "film.nemotape"


# Written and read


def test_tape__is_read_as_it_was_written(path: Path) -> None:
    writer = Writer(path, HEADER)
    for item in reversed(ITEMS):  # answers end in another order than requests begin
        writer.add(item)
    assert not path.exists()
    assert writer.finish() == read_tape(path) == TAPE
    assert list(path.parent.iterdir()) == [path]


@given(tapes)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_tape__is_read_as_it_was_written(tmp_path: Path, parts: Any) -> None:
    header, media, exchanges = parts
    assume(not findings([to_value(item) for item in (header, *media, *exchanges)]))  # those are refused, see below
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        written = read_tape(write(Path(folder) / "any.nemotape", [*media, *exchanges], header))
    ordered = tuple(sorted(exchanges, key=lambda exchange: exchange.number))
    assert written == TapeContent(header, ordered, {file.sha256: file for file in media})


def test_writer__has_every_line_in_the_file_at_once_for_its_owner_only(path: Path) -> None:
    writer = Writer(path, HEADER)
    for count, item in enumerate(ITEMS, start=2):
        writer.add(item)
        written = part_path(path).read_bytes()
        assert written.count(b"\n") == count
        assert len(written) == writer.size_bytes
    if os.name == "posix":
        assert part_path(path).stat().st_mode & 0o777 == 0o600
    writer.abandon()


def test_writer__writes_a_medium_once(path: Path) -> None:
    writer = Writer(path, HEADER)
    for _ in range(3):
        writer.add(FILM)
    assert writer.finish().media == {FILM.sha256: FILM}
    assert path.read_bytes().count(b'"kind":"media"') == 1


def test_writer__leaves_what_is_there_until_it_is_finished(path: Path) -> None:
    path.write_bytes(b"an older tape")
    writer = Writer(path, HEADER)
    writer.add(SAID)
    writer.abandon()
    assert path.read_bytes() == b"an older tape"
    assert list(path.parent.iterdir()) == [path]
    writer.abandon()
    with pytest.raises(errors.TapeError, match="has ended"):
        writer.add(SAID)
    with pytest.raises(errors.TapeError, match="has ended"):
        writer.finish()


@pytest.mark.parametrize(
    "item",
    [
        replace(SAID, answer=TapeAnswer(200, {}, json=[[[...]]])),
        replace(SAID, answer=TapeAnswer(200, {}, json={"a": "\ud800"})),
        replace(SAID, number=0),
        replace(SAID, request=replace(SAID.request, path="/a b")),
        replace(FILM, sha256="a" * 64, data=None, name="../film.mp4"),
    ],
    ids=["no JSON", "half a character", "number", "path", "name"],
)
def test_writer__refuses_what_could_not_be_read_and_goes_on(path: Path, item: Exchange | Medium) -> None:
    writer = Writer(path, HEADER)
    writer.add(ITEMS[0])
    with pytest.raises(errors.TapeError):
        writer.add(item)
    writer.add(FILM)
    tape = writer.finish()
    assert (tape.exchanges, list(tape.media)) == ((ITEMS[0],), [FILM.sha256])


def test_writer__refuses_what_is_too_much_and_goes_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer(path, HEADER)
    monkeypatch.setattr(tape_format, "MAX_TAPE_BYTES", writer.size_bytes + 1000)
    monkeypatch.setattr(tape_format, "MAX_VALUES", 60)
    with pytest.raises(errors.TapeError, match="full"):
        writer.add(medium(bytes(1000)))
    with pytest.raises(errors.TapeError, match="full"):
        writer.add(replace(SAID, answer=TapeAnswer(200, {}, json=[1] * 70)))
    writer.add(SAID)
    assert writer.finish().exchanges == (SAID,)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to try")
def test_writer__tells_of_a_full_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nemo_notebook.tapes.file.FileIO", lambda *_, **__: io.FileIO("/dev/full", "w"))
    with pytest.raises(errors.TapeError, match="cannot be written: No space left") as caught:
        Writer(path, HEADER)
    assert "room" in caught.value.hint


def test_writer__tells_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(errors.TapeError, match=r"film\.nemotape cannot be written: No such"):
        Writer(tmp_path / "nowhere" / "film.nemotape", HEADER)


# Changed


def written_bytes(tmp_path: Path, items: Any = ITEMS) -> bytes:
    return write(tmp_path / "whole.nemotape", items).read_bytes()


def test_every_changed_dropped_or_added_byte__is_refused(tmp_path: Path) -> None:
    whole = written_bytes(tmp_path, [SAID, FILM])
    assert read_bytes(whole).exchanges == (SAID,)
    for at in range(len(whole)):
        for new in (bytes([whole[at] ^ 1]), b"", whole[at : at + 1] * 2):
            with pytest.raises(errors.TapeError) as caught:
                read_bytes(whole[:at] + new + whole[at + 1 :])
            assert caught.value.message.startswith(("Line ", "film.nemotape "))
            assert caught.value.hint


def test_every_cut__is_refused(tmp_path: Path) -> None:
    whole = written_bytes(tmp_path, [SAID, FILM])
    for end in range(len(whole)):
        with pytest.raises(errors.TapeError, match=r"breaks off|is no tape|is empty"):
            read_bytes(whole[:end])


def test_line_ends__that_git_has_made_of_them_on_windows_are_taken(tmp_path: Path) -> None:
    whole = written_bytes(tmp_path)
    assert read_bytes(whole.replace(b"\n", b"\r\n")) == read_bytes(whole)
    with pytest.raises(errors.TapeError):
        read_bytes(whole.replace(b"\n", b"\r\r\n"))


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"


@pytest.mark.parametrize(("foreign", "hint"), [(POINTER, "git lfs pull"), (b"<<<<<<< HEAD\n", "Check the path")])
def test_what_git_has_put_there__is_no_tape(foreign: bytes, hint: str) -> None:
    with pytest.raises(errors.TapeError, match=r"film\.nemotape is no tape") as told:
        read_bytes(foreign)
    assert hint in told.value.hint


def test_any_change_of_lines__is_refused(tmp_path: Path) -> None:
    whole = written_bytes(tmp_path).splitlines(keepends=True)
    other = forged(exchange_value(number=9)).splitlines(keepends=True)
    changed = [whole[:at] + whole[at + 1 :] for at in range(len(whole))]
    changed += [whole[: at + 1] + whole[at:] for at in range(len(whole))]
    changed += [[*whole[:at], other[1], *whole[at + 1 :]] for at in range(len(whole))]
    for at in range(len(whole)):
        for other_at in range(at):
            swapped = list(whole)
            swapped[at], swapped[other_at] = swapped[other_at], swapped[at]
            changed.append(swapped)
    changed += [random.Random(seed).sample(whole, len(whole)) for seed in range(20)]
    changed += [[*whole, b"\n"], [*whole, *whole], [*whole, whole[-1]], [b"\n", *whole], [b"\xef\xbb\xbf", *whole]]
    for tape in changed:
        if tape != whole:
            with pytest.raises(errors.TapeError):
                read_bytes(b"".join(tape))


@cases
def test_edits_by_hand__are_told_with_their_line(tmp_path: Path, pattern: str, by: str, told: str) -> None:
    changed = re.sub(pattern, by, written_bytes(tmp_path).decode(), flags=re.DOTALL)
    with pytest.raises(errors.TapeError, match=told) as caught:
        read_bytes(changed.encode())
    assert caught.value.hint


# Forged: sums that are right


def test_forged__is_read_where_it_does_no_harm() -> None:
    assert read_bytes(forged(to_value(SAID))).exchanges == (SAID,)


FORGED: dict[str, tuple[bytes, str]] = {
    "two headers": (forged(to_value(HEADER)), "stands where it cannot"),
    "no header": (forged(to_value(SAID)).split(b"\n", 1)[1], "is no tape"),
    "twice": (forged(to_value(SAID), to_value(SAID)), "a request or a medium twice"),
    "two media": (forged(to_value(FILM), to_value(FILM)), "a request or a medium twice"),
    "lost film": (forged(to_value(ITEMS[-1])), "lacks the file of request 6"),
    "other kind": (forged({"kind": "film"}), "Line 2 of film.nemotape cannot be read: Invalid value 'film'"),
    "count": (forged({"kind": "end", "lines": 9}), "Line 2 of .* tells of more or fewer lines"),
    "after the end": (forged({"kind": "end", "lines": 2}), "Line 3 of film.nemotape comes after the end"),
    "other film": (
        forged({**to_value(FILM), "data": base64.b64encode(b"FILM").decode()}),
        "Line 2 of film.nemotape cannot be read: the medium is not the one that was recorded",
    ),
    "empty": (b"", "film.nemotape is empty"),
    "notebook": (b'{\n "cells": [],\n "nbformat": 4\n}\n', "film.nemotape is no tape"),
    "film": (bytes(range(256)) * 10, "film.nemotape is no tape"),
    "list": (b"[1]\n", "film.nemotape is no tape"),
}


@pytest.mark.parametrize("name", FORGED)
def test_forged__is_refused(name: str) -> None:
    data, told = FORGED[name]
    with pytest.raises(errors.TapeError, match=told) as caught:
        read_bytes(data)
    assert caught.value.hint


def test_planted_secret__is_refused_on_reading_with_its_place_and_never_shown() -> None:
    value = to_value(SAID)
    value["answer"]["events"][1][1] = f"data: {PLANTED}\n\n"
    with pytest.raises(errors.TapeSecret) as caught:
        read_bytes(forged(value))
    told = r"Line 2 of film.nemotape (In [3]) holds what looks like a token of the service: answer.events[1][1]."
    assert caught.value.message == told
    assert PLANTED not in repr(caught.value) + caught.value.hint


def test_secret_in_a_key_that_is_not_read__is_refused_too() -> None:
    with pytest.raises(errors.TapeSecret, match="a claim token: later"):
        read_bytes(forged(exchange_value(later="clm_0123456789")))


def test_known_secret__is_refused_whatever_it_looks_like() -> None:
    data = forged(exchange_value(cell="swordfish"))
    assert read_bytes(data).exchanges[0].cell == "swordfish"
    with pytest.raises(errors.TapeSecret, match=r"looks like a secret of this session: cell\.") as caught:
        read_tape_from(io.BytesIO(data), "film.nemotape", ["swordfish"])
    assert "swordfish" not in repr(caught.value)


@cases
def test_script_in_a_reply__is_refused_on_reading(reply: str) -> None:
    value = to_value(replace(SAID, answer=TapeAnswer(200, {}, text=reply)))
    with pytest.raises(errors.TapeError, match=r"^Line 2 of film\.nemotape holds .*: answer\.text\.") as caught:
        read_bytes(forged(value))
    assert not isinstance(caught.value, errors.TapeSecret)
    assert "Nothing of it was played" in caught.value.hint


@pytest.mark.parametrize(
    ("kind", "data"), [("text/html", b"hello"), ("image/svg+xml", b"x"), ("video/mp4", b" <html>")]
)
def test_medium_that_can_hold_scripts__is_refused(kind: str, data: bytes) -> None:
    with pytest.raises(errors.TapeError, match="holds a page or a picture that can hold scripts"):
        read_bytes(forged(to_value(replace(medium(data), type=kind))))


# Files that are none


def test_missing_tape__is_told_with_the_way_to_record_it(path: Path) -> None:
    with pytest.raises(errors.TapeError, match=r"There is no tape film\.nemotape") as caught:
        read_tape(path)
    assert "%nemo tape record film.nemotape" in caught.value.hint


def test_folder__is_no_tape(tmp_path: Path) -> None:
    with pytest.raises(errors.TapeError, match="is no file"):
        read_tape(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_pipe__is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(errors.TapeError, match="is no file"):
        read_tape(path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="everybody may read everything")
def test_file_of_somebody_else__is_told(path: Path) -> None:
    write(path).chmod(0)
    with pytest.raises(errors.TapeError, match="cannot be read"):
        read_tape(path)


def test_huge_file__is_refused_without_reading_it(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(tape_format.MAX_TAPE_BYTES + 1)
    try:
        with pytest.raises(errors.TapeError, match="larger than any tape"):
            read_tape(path)
    finally:
        path.unlink()  # nobody is to search it


def test_huge_line__is_not_read_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape_format, "MAX_TAPE_LINE_BYTES", 1000)

    class Watched(io.BytesIO):
        most = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            Watched.most = max(Watched.most, size)
            return super().readline(size)

    with pytest.raises(errors.TapeError, match="Line 2 of x breaks off"):
        read_tape_from(Watched(forged(exchange_value(cell="c" * 2000))), "x")
    assert 0 < Watched.most <= 1001


def test_many_values_in_many_lines__are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = forged(*(exchange_value(number=number) for number in range(1, 50)))
    assert len(read_bytes(data).exchanges) == 49
    monkeypatch.setattr(tape_format, "MAX_VALUES", 200)
    with pytest.raises(errors.TapeError, match="one more than a tape can have"):
        read_bytes(data)


# Saved, or not


def test_recording_with_a_secret__is_not_saved_and_kept_for_its_owner(path: Path) -> None:
    path.write_bytes(b"an older tape")
    writer = Writer(path, HEADER)
    writer.add(replace(SAID, request=replace(SAID.request, json={"text": "my Bearer abcDEF123456"})))
    with pytest.raises(errors.TapeSecret, match=r"In \[3\].*a bearer token: request\.json\.text\.") as caught:
        writer.finish()
    assert "abcDEF123456" not in repr(caught.value) + caught.value.hint
    assert caught.value.hint.startswith("What was recorded is kept in film.nemotape.refused, which only you can read.")
    assert path.read_bytes() == b"an older tape"
    writer.abandon()
    aside = path.with_name("film.nemotape.refused")
    assert b"abcDEF123456" in aside.read_bytes()
    assert sorted(path.parent.iterdir()) == [path, aside]
    if os.name == "posix":
        assert aside.stat().st_mode & 0o777 == 0o600


def test_second_recording__does_not_touch_the_first(path: Path) -> None:
    first = Writer(path, HEADER)
    first.add(SAID)
    with pytest.raises(errors.TapeError, match=r"Another kernel records on film\.nemotape\.part now"):
        Writer(path, HEADER)
    assert first.finish().exchanges == (SAID,)
    part_path(path).write_bytes(b"left")
    Writer(path, HEADER).abandon()
    assert path.with_name("film.nemotape.interrupted").read_bytes() == b"left"


def test_spare__is_a_name_that_nobody_has(tmp_path: Path) -> None:
    names = [spare(tmp_path / "film.refused").name for _ in range(3)]
    assert names == ["film.refused", "film.refused2", "film.refused3"]
