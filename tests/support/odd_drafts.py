"""Drafts of any form, as other services may have them: the keys, and a generator for property tests."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

START, LENGTH, END = ("s", "start", "st", "in"), ("d", "duration"), ("end", "out")
VOLUME, TEXT = ("v", "vol", "volume"), ("text", "txt", "content")
NAME = ("name", "title", "label", "n")
SOURCE = ("source", "src", "filename", "file", "cdn_url", "url")

CLOUD: dict[str, Any] = {
    "m": {"title": "Trip", "width": 1080, "height": 1920},
    "duration": 10_003,
    "tracks": [
        {
            "type": 0,
            "segments": [
                {"st": 0, "end": 4003, "cdn_url": "https://cdn.test/a.mp4?sig=s3cret", "fx": {"lut": [1]}},
                {"st": 4003, "end": 10_003, "cdn_url": "https://cdn.test/b.mp4", "fx": {"lut": [2]}},
            ],
        },
        {"type": 1, "zz": None, "segments": [{"duration": 10_003, "m": {"label": "BGM: Lo-fi", "vol": 0.35}}]},
        {"type": 7, "segments": [{"uid": 7, "st": 1000, "d": 3000.0, "txt": "Urban Dreams", "font": "Inter"}]},
    ],
}


def any_json(*keys: str) -> st.SearchStrategy[Any]:
    """JSON of any form; where keys are given, its objects have some of these."""
    name = st.sampled_from(keys) if keys else st.text()
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(name, inner, max_size=4),
        max_leaves=20,
    )


JUNK = [None, "", 0, False, True, "x", [], {"a": 1}, math.nan, math.inf, 10**40, -1e15, 7]
TEXTS = [
    "Urban Dreams",
    "海",
    "two\nlines",
    "",
    "a\x1b[31mb",
    "clip.mp4",
    "sea.mp4",
    "\ud800",
    "https://x.test/a.mp4?sig=abc",
]
UNKNOWN = [{}, {"zoom": 1.5}, {"fx": [{"k": "glow", "p": [1, 2.50, None]}], "q": ""}, {"in_ms": 500, "x": {"y": {}}}]


class Drafts(random.Random):
    """Makes drafts of any form; the same one of the same seed."""

    def time(self) -> float:
        return self.choice([self.randrange(90_000), round(self.uniform(0, 90_000), 3), -3])

    def volume(self) -> float | None:
        return self.choice([0, 1, 0.0, 0.35, 1.0, 2.5, None])

    def text(self) -> str:
        return self.choice([*TEXTS, "".join(chr(self.choice([9, 32, 97, 233, 8238, 0x1F600])) for _ in range(4))])

    def said(self, keys: tuple[str, ...], value: Callable[[], Any]) -> dict[str, Any]:
        """Nothing, the best key, or some of them, which may hold anything."""
        some = self.sample(keys, min(len(keys), 2))
        odd = {key: self.choice([value(), value(), self.choice(JUNK)]) for key in some}
        return self.choice([{keys[0]: value()}, {keys[0]: value()}, {}, odd])

    def segment(self) -> dict[str, Any]:
        raw = self.said(START, self.time) | self.said(LENGTH, self.time) | self.said(VOLUME, self.volume)
        raw |= self.choice(UNKNOWN) | self.choice([{}, {}, {}, self.said(END, self.time)])
        meta = dict(self.choice(UNKNOWN))
        for keys in (NAME, TEXT, SOURCE):
            layer = self.choice([raw, meta])
            layer |= self.said(keys, self.text)
        raw |= self.choice([{}, {"id": self.choice(["a", "b", "a~2", "1.1", "c", 5, "", None])}])
        meta |= self.said(("volume", "vol"), self.volume)
        raw |= self.choice([{}, {"m": meta}, {"m": meta}, {"m": self.choice(JUNK)}])
        return dict(self.sample(list(raw.items()), len(raw)))

    def track(self) -> dict[str, Any]:
        inside = [self.choice([self.segment(), self.segment(), self.choice(JUNK)]) for _ in range(self.randrange(6))]
        kind = {self.choice(["tt", "type"]): self.choice([0, 0, 1, 7, 7, 3, "x", None])}
        return {**self.choice(UNKNOWN), **kind, self.choice(["sg", "sg", "segments"]): inside}

    def draft(self) -> dict[str, Any]:
        tracks = [self.choice([*4 * [self.track()], self.choice(JUNK)]) for _ in range(self.randrange(5))]
        head = self.choice(UNKNOWN) | self.said(LENGTH, self.time)
        return {**head, self.choice(["t", "t", "tracks"]): tracks, "m": self.choice(UNKNOWN)}


def drafts() -> st.SearchStrategy[dict[str, Any]]:
    """Drawn from seeds: a hundred times as fast as from strategies for each part."""
    return st.integers(0, 2**32 - 1).map(lambda seed: copy.deepcopy(Drafts(seed).draft()))
