from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import nbformat
import pytest
from reference_page import RUNNABLE, page, settings

from nemo_notebook import examples
from nemo_notebook.errors import UsageError
from nemo_notebook.film.edit import all_edits
from nemo_notebook.notebook import reference
from nemo_notebook.notebook.commands.registry import COMMANDS
from nemo_notebook.notebook.defaults import Defaults
from nemo_notebook.notebook.grammar import Arguments, Command, Option

PAGE = examples.folder() / "reference.ipynb"


def joined(text: str) -> str:
    return " ".join(text.split())


@cache
def whole_page() -> Any:
    return page()


def flag(form: str) -> str:
    return f'<code><span style="white-space:nowrap">{form}</span></code>'


def shown(word: str = "") -> dict[str, str]:
    """What `%nemo help WORD` shows."""
    words = (word,) if word else ()
    bundle = COMMANDS["help"].run(None, Arguments(words))  # type: ignore[arg-type]
    return bundle._repr_mimebundle_()


def test_page__is_what_the_table_gives() -> None:
    committed = json.loads(Path(PAGE).read_text(encoding="utf-8"))["cells"]
    wanted = json.loads(nbformat.writes(page()))["cells"]
    told = "python -m tests reference writes it anew"
    assert [(c["cell_type"], "".join(c["source"])) for c in committed] == [
        (c["cell_type"], "".join(c["source"])) for c in wanted
    ], told
    assert set(RUNNABLE) <= set(COMMANDS)


def test_overview__has_every_command_once() -> None:
    assert not has_bare_option(reference.overview(COMMANDS))
    text = reference.as_plain(reference.overview(COMMANDS))
    for command in reference.unique(COMMANDS):
        assert joined(text).count(joined(reference.as_plain(command.about))) == 1
        assert f"%nemo {command.name}" in text
    assert "`" not in text
    assert "**" not in text


@pytest.mark.parametrize("command", reference.unique(COMMANDS), ids=lambda command: command.name)
def test_details__tell_all_that_the_table_knows_and_break_no_option(command: Command) -> None:
    for markdown in (reference.details(command), reference.details(command, is_section=True)):
        text = joined(reference.as_plain(markdown))
        for told in (command.usage, command.about, command.more, command.example):
            assert joined(reference.as_plain(told)) in text
        assert text.count(command.usage) == 1 or command.usage in command.example
        for option in command.options:
            assert joined(reference.as_plain(option.about)) in text
        for alias in command.aliases:
            assert f"`%nemo {alias}`" in markdown
        assert not has_bare_option(markdown)
    plain = reference.as_plain(reference.details(command))
    assert max(map(len, plain.splitlines())) <= 80
    for option in command.options:
        assert any(option.flag in line.split() or f"[{option.form}]" in line for line in plain.splitlines())
    assert "<" not in plain


def has_bare_option(markdown: str) -> bool:
    """Whether a browser could break a line within an option."""
    bare = re.sub(r'<span style="white-space:nowrap">[^<]*</span>', "", markdown)
    return bool(re.search(r"`[^`\n]*--|<code>[^<]*--", bare))


def test_section__has_a_table_of_options_without_bars_in_code() -> None:
    option = Option("--a", "b|c", "this | that", ("b", "c"))
    command = Command("x", "Does x.", lambda *_: None, options=(option, Option("--d", "D", "more", ("e", "f"))))
    assert f"| {flag('--a')} | b, c | this \\| that |" in reference.details(command, is_section=True)
    switches = Command("x", "Does x.", lambda *_: None, options=(Option("--a", "", "this"),))
    assert f"| {flag('--a')} | this |" in reference.details(switches, is_section=True)
    assert f"- {flag('--d D')}: more (e, f)" in reference.details(command)
    assert f"| {flag('--d')} | e, f | more |" in reference.details(command, is_section=True)


def test_settings__are_those_of_the_magics() -> None:
    text = settings()
    for name in Defaults.class_trait_names(config=True):
        assert f"| `{name}` | `{getattr(Defaults(), name)!r}` |" in text
    assert "`medium`" in text


@pytest.mark.parametrize("name", sorted(all_edits()))
def test_edit__is_told_by_help_and_page_from_its_definition(name: str) -> None:
    kind = all_edits()[name]
    (cell,) = (c for c in whole_page().cells if c.source.startswith(f"### {name}\n"))
    assert shown(name)["text/markdown"] == cell.source == reference.edit_details(name)
    assert str(kind.__doc__).splitlines()[0] in cell.source
    for field in msgspec.structs.fields(kind):
        assert f"| `{field.name}`{', needed' if field.required else ''} | " in cell.source
    assert f"- `{name}`: " in shown("edits")["text/markdown"]


def test_help__shows_all_or_one_and_asks_after_what_was_meant() -> None:
    assert "%nemo export" in shown()["text/markdown"]
    assert "`" not in shown()["text/plain"]
    assert shown("export")["text/markdown"] == reference.details(COMMANDS["export"])
    assert shown("%nemo") == shown()
    assert "%nemo status" in shown("timeline")["text/plain"]
    with pytest.raises(UsageError) as caught:
        shown("exprt")
    assert caught.value.hint == "Did you mean export?"
    with pytest.raises(UsageError) as caught:
        shown("变快")
    assert caught.value.hint
