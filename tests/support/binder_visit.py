"""A guest's visit to Binder, on this machine, and a second one elsewhere: `python -m tests binder`.

The environment is made from `binder/` alone, upon what the base image brings; then every notebook is run as a guest
would run it: on one core, one after another, without a network. Then the skills' notebooks are run once more in another
new environment, on all cores: the tables, the drafts and the films have to be the same, to the byte.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from environments import ROOT, fresh, python_of, run, size_mb, visits
from notebook_facts import NOTEBOOKS, SKILLS, Page, pages, words

BASE = ("ipykernel==7.0.1", "ipython==9.6.0", "ipywidgets==8.1.7", "jupyterlab==4.4.9", "notebook==7.4.7")
ELSEWHERE = (f"{ROOT}[local]", "ipykernel", "nbclient", "-c", str(ROOT / "binder" / "requirements.txt"))
GUEST = {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai"}
STRANGER = {"PYTHONHASHSEED": "2", "TZ": "America/Lima"}
MOST_ADDED_MB = 320
LONGEST_WAIT_S = 40  # from the start of the kernel to the first film, with one busy core
LARGEST_FIRST_FILM_BYTES = 3_000_000  # of 24 s: at 1 Mbit/s, it plays while it comes


def accepted(clone: Path, scratch: Path) -> None:
    """What builds Binder's images takes the repository, and builds it as it was meant."""
    programs = fresh(scratch / "repo2docker", "jupyter-repo2docker")
    dockerfile = run(str(programs / "jupyter-repo2docker"), "--no-build", "--debug", str(clone), cwd=scratch)
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in dockerfile
    assert "RUN ./binder/postBuild" in dockerfile
    version = (clone / "binder" / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert f"environment-2epy-2d{version.replace('.', '-2e')}" in dockerfile


def changed(visit: dict[str, Any], saved: Page) -> list[int]:
    """The cells of a notebook whose words and tables are not those that it was saved with; sizes of files aside."""
    cells = zip(visit["outputs"], saved.code, strict=True)
    return [number for number, (seen, cell) in enumerate(cells, 1) if words(seen) != words(cell["outputs"])]


def elsewhere(folder: Path) -> list[dict[str, Any]]:
    """Run the skills' notebooks in a folder where nothing else is, with an environment and a home of their own."""
    programs = fresh(folder / "environment", *ELSEWHERE)
    (folder / "notebooks").mkdir()
    for name in SKILLS:
        shutil.copy(NOTEBOOKS / f"{name}.ipynb", folder / "notebooks")
    return visits(programs, folder / "notebooks", "--only", *SKILLS, env=STRANGER)


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


def main() -> None:
    """Build it, visit it, and hold what was promised."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        scratch, clone = Path(folder), Path(folder) / "clone"
        run("git", "clone", "-q", str(ROOT), str(clone))
        accepted(clone, scratch)

        version = (clone / "binder" / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
        environment = scratch / "environment"
        programs = fresh(environment, *BASE, python=python_of(version))
        base_mb = size_mb(environment)
        run(str(programs / "python"), "-m", "pip", "install", "-q", "-r", "binder/requirements.txt", cwd=clone)
        added_mb = size_mb(environment) - base_mb
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        run("bash", "binder/postBuild", cwd=clone, PATH=path)
        run(str(programs / "python"), "-m", "pip", "check")
        assert (environment / "etc" / "ipython" / "ipython_config.py").is_file()
        assert (environment / "etc" / "jupyter" / "jupyter_server_config.d" / "nbgitpuller.json").is_file()
        # The link opens the quickstart, so its film is made first, of nothing that is there already; then once more.
        saved = {page.name: page for page in pages()}
        names = ["quickstart", *sorted(saved.keys() - {"quickstart"}), "quickstart"]
        seen = visits(programs, clone / "notebooks", "--cpu", "0", "--only", *names, env=GUEST)
        again = elsewhere(scratch / "elsewhere")

    assert [visit["name"] for visit in seen] == names
    for visit in seen:
        films = f"the first film after {visit['film_s']:.0f} s" if visit["film_s"] else "no film"
        print(f"{visit['name']}: {visit['all_s']:.0f} s in all, {films}, {visit['film_bytes'] / 1e6:.1f} MB")
        if visit["name"] in SKILLS:
            other = changed(visit, saved[visit["name"]])
            assert not other, f"{visit['name']} shows something else in cells {other}"
    by_name = {visit["name"]: visit for visit in seen}
    for visit in again:
        assert json.loads(visit["draft"])["t"]
        found = list(differences(by_name[visit["name"]], visit))
        print(f"{visit['name']}, elsewhere: {'; '.join(found) or 'the same'}")
        assert not found
    first = seen[0]
    print(f"{added_mb:.0f} MB upon the base of {base_mb:.0f} MB")
    assert added_mb <= MOST_ADDED_MB
    assert first["film_s"] <= LONGEST_WAIT_S
    assert first["film_bytes"] <= LARGEST_FIRST_FILM_BYTES


if __name__ == "__main__":
    sys.exit(main())
