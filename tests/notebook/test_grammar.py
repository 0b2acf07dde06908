from __future__ import annotations

import contextlib
import json
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import cases
from hypothesis import given, strategies as st

from nemo_notebook import errors
from nemo_notebook.notebook import dispatch, grammar
from nemo_notebook.notebook.commands.registry import COMMANDS
from nemo_notebook.notebook.dispatch import interpolate, interpolate_word
from nemo_notebook.notebook.grammar import BACKGROUND, Arguments, Command, Option, did_you_mean, unquoted_value
from nemo_notebook.session.results import Media

EXPORT = Command(
    name="export",
    about="Render.",
    run=lambda *_: None,
    takes="[PATH]",
    options=(
        Option("--quality", "low|medium|high", "how finely", ("low", "medium", "high")),
        Option("--resolution", "R", "how large", ("720p", "4k")),
        Option("--name", "TEXT", "what it is called"),
        Option("--no-wait", "", "only begin"),
        BACKGROUND,
    ),
)
UPLOAD = Command("upload", "Send.", lambda *_: None, "PATH …", example="%nemo upload song.mp3")
CHAT = Command("chat", "Say.", lambda *_: None, "TEXT", (BACKGROUND,), "%nemo chat hello")
UNDO = Command("undo", "Back.", lambda *_: None)


def parse(command: Command, line: str, names: dict[str, Any] | None = None) -> Arguments:
    return dispatch.parse_arguments(command, line, names or {})


def mistake(command: Command, line: str, names: dict[str, Any] | None = None) -> str:
    with pytest.raises(errors.UsageError) as caught:
        parse(command, line, names)
    assert caught.value.hint
    return f"{caught.value} {caught.value.hint}"


# Words and options


@cases
def test_parse__parts_words_from_options(line: str, words: tuple[str, ...], options: dict[str, str]) -> None:
    found = parse(EXPORT, line)
    assert (found.words, found.options) == (words, options)


@pytest.mark.parametrize("name", ["-intro.mp4", "— intro.mp4", "–5.mp4"])
def test_file_names__with_a_dash_stay_words(name: str) -> None:
    assert parse(UPLOAD, name).words == tuple(name.split())


@cases
def test_mistake__shows_the_nearest_right_form(line: str, hint: str) -> None:
    assert hint in mistake(EXPORT, line)


def test_words_for_a_command_without__are_perhaps_for_the_editor() -> None:
    assert "%nemo chat undo the title" in mistake(UNDO, "the title")


@pytest.mark.parametrize("command", [UPLOAD, CHAT])
def test_nothing_for_a_command_that_needs_something__shows_its_example(command: Command) -> None:
    assert command.example in mistake(command, " ")
    assert parse(EXPORT, "").words == ()


@cases
def test_split__holds_together_what_is_quoted(line: str, words: tuple[str, ...]) -> None:
    assert tuple(grammar.split_line(line)) == words


def test_split__is_linear() -> None:
    assert len(grammar.split_line("“a ‘b " * 20_000)) == 40_000
    assert interpolate("{" * 200_000 + "a" * 200_000 + "{a.a.a[" * 20_000, {"a": 1}).startswith("{{")


@given(st.lists(st.text(min_size=1).filter(lambda word: '"' not in word), max_size=5))
def test_split__gives_back_what_is_put_in_quotes(words: list[str]) -> None:
    assert grammar.split_line(" ".join(f'"{word}"' for word in words)) == words


# Texts


def test_text__is_taken_whole() -> None:
    text = "add --quality \"x\" {'a': 1} it's  “so”\n$5 100% \\n"
    assert parse(CHAT, text).text == text


@cases
def test_text__gives_up_leading_options_and_a_last_background(line: str, text: str, is_background: bool) -> None:
    found = parse(CHAT, line)
    assert (found.text, "background" in found.options) == (text, is_background)


def test_text__that_begins_with_a_mistyped_option_is_not_sent() -> None:
    assert "--background" in mistake(CHAT, "--backgroud add a title")


# Variables

NAMES: dict[str, Any] = {
    "name": "Urban Dreams",
    "clip": SimpleNamespace(title="Dawn", size=SimpleNamespace(w=3)),
    "rows": [1, {"a": "b", "two words": "c"}],
    "files": ["a b.mp4", PurePosixPath("c/d.mp3")],
    "inner": "{name}",
    "open": open,
    "np": np,
}


@cases
def test_interpolate__survives_braces_json_and_dollars(text: str, wanted: str) -> None:
    assert interpolate(text, NAMES) == wanted


@given(st.text(alphabet=st.sampled_from("{}[].ab_0$%\\\"' \n:"), max_size=60))
def test_interpolate__leaves_text_without_a_known_name(text: str) -> None:
    assert interpolate(text, {"known": "!"}) == text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(json_values, st.sampled_from([None, 1]))
def test_interpolate__leaves_json(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    if "{known" not in text:
        assert interpolate(text, {"known": "!", "a": "!", "null": 2, "true": 3}) == text


@given(st.text(alphabet=st.sampled_from("{}nx. "), max_size=30))
def test_interpolate__knows_no_second_round(value: str) -> None:
    assert interpolate("[{n}]", {"n": value, "x": "!"}) == f"[{value}]"


@cases
def test_interpolate__names_what_is_not_there(text: str, told: str) -> None:
    for line in (text, f"say {text} twice"):
        with pytest.raises(errors.UsageError) as caught:
            interpolate(line, NAMES)
        assert told in str(caught.value)


def test_interpolate__tells_of_attributes_and_texts_that_raise() -> None:
    class Broken:
        @property
        def length(self) -> int:
            raise RuntimeError("\x1b[31mno\nlength")

        def __str__(self) -> str:
            raise ValueError("no text")

    for text in ("{broken.length}", "{broken}"):
        with pytest.raises(errors.UsageError) as caught:
            interpolate(text, {"broken": Broken()})
        assert "\x1b" not in str(caught.value)
        assert "\n" not in str(caught.value)


def test_words__with_spaces_stay_one() -> None:
    names = {"path": "my clips/a b.mp4", "folder": PurePosixPath("x y"), "flag": "--background"}
    assert parse(UPLOAD, "{path} {folder}/{name}.mp3 {flag}", names).words == (
        "my clips/a b.mp4",
        "x y/{name}.mp3",
        "--background",
    )
    assert parse(EXPORT, "--name {path}", names).options == {"name": "my clips/a b.mp4"}
    assert "cannot be 'my clips" in mistake(EXPORT, "--quality={path}", names)


@pytest.mark.parametrize("kind", [list, tuple, pd.Series, pd.Index, lambda files: np.array(files, dtype=object)])
def test_word__that_is_a_list_gives_many(kind: Any) -> None:
    found = parse(UPLOAD, "x.mp4 {files} {both[clips]}", {"files": kind(NAMES["files"]), "both": {"clips": ["e.mov"]}})
    assert found.words == ("x.mp4", "a b.mp4", "c/d.mp3", "e.mov")


def test_word__that_is_a_column_of_texts_gives_many() -> None:
    frame = pd.DataFrame({"source": ["a.mp4", "b.mp4"]})
    assert interpolate_word("{frame.source}", {"frame": frame}) == ["a.mp4", "b.mp4"]
    assert interpolate_word("{frame[source]}", {"frame": frame}) == ["a.mp4", "b.mp4"]


@pytest.mark.parametrize("items", [[1.5], [None], [["a.mp4"]], [object()], []])
def test_list__of_no_paths_is_told(items: list[Any]) -> None:
    assert "{files}" in mistake(UPLOAD, "{files}", {"files": items})


def test_word__takes_the_path_or_the_id_of_what_is_ours() -> None:
    media = Media("song.mp3", "audio", 1.0, 0, 0, 0.0, 1, "hash")
    assert interpolate_word("{media}", {"media": media}) == ["song.mp3"]
    assert interpolate_word("{all}", {"all": [media, "b.mp4"]}) == ["song.mp3", "b.mp4"]


# From a line to its command


@cases
def test_line__that_says_what_the_command_does_is_no_mistake(
    line: str, words: tuple[str, ...], options: dict[str, str]
) -> None:
    found = dispatch.read_line(line, {})
    assert found.command is COMMANDS["export"]
    assert found.arguments.words == words
    assert dict(found.arguments.options) == options


def test_line__with_a_mistake_stays_one() -> None:
    with pytest.raises(errors.UsageError):
        dispatch.read_line("export a.mp4 b.mp4", {})


# All commands


@pytest.mark.parametrize("command", [EXPORT, UPLOAD, CHAT, UNDO], ids=lambda command: command.name)
@given(line=st.text(max_size=40) | st.text(alphabet=st.sampled_from("-—={}ab\"' qual"), max_size=20))
def test_any_line__parses_or_is_a_usage_error(command: Command, line: str) -> None:
    with contextlib.suppress(errors.UsageError):
        parse(command, line, {"a": 1, "b": ["x"]})


def test_did_you_mean__asks_for_what_was_meant() -> None:
    assert did_you_mean("expo", COMMANDS) == "Did you mean export?"
    assert did_you_mean("EXPROT", COMMANDS) == "Did you mean export?"
    assert did_you_mean("变快", COMMANDS) is None
    assert did_you_mean("x" * 100_000, COMMANDS) is None


# Values without quotes

BATCH = COMMANDS["batch"].options


@cases
def test_value__without_quotes_is_found_and_a_file_behind_it_is_none_of_it(line: str, value: str) -> None:
    assert (unquoted_value(line, BATCH) or "") == value


def test_value__is_not_followed_by_a_file_without_an_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    line = "--prompt slideshow recording --out films"
    assert unquoted_value(line, BATCH) == '--prompt "slideshow recording"'
    Path("recording").touch()
    assert unquoted_value(line, BATCH) is None
