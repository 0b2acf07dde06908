from __future__ import annotations

from nemo_notebook.client import api
from nemo_notebook.client.api import Endpoint


def test_ids__stay_one_step_of_the_path() -> None:
    assert api.STATE.at(session="123").path == "/api/state/nemo_agent/me/123/latest"
    for hostile in ("../../x", "..", "a/b", "a?b#c", "é"):
        path = api.STATUS.at(render=hostile).path
        assert path.count("/") == api.STATUS.path.count("/")
        assert not set(path.rpartition("/")[2]) & set("./?#é")


def test_repeating__is_for_what_does_nothing_twice() -> None:
    table = [value for value in vars(api).values() if isinstance(value, Endpoint)]
    assert {one.name for one in table if not one.repeats} == {
        *("session", "chat", "upload", "submit", "store draft", "go to draft", "edit")
    }
    assert len({one.name for one in table}) == len(table) == 20
