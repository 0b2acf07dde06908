"""The plan of the house, held against the code."""

from __future__ import annotations

import ast
import copy
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import house
import pytest
from cases import cases

import nemo_notebook
from nemo_notebook import errors
from nemo_notebook.agent import lexicon as words_and_frames
from nemo_notebook.agent.lexicon import frames, lexicon
from nemo_notebook.agent.turn import respond
from nemo_notebook.agent.wishes import looks
from nemo_notebook.film import model
from nemo_notebook.film.edit import EDITS, apply_edits, parse, schema
from nemo_notebook.film.film import Film
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.wording import tell
from nemo_notebook.notebook import reference

ROOT = Path(nemo_notebook.__file__).parent
ROOMS = {
    "tapes": {"__version__", "client", "clock", "errors", "files", "outside", "settings", "tapes"},
    "client": {"clock", "errors", "files", "media_types", "outside", "settings", "skills", "client"},
    "music": {"errors", "extensions", "outside", "music"},
    "film": {"errors", "extensions", "outside", "music", "film"},
    "agent": {"errors", "outside", "settings", "client", "film", "agent"},
    "session": {
        *("__version__", "clock", "errors", "files", "media_types", "outside", "settings", "skills"),
        *("tapes", "client", "film", "agent", "session"),
    },
    "batches": {"errors", "files", "outside", "settings", "skills", "client", "session", "batches"},
    "notebook": {
        *("clock", "console", "errors", "files", "media_types", "outside", "settings", "skills"),
        *("tapes", "client", "film", "session", "batches", "notebook"),
    },
    "testing": {"errors", "outside", "tapes", "testing"},
    "media": {"errors", "files", "media_types", "media"},
    "render": {"errors", "extensions", "files", "outside", "settings", "film", "media", "music", "render"},
    "engine": {
        *("errors", "files", "media_types", "outside", "settings"),
        *("film", "media", "music", "render", "agent", "engine"),
    },
}

POSTCARD = Situation({}, (MediaItem("a", "beach.mp4", "video", 8_000, 1920, 1080),))


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = (
            [f"{node.module}.{alias.name}" for alias in node.names]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
        found |= {name.split(".")[1] for name in names if name.startswith("nemo_notebook.")}
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports__run_downwards_only(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        assert imports(path) <= ROOMS[room], path


def test_code_lines__are_those_with_code() -> None:
    text = '"""Doc."""\n\n# a comment\nx = (\n    1\n)\n\n\ndef f():\n    """Doc.\n\n    More.\n    """\n'
    assert house.code_lines(text) == 4


def patterns(path: Path) -> Iterator[str]:
    """The regular expressions of a module that stand in it as they are."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args
        if is_call and isinstance(node.func.value, ast.Name) and node.func.value.id == "re":
            yield ast.unparse(node.args[0])


def test_agent__has_no_long_regular_expression() -> None:
    found = [each for path in (ROOT / "agent").rglob("*.py") for each in patterns(path)]
    values = tomllib.loads((ROOT / "agent" / "values.toml").read_text(encoding="utf-8"))["values"]
    assert len(found) > 20
    assert max(map(len, [*found, *(row["pattern"] for row in values)])) <= 200


def test_house__stays_within_its_limits() -> None:
    found = house.measure()
    assert set(found) == set(house.LIMITS)
    assert {name: lines for name, lines in found.items() if lines > house.LIMITS[name].now} == {}


@cases
def test_rooms__do_not_know_each_others_libraries(room: str, stranger: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        assert f"import {stranger}" not in path.read_text(encoding="utf-8"), path


def test_public_names__are_all_there() -> None:
    assert sorted(nemo_notebook.__all__) == nemo_notebook.__all__
    assert set(nemo_notebook.__all__) == {*nemo_notebook._HOME, "__version__"}
    for name in nemo_notebook.__all__:
        assert getattr(nemo_notebook, name) is not None


def test_loading__imports_nothing_heavy() -> None:
    code = (
        "import sys, nemo_notebook.notebook.extension, nemo_notebook;"
        "print([m for m in ('pandas','httpx','ipywidgets','anywidget','numpy','av','starlette') if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_error_tree__is_drawn_as_it_is() -> None:
    drawn = re.findall(r"^[│├└─ ]*(\w+)  ", str(errors.__doc__), re.MULTILINE)
    real = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}
    assert set(drawn) == real


def test_every_code_of_the_contract__has_its_error() -> None:
    for code in (1001, 1002, 2001, 4001, 4002, 400, 402, 429):
        error = errors.from_code(code, "x")
        assert type(error) is not errors.ServiceError
        assert error.hint


def test_adding_an_edit__is_one_definition_as_the_page_shows() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8").partition("### Adding an edit")[2]
    code = re.search(r"^```python\n(.+?)^```", page, re.MULTILINE | re.DOTALL)
    assert code
    titles = [
        {"id": f"t{n}", "s": 1000 * n, "d": 1000, "m": {"role": "title", "text": word}} for n, word in enumerate("ab")
    ]
    film = Film.of({"t": [{"tt": 7, "sg": titles}]})
    try:
        exec(compile(code[1], "number_titles.py", "exec", dont_inherit=True), {"__name__": "number_titles"})
        film.titles.number_titles(first=2)
        film.titles[1].number_titles()
        assert [title.text for title in film.titles] == ["2. a", "1. 3. b"]
        edit = parse({"edit": "number_titles", "target": {"number": 1}})
        assert [tell(apply_edits(film.draft, [edit], Situation(film.draft)).told, to) for to in ("en", "zh-CN")] == [
            "Numbered 1 title.",
            "已为 1 个标题编号。",
        ]
        with pytest.raises(
            errors.InvalidEdit, match="first 1000 is not allowed; it takes a whole number from 0 to 999"
        ):
            parse({"edit": "number_titles", "first": 1000})
        assert schema(["number_titles"])["$defs"]["NumberTitles"]["properties"]["first"]["maximum"] == 999
        assert "- `number_titles`: Put a number before the words of titles." in reference.edits()
        assert "| `first` | a whole number from 0 to 999 | The number of the first one. |" in reference.edit_details(
            "number_titles"
        )
    finally:
        EDITS.pop("number_titles", None)


def test_page__adds_a_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8").partition("### Adding a wish")[2]
    rows, english, chinese, code = re.findall(r"```(?:toml|python)\n(.*?)```", page, re.DOTALL)[:4]
    for concept, forms in [each for words in (english, chinese) for each in tomllib.loads(words)["words"].items()]:
        for form in forms.split("|"):
            lexicon().add(concept, form.strip())
    tables = copy.deepcopy(words_and_frames._frame_tables())
    for domain, table in tomllib.loads(rows).items():
        tables[domain].update(table)
    monkeypatch.setattr(words_and_frames, "_frame_tables", lambda: tables)
    monkeypatch.setattr(looks, "postcard", None, raising=False)
    exec(code, vars(looks))
    try:
        frames.cache_clear()
        film = apply_edits({}, [parse({"edit": "add_shot", "media": "a"})], POSTCARD).draft
        for message in ("make it look like a postcard", "做成明信片"):
            made = respond(message, replace(POSTCARD, draft=film)).made
            assert [edit.tag for edit in made] == ["set_look", "fade"], message
    finally:
        lexicon.cache_clear()
        frames.cache_clear()


@pytest.mark.parametrize(
    ("kind", "concept", "names", "made"),
    [
        ("filter", "filter", get_args(model._Filter), "render/grading.toml"),
        ("visualizer", "visual", get_args(model.VisualizerStyle), "render/visualizers.py"),
        ("mood", "mood", get_args(model._Mood), "music/moods.toml"),
    ],
)
def test_names_that_can_be_chosen__are_known_wherever_they_are_needed(
    kind: str, concept: str, names: tuple[str, ...], made: str
) -> None:
    drawn = pytest.importorskip("nemo_notebook.render.visualizers").STYLES if kind == "visualizer" else None
    lists = {made: set(drawn or tomllib_of(made))}
    for language in ("en", "zh"):
        words = tomllib_of(f"agent/languages/{language}.toml")["words"]
        lists[f"agent/languages/{language}.toml"] = {
            name.partition(".")[2] for name in words if name.startswith(f"{concept}.")
        }
        if kind != "mood":  # moods have labels of their own
            path = f"film/sentences/{language}.toml"
            lists[path] = set(tomllib_of(path)["words"][kind])
    for path, known in lists.items():
        assert not (lacking := set(names) - known), f"{path} lacks {sorted(lacking)}"
        assert not (unknown := known - set(names)), f"film/model.py lacks {sorted(unknown)}, which {path} has"


def tomllib_of(path: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))


def test_frames__name_functions_that_there_are() -> None:
    for frame in frames():
        if not (frame.asks or frame.tells or frame.edits is not None or frame.domain == "talk"):
            name = frame.does if "." in frame.does else f"{frame.domain}.{frame.does or frame.name}"
            module, _, function = name.partition(".")
            assert hasattr(import_module(f"nemo_notebook.agent.wishes.{module}"), function), f"wishes/ lacks {name}"


def test_public_names__are_each_of_one_module() -> None:
    """Functions of wishes are named after their frames; a fade is an edit, and what is drawn of it."""
    found: dict[str, list[str]] = {}
    for path in (each for each in ROOT.rglob("*.py") if "examples" not in each.parts):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        defined = [
            each.name for each in tree.body if isinstance(each, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        ]
        for assigned in (each for each in tree.body if isinstance(each, (ast.Assign, ast.AnnAssign))):
            targets = assigned.targets if isinstance(assigned, ast.Assign) else [assigned.target]
            defined += [each.id for each in targets if isinstance(each, ast.Name)]
        for name in set(defined):
            if not name.startswith("_") and name not in ("main", "Fade") and "wishes" not in path.parts:
                found.setdefault(name, []).append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}
