from __future__ import annotations

from pathlib import Path

import pytest
from batch_stand import write_files

import nemo_notebook as nemo
from nemo_notebook import errors
from nemo_notebook.batches.missing import missing


def test_missing__names_all_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path, "a.mp3", "logo.png")
    assert missing(["a.mp3", "*.mp3", "later.mp3", "https://x.test/a.mp3", 7], ["logo.png"]) == []
    assert missing(["a/*.mp3", "a.mp3", "b/*.mp3"], ["one.png", "logo.png", "two.png", "c/*.png"]) == [
        "Nothing matches a/*.mp3, b/*.mp3, c/*.png.",
        "There are no files one.png, two.png.",
    ]
    assert missing([f"{n}/*.mp3" for n in range(10)])[0].endswith("6/*.mp3, 7/*.mp3 and 2 more.")


def test_batch__refuses_them_before_anything_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path, "a.mp3")
    with pytest.raises(errors.FileMissing) as told:
        nemo.batch(["a.mp3", "b/*.mp3"], prompt="a film", out="films", with_=["x.png", "y.png"], backend="local")
    assert told.value.message == "Nothing matches b/*.mp3. There are no files x.png, y.png."
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp3"]
