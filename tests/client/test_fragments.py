"""The reader of fragmented films: right about good ones, and nothing but our error for any other bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from fragmented import SCALE, box, film, head, piece
from hypothesis import given, strategies as st

from nemo_notebook.client.fragments import Fragments, Piece, read_fragments
from nemo_notebook.errors import ProtocolError


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], Fragments]:
    path = tmp_path_factory.mktemp("films") / "film.mp4"

    def read_bytes(content: bytes) -> Fragments:
        path.write_bytes(content)
        return read_fragments(path)

    return read_bytes


def test_film__is_told_with_its_pieces(read: Callable[[bytes], Fragments]) -> None:
    found = read(film(3))
    first, size = len(head()), len(piece(0))
    assert found.head_bytes == first
    assert found.pieces == tuple(Piece(float(n), first + n * size, size) for n in range(3))
    assert (found.codecs, found.width, found.height) == ("avc1.64001E, mp4a.40.2", 96, 54)
    assert (found.fps, found.duration_s) == (30.0, 3.0)


def test_what_players_pass__is_passed(read: Callable[[bytes], Fragments]) -> None:
    between = head() + box("styp", bytes(8)) + piece(0) + box("free") + piece(1) + box("mfra", bytes(8))
    found = read(between)
    assert [each.start_s for each in found.pieces] == [0.0, 1.0]
    assert found.pieces[0].offset == len(head()) + 16
    assert found.head_bytes == found.pieces[0].offset


def test_pieces_of_a_large_form__are_read(read: Callable[[bytes], Fragments]) -> None:
    one = piece(0)
    at = one.index(b"mdat") - 4
    large = one[:at] + struct.pack(">I4sQ", 1, b"mdat", 16 + 320) + bytes(320)
    assert read(head() + large + piece(1)).pieces[0].size == len(large)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a film at all, but some text",
        head(),
        film(0, tail=piece(0)[:-1]),
        film(1, tail=b"\0"),
        piece(0) + head(),
        head() + piece(1),
        head() + piece(0) + piece(2),
        head() + piece(0) + piece(0),
        head() + piece(0)[: piece(0).index(b"mdat") - 4],
        film(2, width=0),
        film(1).replace(b"moof", b"moov"),
        film(1).replace(b"avc1", b"hvc1"),
        film(1).replace(b"avcC", b"hvcC"),
        film(1).replace(b"mdat", b"\0\1\2\3"),
        film(1).replace(struct.pack(">I", SCALE), bytes(4)),
        head() + struct.pack(">I4sQ", 1, b"mdat", 1 << 63),
        head() + box("moof", box("traf", box("tfhd", bytes(8)))) + box("mdat"),
        head() + box("moof", bytes(5 << 20)) + box("mdat"),
    ],
)
def test_what_is_no_such_film__is_told(read: Callable[[bytes], Fragments], content: bytes) -> None:
    with pytest.raises(ProtocolError, match="cannot be read in pieces"):
        read(content)


GOOD = film(3)


@given(st.integers(0, len(GOOD) - 1))
def test_film_that_was_cut__is_told_or_is_shorter(read: Callable[[bytes], Fragments], length: int) -> None:
    try:
        found = read(GOOD[:length])
    except ProtocolError:
        return
    assert found.pieces == read(GOOD).pieces[: len(found.pieces)]
    assert found.pieces[-1].offset + found.pieces[-1].size == length


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4))
def test_damaged_film__is_told_or_stays_within_the_file(
    read: Callable[[bytes], Fragments], damages: list[tuple[int, bytes]]
) -> None:
    damaged = bytearray(GOOD)
    for at, values in damages:
        damaged[at : at + len(values)] = values
    try:
        found = read(bytes(damaged))
    except ProtocolError:
        return
    offset = found.head_bytes
    for each in found.pieces:
        assert each.offset >= offset
        offset = each.offset + each.size
    assert offset <= len(damaged)
    assert 0 < found.duration_s <= 86_400
    assert found.fps > 0


@given(st.binary(max_size=400))
def test_any_bytes__raise_nothing_else(read: Callable[[bytes], Fragments], content: bytes) -> None:
    for whole in (content, head() + content, head() + box("moof", content) + box("mdat")):
        with pytest.raises(ProtocolError):
            read(whole)
