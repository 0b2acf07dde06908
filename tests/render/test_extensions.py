"""Looks, visualizers and moods of another installed package: edits, reader, lists and renderer know them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import nemo_notebook

PLACES = (Path(nemo_notebook.__file__).parents[1], Path(__file__).parents[1] / "support" / "vaporwave")
CODE = """
import json, warnings
import numpy as np
from nemo_notebook import music
from nemo_notebook.agent.turn import respond
from nemo_notebook.film.edit import fields_of, EDITS, apply_edits, parse
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.wording import tell
from nemo_notebook.render import visualizers
from nemo_notebook.render.cache import drawn_with
from nemo_notebook.render.layers import Look
from nemo_notebook.render.grading import apply, grade_of
from nemo_notebook.render.planes import Planes
from nemo_notebook.render.spectrum import measure_spectrum

media = (MediaItem("a", "beach.mp4", "video", 8_000, 1920, 1080),)
film = apply_edits({}, [parse({"edit": "add_shot", "media": "a"})], Situation({}, media)).draft
said = {}
for message in ("make it vaporwave", "add a retro grid visualizer", "add vaporwave music", "what looks are there?"):
    outcome = respond(message, Situation(film, media))
    said[message] = [outcome.reply, [str(edit) for edit in outcome.made]]
grey = Planes.from_rgb(np.full((32, 32, 3), 90, np.uint8))
looked, drawn = grey.copy(), grey.copy()
apply(grade_of(Look("vaporwave")), grey, looked)
sound = np.sin(np.arange(48_000) / 20)[:, None].repeat(2, 1).astype(np.float32)
spectrum = measure_spectrum(sound, 48_000, 30)
visualizers.draw(drawn, "retro-grid", "aurora", spectrum, 10, False)
sounded = music.synthesize(music.make_recipe("vaporwave", 4_000, 1))
print(json.dumps({
    "said": said,
    "is_looked": bool((looked.u != grey.u).any()),
    "is_drawn": bool((drawn.y != grey.y).any()),
    "is_heard": float(abs(sounded).max()) > 0.1,
    "drawn_with": drawn_with()[-1],
    "takes": {name: words for name, words, _ in fields_of(EDITS["set_look"])}["filter"],
}))
"""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, PLACES))}
    done = subprocess.run([sys.executable, "-c", CODE], env=env, capture_output=True, text=True, check=True)
    return {**json.loads(done.stdout), "warnings": done.stderr}


def test_words__name_what_other_packages_add(found: dict[str, Any]) -> None:
    made = {message: edits for message, (_, edits) in found["said"].items()}
    assert "filter='vaporwave'" in str(made["make it vaporwave"])
    assert "style='retro-grid'" in str(made["add a retro grid visualizer"])
    assert "mood='vaporwave'" in str(made["add vaporwave music"])
    assert "vaporwave" in found["said"]["make it vaporwave"][0]
    assert "Vaporwave" in found["said"]["add vaporwave music"][0]


def test_looks_visualizers_and_moods__are_drawn_and_heard(found: dict[str, Any]) -> None:
    assert (found["is_looked"], found["is_drawn"], found["is_heard"]) == (True, True, True)
    assert found["drawn_with"] == "vaporwave 1.0"  # another version draws anew


def test_broken_extension__is_named_in_a_warning_and_left_out(found: dict[str, Any]) -> None:
    assert "broken (vaporwave_that_is_gone:LOOK), one of the looks of another package, is left out" in found["warnings"]
    assert "vaporwave" in found["takes"]
    assert "broken" not in found["takes"]
