"""The task runner: `python -m tests TASK …`; the same commands run in CI.

format   rewrite the code in the house's format
lint     format, lint and types, checked
unit     the test suite
light    the suite of the core alone, without any extra, in an environment of its own
kernels  what must hold in every kernel, with old and new versions of ipykernel
panels   the studio in the browser, with the versions that Binder has
readme   the README's demo in a clean clone, twice in a row
binder   what Binder would build, every notebook in it, offline on one core, and the same films elsewhere
outputs  run the notebooks and save them with what they show
reference  write notebooks/reference.ipynb anew, from the table of commands
tape     record notebooks/cloud-session.nemotape anew, and the notebook that plays it
train    the reader's weights, from tests/sentences; it needs the extra `train`
bench    the benchmarks, as tables; they need the extra `bench`
people   how well the chat understands what people type, as tables; see tests/people/README.md
recorded what comes of the messages of the past today, and those whose film is another one
house    the size of the house, room by room, against its budget
entered  how many files of the package a message enters, in the kernel and in the engine
checks   lint, house, entered, light, kernels, panels, binder, readme: what CI runs beside the suite
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
NEEDS_EXTRAS = (
    "batches",
    "browser",
    "client/test_fault_proxy.py",
    "engine",
    "media",
    "music",
    "notebook",
    "render",
    "session/test_conversion.py",
    "session/test_history.py",
    "session/test_export_formats.py",
    "session/test_faults.py",
    "session/test_model.py",
    "session/test_taping_engine.py",
    "test_files.py",
    "test_notebooks.py",
    "testing/test_plugin.py",
)

BINDER = ("jupyterlab==4.4.9", "notebook==7.4.*")  # what its base images bring
PYTEST = ("hypothesis", "jsonschema", "pytest", "pytest-timeout", "pytest-xdist")
BROWSER = ("axe-playwright-python", "nbclient", "playwright")
KERNELS = ("==6.31.0", "==7.0.1", ">=7.1")  # before asyncio contexts; the first with subshells; the newest
IN_EVERY_KERNEL = ("tests/notebook/test_cells.py", "tests/notebook/test_panel.py")


def run(*command: str, cwd: Path = ROOT, **env: str) -> None:
    """Run a command; stop everything if it fails."""
    print(f"+ {' '.join(command)}", flush=True)
    begun_s = time.monotonic()
    status = subprocess.run(command, cwd=cwd, env={**os.environ, **env}, check=False).returncode
    print(f"  ({time.monotonic() - begun_s:.0f} s)", flush=True)
    if status:
        sys.exit(status)


def format_code() -> None:
    run(PYTHON, "-m", "ruff", "format", ".")
    run(PYTHON, "-m", "ruff", "check", "--fix", ".")


def lint() -> None:
    run(PYTHON, "-m", "ruff", "format", "--check", ".")
    run(PYTHON, "-m", "ruff", "check", ".")
    run(PYTHON, "-m", "mypy")


def unit() -> None:
    run(PYTHON, "-m", "pytest")


def light() -> None:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / ("Scripts" if os.name == "nt" else "bin") / "python")
        run(python, "-m", "pip", "install", "-q", str(ROOT), *PYTEST)
        ignored = [f"--ignore={ROOT / 'tests' / name}" for name in NEEDS_EXTRAS]
        run(python, "-m", "pytest", "-q", str(ROOT / "tests"), *ignored, cwd=Path(folder))


def kernels() -> None:
    for version in KERNELS:
        with (
            tempfile.TemporaryDirectory() as folder
        ):  # ipykernel is pure Python: its own files first, the rest as it is
            run(PYTHON, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, f"ipykernel{version}")
            run(PYTHON, "-m", "pytest", "-q", *IN_EVERY_KERNEL, NEMO_TEST_IPYKERNEL=folder)


def panels() -> None:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / ("Scripts" if os.name == "nt" else "bin") / "python")
        run(
            python,
            "-m",
            "pip",
            "install",
            "-q",
            "-r",
            str(ROOT / "binder" / "requirements.txt"),
            *BINDER,
            *PYTEST,
            *BROWSER,
        )
        run(python, "-m", "pip", "install", "-q", "--no-deps", str(ROOT))
        run(python, "-m", "pytest", "-q", str(ROOT / "tests" / "browser" / "test_studio.py"), cwd=Path(folder))


def readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    demo, test = re.findall(r"^python3 -m venv .*$", text, re.MULTILINE)
    assert test.endswith("-m pytest"), "CI runs the second command first of all"
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        run("git", "clone", "-q", str(ROOT), str(clone))
        for _ in range(2):
            run("bash", "-euo", "pipefail", "-c", demo, cwd=clone, NEMO_HOME=str(Path(folder) / "home"))
        films = [*clone.glob("nemo-demo/*.mp4")]
        assert len(films) == 2, films
        for film in films:
            check_film(film)


def check_film(path: Path) -> None:
    """Whether a film is what the README promises: 1080p in H.264 and AAC, with its index in front."""
    import av

    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    with av.open(path) as film:
        video, sound = film.streams.video[0], film.streams.audio[0]
        found = (video.codec.name, video.width, video.height, video.average_rate, sound.codec.name)
    assert found == ("h264", 1920, 1080, 30, "aac"), found


def run_script(name: str) -> None:
    """Run a script of the tests, which finds the films of `tests/people`."""
    run(PYTHON, str(ROOT / "tests" / name), PYTHONPATH=os.pathsep.join(map(str, (ROOT, ROOT / "tests" / "people"))))


def bench() -> None:
    for script in sorted((ROOT / "tests" / "bench").glob("bench_*.py")):
        run(PYTHON, str(script))


TASKS: dict[str, Callable[[], None]] = {
    "format": format_code,
    "lint": lint,
    "unit": unit,
    "light": light,
    "kernels": kernels,
    "panels": panels,
    "readme": readme,
    "bench": bench,
}
SCRIPTS = {
    "binder": ("support/binder_visit.py",),
    "outputs": ("support/saved_outputs.py",),
    "reference": ("support/reference_page.py",),
    "tape": ("support/cloud_tape.py",),
    "train": ("sentences/likeness.py", "sentences/texts.py"),
    "people": ("people",),
    "recorded": ("support/recorded.py",),
    "house": ("support/house.py",),
    "entered": ("support/entered_files.py",),
}
CHECKS = ("lint", "house", "entered", "light", "kernels", "panels", "binder", "readme")


def main(names: Sequence[str]) -> None:
    names = [each for name in names for each in (CHECKS if name == "checks" else (name,))]
    if not names or any(name not in TASKS and name not in SCRIPTS for name in names):
        print(__doc__)
        sys.exit(2)
    for name in names:
        if name in TASKS:
            TASKS[name]()
        for script in SCRIPTS.get(name, ()):
            run_script(script)


if __name__ == "__main__":
    main(sys.argv[1:])
