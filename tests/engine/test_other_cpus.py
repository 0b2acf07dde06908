"""Music and pictures are the same, to the bit, on CPUs with fewer SIMD units than this one."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import on_other_cpu
import pytest

import nemo_notebook

FOUND = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])  # what of this CPU NumPy makes use of
WIDEST = ("AVX512", "X86_V4")
KINDS = {"an older one": [name for name in FOUND if name.startswith(WIDEST)], "a very old one": FOUND}
OLD_BLAS = {"OPENBLAS_CORETYPE": "Nehalem"} if platform.machine().lower() in {"x86_64", "amd64"} else {}


def hashes(without: list[str], **env: str) -> dict[str, str]:
    path = os.pathsep.join([str(Path(nemo_notebook.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    whole = {**os.environ, "PYTHONPATH": path, "NPY_DISABLE_CPU_FEATURES": " ".join(without), **env}
    told = subprocess.check_output([sys.executable, on_other_cpu.__file__], text=True, env=whole)
    return dict(json.loads(told))


@pytest.fixture(scope="module")
def here() -> dict[str, str]:
    return hashes([])


@pytest.mark.parametrize("kind", KINDS)
def test_other_kind_of_cpu__gives_the_same(here: dict[str, str], kind: str) -> None:
    without = KINDS[kind]
    if not without:
        pytest.skip("this CPU is no newer")
    there = hashes(without, **(OLD_BLAS if without == FOUND else {}))
    assert there.keys() == here.keys()
    assert [name for name in here if there[name] != here[name]] == []
