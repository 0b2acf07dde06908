from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines import FILM, HOSTILE, SONG

from nemo_notebook.film.known import read_sounds
from nemo_notebook.film.picture.lettering import escape
from nemo_notebook.film.picture.pdf import to_pdf
from nemo_notebook.film.picture.picture import Picture
from nemo_notebook.film.timeline import Timeline

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 100" width="960">'
WORDS = re.compile(r"/F(\d) [\d.]+ Tf -?[\d.]+ Tc <([0-9a-f]*)> Tj")


def objects(pdf: bytes) -> dict[int, bytes]:
    """The objects where the table says that they are."""
    start = re.fullmatch(rb"(?s)%PDF-1\.4\n.*\nstartxref\n(\d+)\n%%EOF\n", pdf)
    assert start
    table = re.fullmatch(
        rb"(?s)xref\n0 (\d+)\n0000000000 65535 f \n((?:\d{10} 00000 n \n)*)trailer\n<</Size (\d+)/Root 1 0 R>>\n.*",
        pdf[int(start[1]) :],
    )
    assert table
    places = [int(entry[:10]) for entry in table[2].splitlines()]
    assert int(table[1]) == int(table[3]) == len(places) + 1
    found: dict[int, bytes] = {}
    for number, (place, end) in enumerate(zip(places, [*places[1:], int(start[1])], strict=True), 1):
        body = re.fullmatch(rb"(?s)%d 0 obj\n(.*)\nendobj\n" % number, pdf[place:end])
        assert body, number
        found[number] = body[1]
    for body in found.values():
        assert {int(number) for number in re.findall(rb"(\d+) 0 R", body.split(b"stream")[0])} <= set(found)
    return found


def drawn(pdf: bytes) -> str:
    """What draws the page."""
    stream = re.fullmatch(rb"(?s)<</Filter/FlateDecode/Length (\d+)>>\nstream\n(.*)\nendstream", objects(pdf)[4])
    assert stream
    assert int(stream[1]) == len(stream[2])
    return zlib.decompress(stream[2]).decode("ascii")


def texts(pdf: bytes) -> list[str]:
    """The words, each with all of its fonts."""
    return [
        "".join(bytes.fromhex(code).decode("cp1252" if font == "1" else "utf-16-be") for font, code in runs)
        for runs in (WORDS.findall(part) for part in re.findall(r"(?s)\bBT\b(.*?)\bET\b", drawn(pdf)))
    ]


def shapes(inner: str) -> list[str]:
    """What draws a picture, without how it is placed on the page."""
    return drawn(to_pdf(f"{HEAD}{inner}</svg>")).splitlines()[1:]


def film(name: str = "城市") -> str:
    draft = json.loads(json.dumps(FILM))
    draft["t"][0]["sg"][1]["m"] |= {"name": name, "transition": {"ms": 600}}
    return Timeline(draft, sounds=read_sounds([SONG])).plot().svg


# The file


def test_file__has_its_objects_where_its_table_says() -> None:
    found = objects(to_pdf(film()))
    assert found[1] == b"<</Type/Catalog/Pages 2 0 R>>"
    assert b"/STSong-Light-UniGB-UCS2-H/Encoding/UniGB-UCS2-H" in b"".join(found.values())
    assert len(objects(to_pdf(film("night").replace("城市之夜", "city")))) == 5  # no font that is not used


def test_file__has_the_same_bytes_each_time() -> None:
    assert to_pdf(film()) == to_pdf(film())
    assert b"Date" not in to_pdf(film())


def test_page__is_as_large_as_the_picture() -> None:
    svg = film()
    size = re.search(r'viewBox="0 0 800 ([\d.]+)" width="960"', svg)
    assert size
    box = re.search(rb"/MediaBox\[0 0 720 ([\d.]+)\]", objects(to_pdf(svg))[3])
    assert box
    high = float(box[1])
    assert high == pytest.approx(float(size[1]) * 0.9)  # 960 pixels for 800 units, 72 points for 96 pixels
    assert drawn(to_pdf(svg)).startswith(f"0.9 0 0 -0.9 0 {high:g} cm")


@pytest.mark.parametrize("draft", [None, {}, {"t": []}], ids=["none", "blank", "no tracks"])
@pytest.mark.parametrize(("language", "sentence"), [("en", "The timeline is empty."), ("zh", "时间线还是空的。")])
def test_empty_timeline__is_a_sentence_on_a_panel(draft: dict[str, Any] | None, language: str, sentence: str) -> None:
    assert texts(to_pdf(Timeline(draft, language).plot().svg)) == [sentence]


# Words


def test_words__are_those_of_the_picture_in_their_order() -> None:
    svg = film("a (b) \\ ñandú – 城市 ночь 한국어")
    root = ElementTree.fromstring(svg)
    assert texts(to_pdf(svg)) == [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "城市之夜".encode("utf-16-be").hex() in drawn(to_pdf(svg))


@pytest.mark.parametrize("name", [*HOSTILE, "(", ") Tj ET", "\\", "\\051", "a\nb\tc\rd", "<3e>", "endstream endobj"])
def test_hostile_names__are_words_and_nothing_else(name: str) -> None:
    made, plain = to_pdf(film(name)), to_pdf(film("x"))
    operators = re.compile(r"(?<= )[A-Za-z]+$|^[A-Za-z]+$", re.MULTILINE)
    assert set(operators.findall(drawn(made))) == set(operators.findall(drawn(plain)))
    assert "".join(texts(made)).isprintable()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text__is_drawn(text: str) -> None:
    read = "".join(texts(to_pdf(f"{HEAD}<text>{escape(text)}</text></svg>")))
    assert read.isprintable()
    assert not [char for char in read if ord(char) > 0xFFFF]
    if text.isascii() and text.isprintable():
        assert read == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "read"),
    [("🌃 night", "? night"), ("e\u0301te\u0301", "été"), ("สวัสดี", "????"), ("a\u200db\u202e", "ab"), ("👩‍👧", "??")],
)
def test_letters__that_no_font_has_are_question_marks(text: str, read: str) -> None:
    assert texts(to_pdf(f'{HEAD}<text x="1" y="2">{text}</text></svg>')) == [read]


@pytest.mark.parametrize(
    ("words", "anchor", "x"),
    [("100%", "end", 100 - 25.57), ("0:05", "middle", 100 - 9.73), ("城市", "end", 80), ("a 城", "start", 100)],
)
def test_words__stand_at_their_anchor(words: str, anchor: str, x: float) -> None:
    lines = shapes(f'<g text-anchor="{anchor}" font-size="10"><text x="100" y="20">{words}</text></g>')
    places = [re.fullmatch(r"BT 1 0 0 -1 ([\d.]+) 20 Tm", line) for line in lines]
    assert [float(place[1]) for place in places if place] == [pytest.approx(x, abs=0.01)]


# Shapes


@pytest.mark.parametrize(
    "path",
    ["M10 20H40V50H10z", "M10 20h30v30h-30z", "m10 20l30 0l0 30l-30 0Z", "M10,20 40,20 40,50 10,50z", "M10 20h.1h29.9"],
)
def test_paths__are_the_same_with_absolute_and_relative_steps(path: str) -> None:
    expected = (
        ["0 0 0 rg", "10 20 30 30 re", "f"] if path[-1] in "zZ" else ["0 0 0 rg", "10 20 m 10.1 20 l 40 20 l", "f"]
    )
    assert shapes(f'<path d="{path}"/>')[1:] == expected


def test_paths__go_on_after_their_end_and_may_have_several_pieces() -> None:
    assert shapes('<path d="M1 2l3 4l5-6zv7M1 2l3 4l5-6Zv7M8 9L1.5.5" stroke="#fff"/>')[-6:] == [
        *["1 2 m 4 6 l 9 0 l h", "1 2 m 1 9 l"] * 2,
        "8 9 m 1.5 0.5 l",
        "B",
    ]


def test_lines__have_no_inside() -> None:
    assert shapes('<path d="M1 2h30" stroke="#fff" stroke-width="4" stroke-dasharray="1 2"/>') == [
        "/G0 gs",
        "1 1 1 RG",
        "4 w",
        "[1 2] 0 d",
        "1 2 m 31 2 l",
        "S",
    ]
    assert shapes('<path d="M1 2h30"/>') == []


def test_rectangles__have_round_corners_and_both_colours() -> None:
    lines = shapes('<rect x="1" y="2" width="30" height="20" rx="3" fill="#17191f" stroke="#fff"/>')
    assert "0.09 0.098 0.122 rg" in lines
    assert lines[-1] == "B"
    assert lines[-2].startswith("4 2 m 28 2 l 29.657 2 31 3.343 31 5 c 31 19 l ")
    assert lines[-2].count(" c") == 4
    assert shapes('<rect x="1" y="2" width="30" height="4" rx="99"/>')[-2].startswith("3 2 m 29 2 l")
    assert shapes('<rect x="1" y="2" width="0" height="4"/>') == []


def test_opacities__are_the_pictures_own() -> None:
    svg = film()
    wanted = {("fill-opacity", ".22"), ("stroke-opacity", ".16"), ("stroke-opacity", ".42"), ("stroke-opacity", ".7")}
    assert wanted <= set(re.findall(r'((?:fill|stroke)-opacity)="([.\d]+)"', svg))
    page = objects(to_pdf(svg))[3].decode()
    names = dict(re.findall(r"/(G\d+)<</ca ([\d.]+)/CA [\d.]+>>", page))
    assert set(re.findall(r"/CA ([\d.]+)", page)) >= {"1", "0.16", "0.42", "0.7", "0.6"}
    assert "0.22" in names.values()
    assert set(re.findall(r"/(G\d+) gs", drawn(to_pdf(svg)))) == set(names)


def test_styles__come_from_the_groups_around() -> None:
    inner = '<g fill="#f00" stroke="#0f0"><g fill="none"><path d="M1 2h3v4z"/></g><path d="M1 2h3v4z"/></g>'
    assert [line for line in shapes(inner) if line in {"1 0 0 rg", "0 1 0 RG", "S", "B", "f"}] == [
        "0 1 0 RG",
        "S",
        "1 0 0 rg",
        "B",
    ]


@pytest.mark.parametrize(
    "inner",
    [
        '<path d="M1 2C1 2 3 4 5 6z"/>',
        '<path d="M1"/><path/><path d="z"/><path d="zzz"/>',
        '<rect x="a" width="b" height="c"/>',
        '<path fill="url(#x)" d="M1 2h3v4z"/>',
        '<circle r="4"/><defs><rect width="9" height="9"/></defs><script>1</script><!-- -->',
        "<text/><text> </text><text fill='none'>x</text>",
        "<g>" * 5000 + "</g>" * 5000,
    ],
)
def test_unknown_things__are_left_out(inner: str) -> None:
    assert shapes(inner) == []


@pytest.mark.parametrize("svg", ["", "no picture", "<svg", "<svg/>", "\ud800", '<svg viewBox="0 0 0 0" width="-1"/>'])
def test_what_is_no_picture__is_an_empty_page(svg: str) -> None:
    assert b"/MediaBox[0 0 720 54]" in objects(to_pdf(svg))[3]


# In a notebook


def test_picture__brings_its_page_along() -> None:
    svg = film()
    assert base64.b64decode(Picture(svg)._repr_mimebundle_()["application/pdf"]) == to_pdf(svg)
    assert Timeline(FILM)._repr_mimebundle_()["application/pdf"] == Timeline(FILM).plot().drawings["application/pdf"]
    assert set(Timeline(None)._repr_mimebundle_()) == {"text/plain", "text/html"}


def crowd(count: int) -> Timeline:
    segments = [
        {"s": 1000 * k, "d": 450 + 7 * (k % 60), "m": {"name": f"clip {k}", "source": f"{k % 7}.mp4"}}
        for k in range(count)
    ]
    return Timeline({"t": [{"tt": 0, "sg": segments[lane::6]} for lane in range(6)]})


@pytest.mark.parametrize(("count", "most"), [(20, 6_000), (300, 12_000), (2_000, 30_000)])
def test_large_drafts__stay_small(count: int, most: int) -> None:
    svg = crowd(count).plot().svg
    assert len(base64.b64encode(to_pdf(svg))) < min(most, len(svg) + 2_000)
