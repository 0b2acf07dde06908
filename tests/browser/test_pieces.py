"""A preview's pieces in a real browser: played from anywhere, with only those that are shown, and without a gap."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from nemo_notebook.render import make_plan, render_film
from nemo_notebook.render.formats import preview_for
from nemo_notebook.render.operations import OPERATIONS
from nemo_notebook.session.previews import Preview, read_preview

SECONDS = 12
PLAYER = """
async (film) => {
  const video = document.querySelector("video"), source = new MediaSource(), found = {shown: []};
  video.src = URL.createObjectURL(source);
  await new Promise((done) => source.addEventListener("sourceopen", done, {once: true}));
  const buffer = source.addSourceBuffer(`video/mp4; codecs="${film.codecs}"`);
  buffer.mode = "segments";
  source.duration = film.duration_s;
  const bytes = new Uint8Array(await (await fetch("film.mp4")).arrayBuffer());
  const append = (offset, size) => new Promise((done, fail) => {
    buffer.addEventListener("updateend", done, {once: true});
    buffer.addEventListener("error", () => fail(new Error("not taken")), {once: true});
    buffer.appendBuffer(bytes.subarray(offset, offset + size));
  });
  const ranges = () => {
    const all = video.buffered;
    return [...Array(all.length).keys()].map((n) => [all.start(n), all.end(n)]);
  };
  const pictures = () => new Promise((done) => video.requestVideoFrameCallback(() => {
    const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
    canvas.width = 64; canvas.height = 36;
    pen.drawImage(video, 0, 0, 64, 36);
    done([...pen.getImageData(0, 0, 64, 36).data].reduce((sum, value, n) => (sum * 31 + value * (n % 7)) % 1000003, 7));
  }));
  await append(0, film.head_bytes);
  for (const time of film.times) {
    const first = film.pieces.findLastIndex((piece) => piece.start_s <= time);
    const picture = pictures();
    video.currentTime = time;
    for (const piece of film.pieces.slice(first, first + 2)) await append(piece.offset, piece.size);
    if (first + 2 >= film.pieces.length) source.endOfStream();
    found.shown.push([await picture, ranges(), video.videoWidth, video.videoHeight]);
  }
  for (const piece of film.pieces) await append(piece.offset, piece.size);
  source.endOfStream();
  found.whole = ranges();
  video.currentTime = film.duration_s - 3;
  await video.play();
  await new Promise((done) => video.addEventListener("ended", done, {once: true}));
  return {...found, error: video.error, corrupted: video.getVideoPlaybackQuality().corruptedVideoFrames};
}
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Preview]:
    """A word each second."""
    folder = tmp_path_factory.mktemp("preview")
    look = {"role": "title", "size": "large", "animate_in": "none", "animate_out": "none"}
    words = [{"s": 1000 * n, "d": 1000, "m": {**look, "text": f"{n} {'#' * n}"}} for n in range(SECONDS)]
    draft = {"d": 1000 * SECONDS, "m": {"width": 320, "height": 180}, "t": [{"tt": 7, "sg": words}]}

    async def run(op: str, args: dict[str, Any], on_progress: Callable[[float], None] | None = None) -> dict[str, Any]:
        return OPERATIONS[op](args, on_progress or (lambda done: None))

    path, plan = folder / "film.mp4", make_plan(draft, {}, preview_for(draft))
    rendering = render_film(plan, run=run, cache_dir=folder, out_path=path, on_progress=lambda done: None)
    with ThreadPoolExecutor() as threads:  # this one has the browser's loop
        threads.submit(asyncio.run, rendering).result()
    return path, read_preview(path)


def test_pieces__play_from_the_middle_from_the_end_and_as_a_whole(page: Page, film: tuple[Path, Preview]) -> None:
    path, told = film
    times = [SECONDS * 0.53, SECONDS - 0.2, 0.5]
    page_html = "<!doctype html><title>film</title><video muted></video>"
    page.route("http://film.test/", lambda route: route.fulfill(body=page_html, content_type="text/html"))
    page.route("http://film.test/film.mp4", lambda route: route.fulfill(path=path))
    page.goto("http://film.test/")
    found = page.evaluate(PLAYER, json.loads(json.dumps({**asdict(told), "path": "", "times": times})))
    pictures, ranges, widths, heights = zip(*found["shown"], strict=True)
    assert len(set(pictures)) == len(times)
    assert (set(widths), set(heights)) == ({told.width}, {told.height})
    assert len(ranges[0]) == 1
    begins_s, ends_s = ranges[0][0]
    assert 0 < begins_s <= times[0] < ends_s < SECONDS  # only what was asked for
    (whole,) = found["whole"]
    assert whole == pytest.approx([0, SECONDS], abs=0.01)
    assert (found["error"], found["corrupted"]) == (None, 0)
