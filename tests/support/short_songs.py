"""Short songs for batches, each another one, and three that are none."""

from __future__ import annotations

from pathlib import Path

from media_files import drums, write_sound

PROMPT = "make a music video with a visualizer"
SMALL = {"quality": "preview", "resolution": "480p"}


def write_songs(folder: Path, count: int, length_s: float = 2.0) -> list[Path]:
    """So many songs, `song00.m4a` and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"song{number:02d}.m4a" for number in range(count)]
    for number, path in enumerate(paths):
        write_sound(path, drums(84 + 2 * number, length_s, rate=22050)[0], 22050, codec="aac")
    return paths


def spoil(paths: list[Path]) -> list[Path]:
    """Make three of them unfit: one cut off, one empty, one of them a text with the name of a song."""
    cut, empty, text = paths
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    empty.write_bytes(b"")
    text.unlink()
    said = text.with_suffix(".mp3")
    said.write_text("This is no song at all.\n" * 40, encoding="utf-8")
    return [cut, empty, said]
