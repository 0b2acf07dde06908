"""What one of two runs does that must come to the same: two films from the media of a folder, in a home of its own.

Called as a script with the folder, where to put what comes of it, and the formats of each film, which may be in any
order: each is a program's argument such as `song:mp4`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nemo_notebook as nemo

SAID = {
    "song": (
        "make a 3 second music video, cut on the beat, with bars",
        'add a title "灯笼 Urban Dreams" for the first 2 seconds',
        "make it vertical 9:16",
        "undo",
        "crossfades of half a second",
    ),
    "clips": ("a 3 second video of my clips and the photo, 1 second each", "add lo-fi music, volume 30%"),
}
FILES = {"song": ("song.mp3", "one.mp4", "two.flv"), "clips": ("one.mp4", "photo.png", "two.flv")}


def film(name: str, media: Path, out: Path, formats: list[str]) -> None:
    with nemo.connect(skill="from-music", backend="local") as session:
        session.upload(*(media / each for each in FILES[name]))
        for words in SAID[name]:
            session.chat(words)
        frame = session.timeline().frame
        frame.loc[frame.kind == "audio", "volume"] = 0.5
        session.apply(frame)
        line = session.timeline()
        (out / f"{name}.draft.json").write_text(json.dumps(line.draft, ensure_ascii=False), encoding="utf-8")
        (out / f"{name}.table.txt").write_text(f"{line!r}\n{line.frame.to_csv()}", encoding="utf-8")
        (out / f"{name}.plot.html").write_text(line.plot().html, encoding="utf-8")
        (out / f"{name}.made.json").write_text(json.dumps(line.provenance.to_json()), encoding="utf-8")
        for ending in formats:
            session.export(out / f"{name}.{ending}", quality="low", resolution="480p")


def main(media: Path, out: Path, wanted: list[str]) -> None:
    for name in SAID:
        film(name, media, out, [ending for which, ending in (each.split(":") for each in wanted) if which == name])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
