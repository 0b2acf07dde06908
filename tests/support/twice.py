"""The skills' notebooks in two environments that know nothing of each other: `python -m tests twice`.

The tables, the drafts and the films have to be the same, to the byte, on one core as on several.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from environments import ROOT, fresh, visits
from notebook_facts import NOTEBOOKS, SKILLS

PACKAGES = (f"{ROOT}[local]", "ipykernel!=7.0.*,!=7.1.*,!=7.2.*,!=7.3.*", "nbclient")
RUNS = (
    (("--cpu", "0"), {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai"}),
    ((), {"PYTHONHASHSEED": "2", "TZ": "America/Lima"}),
)


def run_once(folder: Path, options: tuple[str, ...], env: dict[str, str]) -> list[dict[str, Any]]:
    """Run the notebooks in a folder where nothing else is, with an environment and a home of their own."""
    programs = fresh(folder / "environment", *PACKAGES)
    (folder / "notebooks").mkdir()
    for name in SKILLS:
        shutil.copy(NOTEBOOKS / f"{name}.ipynb", folder / "notebooks")
    return visits(programs, folder / "notebooks", *options, "--only", *SKILLS, env=env)


def differences(one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    """What is not the same in two runs of a notebook, in words."""
    for what in ("table", "draft"):
        if one[what] != other[what]:
            yield f"the {what} as it is left"
    for name in sorted(one["files"].keys() | other["files"].keys()):
        if one["files"].get(name) != other["files"].get(name):
            yield f"the file {name}"
    for number, (cell, again) in enumerate(zip(one["outputs"], other["outputs"], strict=True), 1):
        if cell != again:
            kinds = sorted(
                {kind for a, b in zip(cell, again, strict=False) for kind in a if a.get(kind) != b.get(kind)}
            )
            yield f"what cell {number} shows ({', '.join(kinds) or 'more or less'})"


def main() -> int:
    """Run all of them twice; gives 1 where anything differs."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        one, other = (run_once(Path(scratch) / str(number), options, env) for number, (options, env) in enumerate(RUNS))
    assert [visit["name"] for visit in one] == [visit["name"] for visit in other] == list(SKILLS)
    found = {a["name"]: list(differences(a, b)) for a, b in zip(one, other, strict=True)}
    for visit in one:
        assert json.loads(visit["draft"])["t"]
        same = f"the same in both runs: {len(visit['outputs'])} cells, the draft, {len(visit['files'])} files"
        print(f"{visit['name']}: {'; '.join(found[visit['name']]) or same}")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
