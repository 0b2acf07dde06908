"""What worker processes can do: operations as plain functions of JSON values and file paths.

Each takes its arguments and a function that it tells its progress (0–1), and gives a JSON object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from nemo_notebook.media import analysis, probe, scenes, thumbnails
from nemo_notebook.render import operations as render, typography
from nemo_notebook.render.cache import whole_file

Tell = Callable[[float], None]
Operation = Callable[[Mapping[str, Any], Tell], dict[str, Any]]


def _probe(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    return probe.probe(Path(args["path"]), args["filename"]).to_json()


def _listen(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    return analysis.listen(Path(args["path"]), args["filename"])


def _watch(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    """Watches a video and listens for the silences in its sound."""
    path, filename = Path(args["path"]), args["filename"]
    return {**scenes.watch(path, filename).to_json(), "silences_ms": analysis.hear_silences(path, filename)}


def _thumbnail(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    """Writes a thumbnail to `target`: an empty file where there is no picture."""
    picture = thumbnails.thumbnail(Path(args["path"]), args["filename"])
    with whole_file(Path(args["target"])) as part:
        part.write_bytes(picture)
    return {"bytes": len(picture)}


def _missing_characters(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    return {"missing": typography.missing_characters(args["text"])}


OPERATIONS: Final[Mapping[str, Operation]] = {
    "probe": _probe,
    "listen": _listen,
    "watch": _watch,
    "thumbnail": _thumbnail,
    "missing_characters": _missing_characters,
    **render.OPERATIONS,
}
