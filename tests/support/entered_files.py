"""How many files of the package a message enters, in the kernel and in the engine: `python -m tests entered`.

More than 25 in either of them are an error.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import nemo_notebook

ROOT = Path(nemo_notebook.__file__).parent
MESSAGE = 'add a title "Hi"'
LIMIT = 25
CODE = f"""
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell
from nemo_notebook import examples

shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "nemo_notebook")
shell.run_line_magic("nemo", "connect --backend local")
for path in examples.media():
    shell.run_line_magic("nemo", f'upload "{{path}}"')
shell.run_line_magic("nemo", "chat make a music video")
shell.run_line_magic("nemo", "status")
switch = Path({{switch!r}})
switch.touch()
shell.run_line_magic("nemo", {MESSAGE!r})
switch.unlink()
"""


def entered() -> dict[str, list[str]]:
    """The files that are entered, by process: `kernel` and `engine`."""
    with tempfile.TemporaryDirectory() as folder:
        paths = os.pathsep.join([str(Path(__file__).parent / "entered"), str(ROOT.parent)])
        env = {**os.environ, "NEMO_ENTERED": folder, "NEMO_HOME": f"{folder}/home", "PYTHONPATH": paths}
        code = CODE.replace("{switch!r}", repr(f"{folder}/now"))
        with subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.DEVNULL) as kernel:
            if kernel.wait():
                raise SystemExit("The message failed.")
        found = defaultdict(set)
        for path in Path(folder).glob("*.txt"):
            for line in path.read_text(encoding="utf-8").splitlines():
                found["kernel" if path.stem == str(kernel.pid) else "engine"].add(str(Path(line).relative_to(ROOT)))
    return {process: sorted(files) for process, files in sorted(found.items())}


if __name__ == "__main__":
    counted = entered()
    for process, files in counted.items():
        print(f"{process}: {len(files)} files\n  {' '.join(files)}")
    sys.exit(int(any(len(files) > LIMIT for files in counted.values())))
