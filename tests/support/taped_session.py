"""Works through a whole session beside `../song.mp3` and `../clip.mp4`, and prints all it gives: MODE TAPE."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import nemo_notebook as nemo
from nemo_notebook.tapes import tape as taping


def work() -> None:
    """All that a session offers, once."""
    taping.label_cell("In [1]")
    session = nemo.connect(backend="local", name="film")
    print(session.id, repr(session))
    print(session.upload("../song.mp3", "../clip.mp4").words)
    taping.label_cell("In [2]")
    reply = session.chat("create a video from this music with beat-synced cuts")
    print(reply.text, reply.events, reply.timeline.frame.to_csv())
    print(session.chat('add a title "Urban Dreams" for the first 3 seconds').text)
    print(session.undo().text)
    frame = session.timeline().frame
    frame.loc[frame.kind == "audio", "volume"] = 0.5
    print(session.apply(frame).text)
    print(session.history().words, session.credits())
    taping.label_cell("In [3]")
    preview = session.preview()
    print(preview.key, preview.codecs, hashlib.sha256(preview.path.read_bytes()).hexdigest())
    film = session.export("film.mp4", quality="low", resolution="720p")
    print(film, film._repr_mimebundle_(), hashlib.sha256(film.path.read_bytes()).hexdigest())
    print(session.media()[0].thumbnail[:64], session.media().words)
    session.close()
    again = nemo.connect(session=session.id)
    print(repr(again), again.turns().words, again.costs().words, again.jobs().words, nemo.sessions().words)
    print([(job.id, job.begun_s, job.ended_s) for job in again.jobs()])
    again.close()


if __name__ == "__main__":
    mode, tape = sys.argv[1], Path(sys.argv[2])
    state = taping.record_tape(tape) if mode == "record" else taping.replay_tape(tape, speed="once")
    work()
    assert not taping.mismatches()
    assert taping.was_played() is (mode == "replay")
    taping.end_tape()
