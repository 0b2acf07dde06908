"""`python -m nemo_notebook.tapes FILE …`: tells of each tape what it holds, or what is wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from nemo_notebook import errors
from nemo_notebook.tapes.file import read_tape
from nemo_notebook.tapes.format import TapeContent


def main(arguments: Sequence[str] | None = None) -> int:
    """Check tapes; gives the exit status: 0 all are good, 1 one is not, 2 none was named."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given or any(name.startswith("-") for name in given):
        print(__doc__)
        return 2
    return max([_check(Path(name)) for name in given])


def _check(path: Path) -> int:
    try:
        tape = read_tape(path)
    except errors.TapeError as error:
        print(f"⚠️ {error.message}\n   → {error.hint}")
        return 1
    print(f"{path.name}: {_words(tape)}.")
    return 0


def _words(tape: TapeContent) -> str:
    header = tape.header
    recorded = datetime.fromtimestamp(header.recorded_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
    cells = len({exchange.cell for exchange in tape.exchanges if exchange.cell})
    kept = [medium.size_bytes for medium in tape.media.values() if medium.data is not None]
    backend = "the local engine" if header.backend == "local" else "the cloud"
    return (
        f"version {header.version}, recorded {recorded} with {header.package} against {backend}; "
        f"cells: {cells}, exchanges: {len(tape.exchanges)}, media: {len(tape.media)} "
        f"({len(kept)} kept, {sum(kept) / 1e6:.1f} MB)"
    )


if __name__ == "__main__":
    sys.exit(main())
