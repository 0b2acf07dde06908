"""From an edit to what can be watched: a preview against a full export of the same film, through the real engine.

    python tests/bench/bench_preview.py [--seconds 180]

Each film is asked for in words. Timed are the first preview and the first export (1080p, quality high), then those
after two edits: another title, and another length of one shot. The limit is a second for a preview after an edit on an
idle machine; the ratios say what a preview saves on any.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench_films import CLIPS, FILMS
from large_media import make_clip, write_song
from options import read_options

import nemo_notebook as nemo

LIMIT_S = 1.0
ROUNDS = 3


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def retitled(session: nemo.Session, words: str) -> None:
    """Another title; the first one where there is none."""
    frame = session.timeline().frame
    if (frame.kind == "text").any():
        frame.loc[frame.kind == "text", "text"] = words
        session.apply(frame)
    else:
        session.chat(f'add a title "{words}" for the first 3 seconds')


def recut(session: nemo.Session, share: float) -> None:
    """The cut between two shots in the middle of the film, put elsewhere; without cuts the end of the title."""
    frame = session.timeline().frame
    shots = frame[(frame.kind == "video") & (frame.track == 1)]
    if len(shots) < 4:
        rows = frame.kind == "text"
        frame.loc[rows, ["end_s", "duration_s"]] -= share
    else:
        one, next_one = shots.index[len(shots) // 2 - 1], shots.index[len(shots) // 2]
        by_s = round(30 * share * frame.loc[one, "duration_s"]) / 30
        frame.loc[one, ["end_s", "duration_s"]] -= by_s
        frame.loc[next_one, "start_s"] -= by_s
        frame.loc[next_one, "duration_s"] += by_s
    session.apply(frame)


def both(session: nemo.Session, folder: Path) -> tuple[float, float]:
    """Seconds until the timeline can be watched: as a preview, and as a film."""
    shown = timed(session.preview)
    return shown, timed(lambda: session.export(folder / f"{time.monotonic_ns()}.mp4", quality="high"))


def one_film(name: str, folder: Path) -> list[tuple[str, float, float]]:
    patterns, prompt, _ = FILMS[name]
    with nemo.connect(backend="local", name=name) as session:
        session.upload(*(str(folder / pattern) for pattern in patterns))
        session.chat(prompt)
        found = [("first", *both(session, folder))]
        retitled(session, "Paper")
        session.preview()
        for what, edit in (
            ("title text", lambda number: retitled(session, f"Lanterns {number}")),
            ("one cut", lambda number: recut(session, 0.1 + 0.05 * number)),
        ):
            times = []
            for number in range(ROUNDS):
                edit(number)
                times.append(both(session, folder))
            found.append((what, *(sorted(column)[ROUNDS // 2] for column in zip(*times, strict=True))))
    return found


def main() -> None:
    options = read_options(__doc__, seconds=180)
    over = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["NEMO_HOME"] = str(folder / "home")
        for number in range(CLIPS):
            make_clip(folder / f"clip{number + 1}.mp4", number)
        write_song(folder / "song.mp3", options.seconds)
        print(f"{options.seconds} s of 1080p, {os.cpu_count()} cores; after an edit the median of {ROUNDS}")
        print(f"{'film':<20}{'edit':<12}{'preview s':>11}{'export s':>11}{'ratio':>8}")
        for film in FILMS:
            for what, shown, exported in one_film(film, folder):
                print(f"{film:<20}{what:<12}{shown:>11.2f}{exported:>11.2f}{shown / exported:>8.2f}", flush=True)
                over += [f"{film}, {what}"] if what != "first" and shown > LIMIT_S else []
    print(f"Over {LIMIT_S:g} s: {'; '.join(over)}" if over else "Every preview after an edit is within the limit.")


if __name__ == "__main__":
    main()
