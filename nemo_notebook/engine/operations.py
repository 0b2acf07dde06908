"""What worker processes can do: operations as plain functions of JSON values and file paths.

Each takes its arguments and a function that it tells its progress (0–1), and gives a JSON object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from nemo_notebook.engine.media import beats, decode, poster, probe
from nemo_notebook.engine.render import fonts
from nemo_notebook.engine.render import operations as render

Tell = Callable[[float], None]
Operation = Callable[[Mapping[str, Any], Tell], dict[str, Any]]


def _probe(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    return probe.probe(Path(args["path"]), args["filename"]).to_json()


def _beats(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    samples = decode.mono(Path(args["path"]), args["filename"])
    return beats.track_beats(samples, decode.ANALYSIS_RATE).to_json()


def _missing_characters(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    return {"missing": fonts.missing_characters(args["text"])}


def _poster(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    poster.save(Path(args["path"]), Path(args["out"]), at_s=args["at_s"], width=args["width"])
    return {}


OPERATIONS: Final[Mapping[str, Operation]] = {
    "probe": _probe,
    "beats": _beats,
    "poster": _poster,
    "missing_characters": _missing_characters,
    **render.OPERATIONS,
}
