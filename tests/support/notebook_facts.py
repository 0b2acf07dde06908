"""What can be told of a notebook from its file alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

NOTEBOOKS: Final = Path(__file__).resolve().parents[2] / "notebooks"
SKILLS: Final = ("from-music", "music-ab2n-0330", "music-maker", "music-to-a", "video-music-generator")
"""The notebooks that each show one skill, and bear its name."""

_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_SUGGESTED: Final = re.compile(r"`%nemo ([^`]+)`")
_MEDIA: Final = re.compile(r"media/[\w.*-]+")
_VIEW: Final = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Page:
    """A notebook's file, read once."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def raw(self) -> dict[str, Any]:
        return json.loads(self.text)

    @property
    def code(self) -> list[dict[str, Any]]:
        return [cell for cell in self.raw["cells"] if cell["cell_type"] == "code"]

    @property
    def prose(self) -> str:
        return "\n\n".join(source(cell) for cell in self.raw["cells"] if cell["cell_type"] == "markdown")

    @property
    def outputs(self) -> list[dict[str, Any]]:
        return [output for cell in self.code for output in cell["outputs"]]

    @property
    def shown(self) -> Iterator[str]:
        """All text of the outputs; of what is written into them as data, only that it is there."""
        for output in self.outputs:
            for value in [output.get("text", ""), *output.get("data", {}).values()]:
                yield re.sub(r"base64,[A-Za-z0-9+/=]+", "base64,", joined(value))

    @property
    def links(self) -> list[str]:
        return [link for link in _LINK.findall(self.prose) if "://" not in link]

    @property
    def suggestions(self) -> list[str]:
        """What the prose says one could type behind `%nemo`."""
        return _SUGGESTED.findall(self.prose)

    @property
    def media(self) -> list[str]:
        """The files that its code reads, as patterns."""
        return [pattern for cell in self.code for pattern in _MEDIA.findall(source(cell))]

    @property
    def widgets(self) -> list[dict[str, Any]]:
        return [output for output in self.outputs if _VIEW in output.get("data", {})]

    @property
    def films(self) -> list[str]:
        """The players and pictures in its outputs, as HTML."""
        return [page for page in map(_html, self.outputs) if "<video" in page]

    @property
    def pictures(self) -> list[int]:
        """The numbers of the cells that show a picture without any file beside the notebook."""
        return [
            cell["execution_count"]
            for cell in self.code
            for output in cell["outputs"]
            if "data:image/" in _html(output)
        ]


def source(cell: dict[str, Any]) -> str:
    return joined(cell["source"])


def joined(text: Any) -> str:
    """A notebook's text, which is one string or a list of lines."""
    return "".join(text) if isinstance(text, list) else text if isinstance(text, str) else json.dumps(text)


def _html(output: dict[str, Any]) -> str:
    return joined(output.get("data", {}).get("text/html", ""))


def words(outputs: list[dict[str, Any]]) -> list[str]:
    """What outputs say as plain text, without the sizes of files, which every encoder has its own mind about."""
    plain = [joined(output.get("data", output).get("text/plain", output.get("text", ""))) for output in outputs]
    return [re.sub(r"[\d.]+ [kM]B", "… MB", text) for text in plain]


def pages() -> list[Page]:
    """All notebooks, by name."""
    return [Page(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
