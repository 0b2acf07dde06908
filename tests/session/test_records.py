from __future__ import annotations

import time
from dataclasses import replace

import pandas as pd

from nemo_notebook.session.records import Costs, Job, Jobs, SessionRecord, Sessions, Turn


def job(number: int, session: str = "71", state: str = "done", title: str = "add a title", now: str = "") -> Job:
    return Job(f"turn_{number}", "turn", session, title, state, time.time(), now=now)


def test_jobs__show_as_an_aligned_table_and_as_escaped_html() -> None:
    jobs = Jobs([job(1, title="加一个标题"), job(2, "72", "open", "<b>bold</b>", "rendering 4 %")])
    head, first, second = jobs.words.splitlines()
    assert head.split() == ["job", "what", "state", "begun", "session"]
    assert first.index("done") + 5 == head.index("state")  # five characters that are two columns wide
    assert second.index("rendering 4 %") == head.index("state")
    shown = jobs._repr_mimebundle_()["text/html"]
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
    assert isinstance(jobs.frame, pd.DataFrame)
    assert list(jobs.frame.columns) == ["job", "what", "state", "begun", "session"]
    assert str(jobs) == jobs.words


def test_columns__that_say_nothing_are_left_out() -> None:
    assert "session" not in Jobs([job(1), job(2)]).words
    sessions = Sessions([SessionRecord("71", "local", "from-music"), SessionRecord("72", "local", "music-maker")])
    assert sessions.words.split()[:2] == ["session", "used"]  # no name, no last words
    assert Jobs().words == "Nothing was begun yet."


def test_jobs__say_which_session_they_are_of() -> None:
    mine, other = replace(job(1), session="song 2026-11-22 17:48"), replace(job(2, "72"), session="Evening")
    assert Jobs([mine, mine]).words.startswith("Session: song 2026-11-22 17:48\n")
    both = Jobs([mine, other])
    assert "Session:" not in both.words
    assert list(both.frame["session"]) == ["song 2026-11-22 17:48", "Evening"]


def test_rows__fit_a_terminal() -> None:
    service = ("https://a-service.example", "video-music-generator", "auto")
    said = "make a music video " * 9
    wide = Sessions(SessionRecord(str(10**18 + n), *service, f"Project {n}" * 4, last_words=said) for n in range(3))
    assert max(map(len, wide.words.splitlines())) <= 110
    assert len(wide.frame.columns) == 7


def test_costs__say_that_the_local_engine_is_free() -> None:
    costs = Costs([Turn("turn_1", "add a title", "", "done", time.time())])
    costs.free = True
    assert costs.words.startswith("The local engine is free")
    assert "before" not in costs.words
    assert "free" in costs._repr_mimebundle_()["text/html"]
    paid = Costs([Turn("turn_1", "add a title", "", "done", time.time(), credits_before=100, credits_after=50)])
    assert "50" in paid.words
    assert paid[0].cost == 50


def test_job__says_what_it_is_and_how_to_come_back() -> None:
    render = Job("render_1", "render", "71", "film.mp4", "open", 0.0)
    assert render.words == "Rendering film.mp4. `%nemo resume render_1` saves the film when it is there."
    assert Job("render_1", "render", "71", "film.mp4", "cancelled", 0.0).words == "film.mp4: cancelled (render_1)"
