"""Files that are dropped, picked and pasted: into the session, or refused before a byte of them is sent."""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
import time
from pathlib import Path

import pytest
from dropped import DROP, dropped
from page_scripts import scripts
from playwright.sync_api import FileChooser, Locator, Page, expect

from nemo_notebook import examples

from .axe import look_at, picture
from .conftest import Cells, Lab, until

JS = scripts(__file__)
FOLDER = examples.folder() / "media"
SECONDS = 1000
MIB = 1 << 20

SETUP = """%load_ext nemo_notebook
import nemo_notebook as nemo
from nemo_notebook.notebook.widgets.uploader import Uploader
session = nemo.connect(backend="local", skill="{skill}")
Uploader(session)"""


def inbox(lab: Lab) -> list[str]:
    """What lies in the kernel's inbox."""
    folder = lab.home / "nemo" / "inbox"
    return [path.name for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def wave(path: Path, size_bytes: int) -> Path:
    """A WAV of silence; where the disk can, it takes no room."""
    length = size_bytes - 44
    head = (
        b"RIFF" + struct.pack("<I", length + 36) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 2, 48000, 192000, 4, 16)
    )
    with path.open("wb") as file:
        file.write(head + b"data" + struct.pack("<I", length))
        file.truncate(size_bytes)
    return path


def test_files__come_in_or_are_refused_before_a_byte_is_sent(
    page: Page, lab: Lab, cells: Cells, tmp_path: Path
) -> None:
    here = (FOLDER / "lanterns.mp4").as_posix()
    cells.show(
        "upload.ipynb",
        SETUP.format(skill="from-music"),
        f"files = session.upload('{here}')",
        "print(*(f'{each.filename} {each.hash}' for each in session.media()), sep='\\n')",
    )
    part = page.locator(".nemo-uploader")
    expect(part).to_contain_text("Nothing here yet.", timeout=30 * SECONDS)
    page.evaluate(JS.watch)
    zone, coming, there = (
        part.locator(f".nemo-{name}") for name in ("drop", "files-transfers > li", "files-media > li")
    )
    look_at(page, ".nemo-uploader", "uploader-empty")

    # Refused by the name and the size alone; what lies in a folder and is no media is left out.
    refused = [
        {"name": "notes.txt", "type": "text/plain"},
        {"name": "empty.mp4", "type": "video/mp4", "text": ""},
        {"name": "<b>film.mp4", "type": "video/mp4", "size": 9 * 10**15},
    ]
    assert zone.evaluate(DROP, [*refused, {"name": "trip", "holds": [{"name": "readme.md"}, {"name": ".hidden.mp4"}]}])
    expect(coming).to_have_count(3, timeout=10 * SECONDS)
    expect(coming.nth(0)).to_contain_text("notes.txt is not a type of file that can be used.")
    expect(coming.nth(1)).to_contain_text("empty.mp4 is empty.")
    expect(coming.nth(2)).to_contain_text("_b_film.mp4 has 9000000.00 GB, but the disk has room for")
    expect(coming.nth(2)).to_contain_text("Free some space")
    expect(part).to_contain_text("Left out, as they are no media: 1.")
    assert max(page.evaluate("window.sent")) < 5000
    assert inbox(lab) == []
    look_at(page, ".nemo-uploader", "uploader-refused")
    for _ in refused:
        coming.first.get_by_role("button").click()
    expect(coming).to_have_count(0)

    # A song and clips; what a cell uploads is listed as well.
    song, *clips = (dropped(FOLDER / name) for name in ("song.mp3", "city.mp4", "sea.mp4"))
    assert zone.evaluate(DROP, [song, {"name": "trip", "holds": clips}])
    expect(there).to_have_count(3, timeout=30 * SECONDS)
    cells.run(1)
    expect(there).to_have_count(4, timeout=30 * SECONDS)
    expect(there.locator(".nemo-glance canvas")).to_have_count(1, timeout=10 * SECONDS)  # the song, which has no cover
    expect(there.locator(".nemo-glance img")).to_have_count(3, timeout=10 * SECONDS)
    expect(there.filter(has_text="sea.mp4")).to_contain_text("0:07 · 1920×1080 · 660 kB")
    expect(coming).to_have_count(0)
    assert inbox(lab) == []
    look_at(page, ".nemo-uploader", "uploader-there")

    # By keyboard alone: a piece is damaged on its way, and comes again.
    noise = tmp_path / "noise.wav"
    data = wave(noise, 3 * MIB).read_bytes()
    page.evaluate("window.damage = 1")
    choose(page, zone, "Enter", noise)
    expect(there).to_have_count(5, timeout=30 * SECONDS)
    assert page.evaluate("window.damage") == 0

    # Damaged for good: it stops, and goes on where it was.
    page.evaluate("window.damage = 1000")
    part.locator("input[type=file]").first.set_input_files(wave(noise, 6 * MIB))
    expect(coming).to_contain_text("It did not arrive as it was sent.", timeout=20 * SECONDS)
    look_at(page, ".nemo-uploader", "uploader-stopped")
    page.evaluate("window.damage = 0")
    coming.get_by_role("button", name="Try noise.wav again").focus()
    page.keyboard.press("Enter")
    expect(there).to_have_count(6, timeout=30 * SECONDS)

    # Cancelled: nothing is left of it.
    page.evaluate("window.held = []")
    choose(page, zone, "Space", wave(tmp_path / "other.wav", 9 * MIB))
    cancel = coming.get_by_role("button", name="Cancel other.wav")
    expect(coming).to_contain_text("0 %", timeout=10 * SECONDS)
    expect(coming.get_by_role("progressbar")).to_have_js_property("value", 0)
    page.wait_for_function("window.held.length === 4")
    assert inbox(lab) == ["other.wav"]
    expect(coming).to_contain_text("Waiting for the kernel, which is busy", timeout=10 * SECONDS)
    look_at(page, ".nemo-uploader", "uploader-coming")
    cancel.focus()
    page.keyboard.press("Enter")
    expect(coming).to_have_count(0)
    expect(zone).to_be_focused()
    page.wait_for_function("window.held.length === 4")  # no more of it is sent
    page.evaluate("window.release()")
    until(lambda: inbox(lab) == [])

    # Beside the part, a drop does not make the browser leave the page.
    assert page.evaluate(JS.dragBeside)
    assert not page.locator(".nemo-drop").evaluate(JS.dragOwn)

    # An address: one that is none, and one that cannot be fetched; and one from the clipboard.
    field = page.get_by_label("Address of a file")
    refusals = {
        "file:///etc/passwd": "That is no address of a file.",
        "http://127.0.0.1:9/x.mp4?token=planted": "Only public addresses are fetched",
        "http://127.0.0.1:9/pasted.mp4": "Add the file itself: drop it, or upload it by its path.",
    }
    for address, words in refusals.items():
        if "pasted" in address:
            zone.evaluate(JS.paste, address)
        else:
            field.fill(address)
            page.keyboard.press("Enter")
        expect(coming).to_contain_text(words, timeout=20 * SECONDS)
        expect(coming).to_have_count(1)  # the one before it is gone
        expect(coming).to_have_class("nemo-file nemo-wrong")
    expect(coming).to_contain_text("pasted.mp4")
    assert "planted" not in part.inner_text()
    assert part.locator(".nemo-trouble").inner_text() == ""  # all is told in the rows

    # The engine has what was chosen, to the byte.
    cells.run(2)
    for content in (data, noise.read_bytes()):
        expect(cells[2]).to_contain_text(f"noise.wav {hashlib.sha256(content).hexdigest()}")

    # Narrow, and dark.
    page.set_viewport_size({"width": 700, "height": 900})
    page.evaluate("document.querySelector('.nemo-uploader').parentElement.style.width = '320px'")
    assert part.evaluate("(part) => part.scrollWidth <= part.clientWidth")
    picture(page, "uploader-narrow")
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    look_at(page, ".nemo-uploader", "uploader-dark")


def test_refusals__are_few_are_told_and_go_at_once(page: Page, lab: Lab, cells: Cells, tmp_path: Path) -> None:
    cells.show("refused.ipynb", SETUP.format(skill="from-music").removesuffix("Uploader(session)"), "Uploader(session)")
    cells.run(1)
    part = page.locator(".nemo-uploader")
    zone, said, clear = part.locator(".nemo-drop"), part.locator("[role=status]"), part.locator(".nemo-left-out button")
    coming, there = (part.locator(f".nemo-files-{name} > li:visible") for name in ("transfers", "media"))
    expect(part).to_contain_text("Nothing here yet.", timeout=30 * SECONDS)
    notes = [{"name": f"notes-{number}.txt"} for number in range(300)]
    large = [{"name": f"film-{number}.mp4", "size": 9 * 10**15} for number in range(20)]
    assert zone.evaluate(DROP, [*notes[:299], *large, dropped(FOLDER / "city.mp4"), notes[299]])
    expect(coming).to_have_count(3, timeout=20 * SECONDS)
    expect(coming.nth(0)).to_contain_text("notes-0.txt is not a type of file that can be used.")
    expect(part).to_contain_text("317 more files were left out: of a type that cannot be used (297), too large (20).")
    expect(there).to_have_count(1, timeout=30 * SECONDS)
    assert part.locator(".nemo-files-transfers").evaluate("(list) => list.scrollHeight") < 400
    look_at(page, ".nemo-uploader", "uploader-left-out")

    # The next drop takes them away, and what is new is in sight.
    page_top = page.locator(".jp-WindowedPanel-outer").first.evaluate("(each) => each.scrollTop")
    assert zone.evaluate(DROP, [{"name": "one.txt"}])
    expect(said).to_have_text("one.txt: one.txt is not a type of file that can be used.", timeout=10 * SECONDS)
    expect(coming).to_have_count(1)
    expect(clear).to_be_hidden()
    assert zone.evaluate(DROP, [*notes[:5], dropped(FOLDER / "sea.mp4")])
    expect(coming.filter(has_text="notes")).to_have_count(3, timeout=10 * SECONDS)
    expect(part).to_contain_text("2 more files were left out: of a type that cannot be used.")
    expect(there).to_have_count(2, timeout=30 * SECONDS)
    coming.first.get_by_role("button").click()
    expect(part).to_contain_text("1 more file was left out: of a type that cannot be used.")
    clear.press("Enter")
    expect(coming).to_have_count(0)
    expect(clear).to_be_hidden()
    expect(zone).to_be_focused()
    page.evaluate(JS.watch)
    page.evaluate("window.held = []")
    assert zone.evaluate(DROP, [dropped(FOLDER / "lanterns.mp4")])
    expect(said).to_have_text("1 file is being added.", timeout=10 * SECONDS)
    page.evaluate("window.release()")
    expect(there).to_have_count(3, timeout=30 * SECONDS)
    assert page.locator(".jp-WindowedPanel-outer").first.evaluate("(each) => each.scrollTop") == page_top

    opened_again(page, lab, cells, tmp_path)


def opened_again(page: Page, lab: Lab, cells: Cells, folder: Path) -> None:
    """A panel that takes the place of another one tells what has to be chosen again."""
    part, size = page.locator(".nemo-uploader"), 5 * MIB
    page.evaluate("window.held = []")
    zone, coming = part.locator(".nemo-drop"), part.locator(".nemo-files-transfers > li")
    files = [wave(folder / f"{name}.wav", size) for name in ("one", "two", "three")]
    with page.expect_file_chooser() as chosen:
        zone.click()
    chosen.value.set_files(files)
    expect(coming.filter(has_text="Waiting for its turn")).to_have_count(1, timeout=10 * SECONDS)
    page.wait_for_function("window.held.length === 4")
    cells.run(1)
    expect(coming).to_have_count(3, timeout=20 * SECONDS)
    for name in ("one", "two", "three"):
        expect(coming.filter(has_text=f"{name}.wav")).to_contain_text("choose the file again", timeout=10 * SECONDS)
    until(lambda: inbox(lab) == [])
    picture(page, "uploader-lost")
    page.evaluate("window.held = undefined")
    with page.expect_file_chooser() as chosen:
        zone.click()
    chosen.value.set_files(files[:2])
    expect(part.locator(".nemo-files-media > li")).to_have_count(5, timeout=30 * SECONDS)
    expect(coming).to_have_count(1)
    expect(coming).to_contain_text("three.wav")
    assert inbox(lab) == []


def choose(page: Page, zone: Locator, key: str, path: Path) -> None:
    """Choose a file by the keyboard, coming to the button from the field behind it."""
    choosers: list[FileChooser] = []

    def note(chooser: FileChooser) -> None:
        choosers.append(chooser)

    page.on("filechooser", note)
    focused = []
    for _ in range(5):  # the notebook takes the focus when a cell has run, and nothing shows when that is over
        page.evaluate("window.jupyterapp.commands.execute('notebook:enter-command-mode')")  # an editor would keep keys
        page.get_by_label("Address of a file").focus()
        page.keyboard.press("Shift+Tab")
        expect(zone).to_be_focused()
        page.keyboard.press(key)
        focused.append(page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
        with contextlib.suppress(AssertionError):
            until(lambda: page.wait_for_timeout(50) or choosers, 10)
            break
    assert choosers, f"no file could be chosen; the focus was at {focused}"
    choosers[0].set_files(path)
    page.remove_listener("filechooser", note)


def resident_bytes(pid: int) -> int:
    """The memory of a process of this machine."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_large_file__comes_in_at_constant_memory(page: Page, lab: Lab, cells: Cells, tmp_path: Path) -> None:
    cells.show("large.ipynb", SETUP.format(skill="music-to-a"), "import os; print(os.getpid())")
    cells.run(1)
    kernel = int(cells.shown(1)[-1])
    devtools = page.context.browser.new_browser_cdp_session()
    processes = devtools.send("SystemInfo.getProcessInfo")["processInfo"]
    tab = max((each["id"] for each in processes if each["type"] == "renderer"), key=resident_bytes)
    part = page.locator(".nemo-uploader")
    expect(part).to_contain_text("Nothing here yet.", timeout=30 * SECONDS)
    before = {pid: resident_bytes(pid) for pid in (kernel, tab)}
    most = dict(before)
    heap_before = page.evaluate("performance.memory.usedJSHeapSize") / MIB
    film = wave(tmp_path / "long.wav", 300 * MIB)
    with page.expect_file_chooser() as chosen:
        part.locator(".nemo-drop").click()
    chosen.value.set_files(film)
    there, end_s = part.locator(".nemo-files-media > li"), time.monotonic() + 180
    heap = page.context.new_cdp_session(page)
    while not there.count():
        assert time.monotonic() < end_s
        heap.send("HeapProfiler.collectGarbage")  # or what is measured is how much the page leaves for later
        most = {pid: max(most[pid], resident_bytes(pid)) for pid in most}
        page.wait_for_timeout(100)
    expect(there).to_contain_text("long.wav")
    expect(there).to_contain_text("27:18 · 315 MB")
    assert inbox(lab) == []
    assert (most[kernel] - before[kernel]) / MIB < 60
    assert (most[tab] - before[tab]) / MIB < 100
    heap.send("HeapProfiler.collectGarbage")
    assert page.evaluate("performance.memory.usedJSHeapSize") / MIB - heap_before < 20
