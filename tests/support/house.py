"""The size of the house, room by room, against its budget: `python -m tests house`.

Code lines are lines with code: no blank lines, comments or docstrings. JavaScript and stylesheets count by all lines.
A limit holds what was reached; it is lowered with each room that shrinks, until it is the budget.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "nemo_notebook"
LAYOUT = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE),
    *(tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER),
}
ROOMS = {
    "agent": ("agent",),
    "film": ("film",),
    "media, music, render": ("media", "music", "render"),
    "engine": ("engine",),
    "client": ("client",),
    "session, batches": ("session", "batches"),
    "tapes, testing": ("tapes", "testing"),
    "notebook": ("notebook",),
}
REST = "the rest"


@dataclass(frozen=True)
class Limit:
    """How much there may be of something.

    Attributes:
        now: What fails the check.
        budget: What it shall be.
    """

    now: int
    budget: int


LIMITS = {
    "agent": Limit(5_400, 5_400),
    "film": Limit(7_500, 7_500),
    "media, music, render": Limit(11_000, 11_500),
    "engine": Limit(2_640, 2_500),
    "client": Limit(1_590, 1_600),
    "session, batches": Limit(4_890, 4_500),
    "tapes, testing": Limit(1_680, 1_700),
    "notebook": Limit(4_900, 4_800),
    REST: Limit(1_060, 1_060),
    "package": Limit(40_000, 40_000),
    "files": Limit(260, 300),
    "tests": Limit(40_000, 40_000),
    "JS and CSS": Limit(7_000, 7_000),
    "longest function": Limit(60, 60),
    "longest module": Limit(600, 600),
}


def code_lines(text: str) -> int:
    """The lines of a module that hold code."""
    docs: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(
            node
        ):
            docs |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    lines = {n for token in tokens if token.type not in LAYOUT for n in range(token.start[0], token.end[0] + 1)}
    return len(lines - docs)


def sources(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*.py*") if path.suffix in (".py", ".pyi"))


def measure() -> dict[str, int]:
    """What there is of all that has a limit."""
    texts = {path.relative_to(PACKAGE): path.read_text(encoding="utf-8") for path in sources(PACKAGE)}
    lines = {path: code_lines(text) for path, text in texts.items()}
    rooms = {
        name: sum(count for path, count in lines.items() if path.parts[0] in folders) for name, folders in ROOMS.items()
    }
    functions = [
        (node.end_lineno or 0) - node.lineno + 1
        for text in texts.values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    web = [path for kind in ("js", "css") for path in PACKAGE.rglob(f"*.{kind}")]
    return {
        **rooms,
        REST: sum(lines.values()) - sum(rooms.values()),
        "package": sum(lines.values()),
        "files": len(lines),
        "tests": sum(code_lines(path.read_text(encoding="utf-8")) for path in sources(ROOT / "tests")),
        "JS and CSS": sum(path.read_text(encoding="utf-8").count("\n") for path in web),
        "longest function": max(functions),
        "longest module": max(text.count("\n") for text in texts.values()),
    }


def main() -> int:
    """Print the table; gives 1 where a limit is passed."""
    found = measure()
    print(f"{'':22}{'lines':>8}{'limit':>8}{'budget':>8}")
    for name, lines in found.items():
        limit = LIMITS[name]
        print(f"{name:22}{lines:8,}{limit.now:8,}{limit.budget:8,}{'  too many' if lines > limit.now else ''}")
    return int(any(lines > LIMITS[name].now for name, lines in found.items()))


if __name__ == "__main__":
    sys.exit(main())
