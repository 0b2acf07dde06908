"""What is said of the package in several places agrees."""

from __future__ import annotations

import re
from pathlib import Path

import nemo_notebook

ROOT = Path(__file__).parent.parent
FILES = [
    path for path in ROOT.rglob("*") if path.is_file() and not {".git", ".venv"} & set(path.relative_to(ROOT).parts)
]
TEXTS = [path for path in FILES if path.suffix in {".md", ".toml", ".txt", ".ipynb", ".py", ".yml", ".json"}]


def test_changelog__knows_the_version() -> None:
    assert f"## {nemo_notebook.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_file__names_a_registry_or_a_token() -> None:
    hosts = re.compile(r"https?://[^\s\"']*(" + "|".join(("py" + "pi\\.", "pythonho" + "sted", "npm" + "js")) + ")")
    token = re.compile(r"nmv_usr_[A-Za-z0-9_-]{20,}")
    for path in TEXTS:
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not hosts.search(text), path
        assert not token.search(text), path


def test_media__are_small_together() -> None:
    media = [path for path in (ROOT / "notebooks" / "media").iterdir() if path.suffix in {".mp3", ".mp4"}]
    assert len(media) == 6
    assert sum(path.stat().st_size for path in media) < 5_000_000
