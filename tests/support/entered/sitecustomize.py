"""Note which files of the package are entered while the file `NEMO_ENTERED`/now is there; see `entered_files`."""

import os
import sys
import threading
from pathlib import Path

FOLDER = Path(os.environ["NEMO_ENTERED"])
SWITCH = str(FOLDER / "now")
entered = set()


def note(frame, event, _):
    code = frame.f_code
    is_ours = event == "call" and code.co_name != "<module>" and "nemo_notebook" in code.co_filename
    if is_ours and code.co_filename not in entered and os.path.exists(SWITCH):  # noqa: PTH110 - it has to be fast
        entered.add(code.co_filename)
        with (FOLDER / f"{os.getpid()}.txt").open("a", encoding="utf-8") as file:
            print(code.co_filename, file=file)


threading.setprofile(note)
sys.setprofile(note)
