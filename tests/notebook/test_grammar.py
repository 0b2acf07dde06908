from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemo_notebook import errors
from nemo_notebook.notebook import dispatch, grammar
from nemo_notebook.notebook.commands.table import COMMANDS


def test_parse__parts_words_from_options() -> None:
    found = COMMANDS["export"].parse('"my film.mp4" --quality low --format=mp4')
    assert found.words == ("my film.mp4",)
    assert found.options == {"quality": "low", "format": "mp4"}


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("--qualty low", "--quality"),
        ("--quality hgh", "high"),
        ("--quality", "export"),
        ("a.mp4 b.mp4", "[PATH]"),
        ('"open', "quotes"),
        ("--no-wait=yes", "takes no value"),
    ],
)
def test_parse__a_mistake_shows_the_nearest_right_form(line: str, hint: str) -> None:
    with pytest.raises(errors.UsageError) as caught:
        COMMANDS["export"].parse(line)
    assert hint in f"{caught.value} {caught.value.hint}"


def test_switch__takes_no_value_and_eats_no_word() -> None:
    found = COMMANDS["export"].parse("--no-wait film.mp4 --quality low")
    assert (found.words, found.options) == (("film.mp4",), {"no_wait": "yes", "quality": "low"})
    assert "[--no-wait]" in COMMANDS["export"].usage


def test_chat__takes_all_of_its_text() -> None:
    assert COMMANDS["chat"].parse("add --quality \"x\" {'a': 1}").text == "add --quality \"x\" {'a': 1}"


def test_split__keeps_backslashes_and_hash_signs() -> None:
    assert grammar.split(r"C:\clips\a.mp4 'it is.mp3' a#b.mp4") == [r"C:\clips\a.mp4", "it is.mp3", "a#b.mp4"]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("export it as mp4", (None, "mp4")),
        ("export this as a GIF please", (None, "gif")),
        ("export film2.mp4 please", ("film2.mp4", None)),
    ],
)
def test_line__that_says_what_the_command_does_is_no_mistake(
    line: str, wanted: tuple[str | None, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str | None, str | None]] = []
    monkeypatch.setattr(dispatch, "export", lambda _, path, **how: asked.append((path, how["format"])))
    dispatch.run_line(None, line, {})  # type: ignore[arg-type]
    assert asked == [wanted]


def test_line__with_a_mistake_stays_one() -> None:
    with pytest.raises(errors.UsageError):
        dispatch.run_line(None, "export a.mp4 b.mp4", {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("title {name}", "title Urban Dreams"),
        ('{"json": {"a": 1}} {name}', '{"json": {"a": 1}} Urban Dreams'),
        ("{missing} {} {0} ${name}", "{missing} {} {0} $Urban Dreams"),
        ("{name!r} {name.upper()}", "{name!r} {name.upper()}"),
    ],
)
def test_interpolate__survives_braces_json_and_dollars(text: str, wanted: str) -> None:
    assert grammar.interpolate(text, {"name": "Urban Dreams"}) == wanted


def test_commands__have_all_that_help_needs() -> None:
    for command in COMMANDS.values():
        assert command.about.endswith(".")
        assert command.example.startswith("%nemo")
        assert command.usage.startswith(f"%nemo {command.name}")


@given(st.text(max_size=40))
def test_any_line__parses_or_is_a_usage_error(line: str) -> None:
    for command in set(COMMANDS.values()):
        with contextlib.suppress(errors.UsageError):
            command.parse(line)


@pytest.mark.parametrize("line", ["open", "tape off", "batch a --out b"])
def test_commands_to_come__are_not_said_to_the_editor(line: str) -> None:
    with pytest.raises(errors.UsageError, match="not there yet"):
        dispatch.run_line(None, line, {})  # type: ignore[arg-type]
