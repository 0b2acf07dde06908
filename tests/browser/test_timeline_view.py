"""The timeline in a browser: dragged, typed at, refused, overtaken, and heard by a screen reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from page_scripts import scripts
from part_page import PartPage
from part_stand import DraftSession
from playwright.sync_api import Browser, Locator, Page, expect
from timelines import HOSTILE, SONG

from nemo_notebook import errors, examples
from nemo_notebook.film.timeline import Timeline, read_sounds
from nemo_notebook.notebook.widgets.timeline_view import TimelineView
from nemo_notebook.session.core import Moved

from .axe import look_at, picture, violations
from .conftest import Cells, Lab, point_at

pytestmark = pytest.mark.timeout(120)
JS = scripts(__file__)
MEDIA = (examples.folder() / "media").as_posix()
LEFT, AFTER, RULER = 76, 24, 28
TITLE, VIDEO, AUDIO = RULER + 18, RULER + 60, RULER + 110  # the middles of three lanes
SHOTS = [
    {
        "id": f"c{k}",
        "s": 2000 * k,
        "d": 2000,
        "m": {"role": "clip", "media": "m", "in_ms": 1000 * k, "name": f"Shot {k}"},
    }
    for k in range(6)
]
SONGS = [{"id": "s", "s": 0, "d": 12_000, "v": 0.64, "m": {"name": "Song", "media": "h1"}}]
TITLES = [
    {"id": f"t{n}", "s": start, "d": 2000, "m": {"text": words, "name": words}}
    for n, (start, words) in enumerate([(1000, "城市之夜"), (6000, "Then")], 1)
]
LANES = [{"id": "v", "tt": 0, "sg": SHOTS}, {"id": "a", "tt": 1, "sg": SONGS}, {"id": "x", "tt": 7, "sg": TITLES}]
FILM: dict[str, Any] = {"d": 12_000, "t": LANES}


class Editor:
    """The timeline on a page, over a session that keeps a draft."""

    length_s = FILM["d"] / 1000

    def __init__(self, shown: PartPage, session: Any) -> None:
        self.shown, self.session, self.page = shown, session, shown.page
        self.canvas = self.page.locator("canvas")
        self.list = self.page.get_by_role("listbox")
        self.status = self.page.get_by_role("status")
        expect(self.canvas).to_be_attached()

    @property
    def draft(self) -> dict[str, Any]:
        return self.session.drafts[-1]

    def move(self, draft: dict[str, Any]) -> None:
        """As a cell does."""
        self.session.drafts.append(draft)
        self.session.tell(Moved(Timeline(draft, "en", read_sounds([SONG]))))

    @property
    def edits(self) -> list[list[dict[str, Any]]]:
        return [each["changes"] for each in self.shown.asked if each["do"] == "edit"]

    def box(self, part: Locator) -> dict[str, float]:
        """Where a part is, once it is shown."""
        expect(part).to_be_visible()
        return dict(part.bounding_box())

    def x(self, at_s: float) -> float:
        """Where a time is while the whole film is shown."""
        left = self.box(self.canvas)["x"]
        width = self.page.locator(".nemo-timeline-scroller").evaluate("(each) => each.clientWidth")
        return float(left + LEFT + at_s * (width - LEFT - AFTER) / self.length_s)

    def y(self, lane: float) -> float:
        return self.box(self.canvas)["y"] + lane

    def drag(
        self, lane: float, from_s: float, to_s: float, *, by_px: float = 0, alt: bool = False, to: float | None = None
    ) -> None:
        mouse = self.page.mouse
        mouse.move(self.x(from_s) + by_px, self.y(lane))
        mouse.down()
        if alt:
            self.page.keyboard.down("Alt")
        mouse.move(self.x((from_s + to_s) / 2) + by_px, self.y(lane), steps=3)
        mouse.move(self.x(to_s) + by_px, self.y(lane if to is None else to), steps=3)
        self.page.evaluate(JS.twoFrames)
        mouse.up()
        if alt:
            self.page.keyboard.up("Alt")

    def click(self, lane: float, at_s: float, **how: Any) -> None:
        self.page.mouse.click(self.x(at_s), self.y(lane), **how)

    def segment(self, name: str) -> dict[str, Any]:
        return next(s for track in self.draft["t"] for s in track["sg"] if s["id"] == name)

    def waits_for(self, edits: int) -> None:
        """Wait until so many edits have been asked for, and the last one has been answered."""
        self.until(lambda: len(self.edits) == edits and self.shown.answered(self.shown.asked[-1]))

    def until(self, is_so: Callable[[], Any]) -> None:
        for _ in range(250):
            if is_so():
                break
            self.page.wait_for_timeout(20)
        assert is_so()


@pytest.fixture
def show(page: Page) -> Iterator[Callable[..., Editor]]:
    """What shows a draft on the page, in which nothing may fail."""
    with ExitStack() as stack:
        shown: list[PartPage] = []

        def begin(draft: dict[str, Any] = FILM, *, selected: str = "", dark: bool = False) -> Editor:
            session = DraftSession(draft, SONG)
            shown.append(stack.enter_context(PartPage(page, TimelineView(session, selected=selected), dark=dark)))
            editor = Editor(shown[0], session)
            expect(editor.canvas).to_be_visible()
            page.evaluate(JS.twoFrames)  # lanes have their places once it is drawn
            return editor

        yield begin
        assert [each.faults for each in shown] == [[]]


@pytest.fixture
def part(show: Callable[..., Editor]) -> Editor:
    return show()


def test_drag__moves_snaps_and_makes_room(page: Page, part: Editor) -> None:
    expect(part.canvas).to_be_visible()
    near = 9 / 1000  # a second and a little: within reach of a beat
    part.drag(TITLE, 2.0, 5.0 + near)
    part.waits_for(1)
    assert part.segment("t1")["s"] == 4000  # its start is on a beat, and so is its end
    part.drag(TITLE, 5.0, 4.77, alt=True)
    part.waits_for(2)
    assert part.segment("t1")["s"] % 500
    part.drag(VIDEO, 1.0, 7.2)
    part.waits_for(3)
    order = sorted(part.draft["t"][0]["sg"], key=lambda s: s["s"])
    assert [s["id"] for s in order] == ["c1", "c2", "c3", "c0", "c4", "c5"]
    assert [s["s"] for s in order] == [0, 2000, 4000, 6000, 8000, 10_000]
    expect(part.status).to_contain_text("start")
    picture(page, "timeline-dragged")


def test_edges__resize_and_cuts_take_both_their_shots_along(page: Page, part: Editor) -> None:
    part.click(TITLE, 7.0)
    part.drag(TITLE, 8.0, 9.0, by_px=-3)
    part.waits_for(1)
    assert (part.segment("t2")["s"], part.segment("t2")["d"]) == (6000, 3000)
    part.drag(VIDEO, 4.0, 4.5, by_px=3)
    part.waits_for(2)
    assert part.segment("c1")["d"] == 2500
    assert (part.segment("c2")["s"], part.segment("c2")["d"], part.segment("c2")["m"]["in_ms"]) == (4500, 1500, 2500)
    page.get_by_role("button", name="Keep shots together").click()
    part.drag(VIDEO, 8.0, 8.5, by_px=3)
    part.waits_for(3)
    assert (part.segment("c3")["d"], part.segment("c4")["s"], part.segment("c4")["m"]["in_ms"]) == (2000, 8500, 4500)


def test_volume__of_more_and_less_than_was_recorded(page: Page, part: Editor) -> None:
    part.click(AUDIO, 3.0)
    assert page.evaluate("model.get('selected')") == "s"
    top, low = RULER + 88 + 18, RULER + 88 + 49
    half = low - (low - top) * 0.5
    part.drag(low - (low - top) * 0.8, 3.0, 3.05, to=half)
    part.waits_for(1)
    assert part.segment("s")["v"] == pytest.approx(0.25, abs=0.03)
    volume = page.get_by_label("Volume")
    volume.fill("250")
    volume.press("Enter")
    part.waits_for(2)
    assert part.segment("s")["v"] == 2.5
    expect(volume).to_have_value("250")
    part.click(AUDIO, 3.0)
    page.keyboard.press("+")
    part.waits_for(3)
    assert part.segment("s")["v"] == 2.55
    part.drag(top, 3.0, 3.05, to=top - 20)  # the line stands at the top, and stays there
    part.drag(top, 3.0, 3.05, to=half)
    part.waits_for(4)
    assert part.segment("s")["v"] == pytest.approx(0.25, abs=0.03)


def test_escape__ends_a_drag_that_changes_nothing(page: Page, part: Editor) -> None:
    page.mouse.move(part.x(2.0), part.y(TITLE))
    page.mouse.down()
    page.mouse.move(part.x(4.0), part.y(TITLE), steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    page.wait_for_timeout(100)
    assert part.edits == []


def test_no_room__is_said_and_nothing_asked_for(page: Page, part: Editor) -> None:
    part.drag(TITLE, 2.0, 7.0)
    expect(part.status).to_have_text("There is no room there: it stays at 0:01.0.")
    start = page.get_by_label("Start")
    expect(start).to_have_value("1.00")
    start.fill("6.5")
    start.press("Enter")
    expect(part.status).to_have_text("There is no room there: it stays at 0:01.0.")
    expect(start).to_have_value("1.00")
    assert part.edits == []
    length = page.get_by_label("Length")
    length.fill("0")
    length.press("Enter")
    expect(part.status).to_contain_text("0.1 s is the shortest.")
    assert part.segment("t1")["d"] == 100
    length.fill("20")
    length.press("Enter")
    expect(part.status).to_contain_text("There is no more room: it ends at 0:06.0.")
    part.click(TITLE, 7.0)
    start.fill("30")
    start.press("Enter")
    expect(part.status).to_contain_text("The film is longer now: 0:32.0.")


def test_refusal__puts_back(page: Page, part: Editor) -> None:
    expect(part.canvas).to_be_visible()
    taken = {**FILM["t"][2], "sg": [{**each, "s": each["s"] + 500} for each in FILM["t"][2]["sg"]]}
    part.session.drafts.append({**FILM, "t": [*FILM["t"][:2], taken]})  # nobody was told
    part.drag(TITLE, 2.0, 3.0)
    part.waits_for(1)
    assert part.segment("t1")["s"] == 1500
    expect(page.get_by_label("Start")).to_have_value("1.50")

    async def refuse(_: object) -> None:
        raise errors.UsageError("That cannot be.")

    part.session.edit = refuse
    part.drag(TITLE, 2.0, 3.0)
    part.waits_for(2)
    expect(page.get_by_text("That cannot be.").first).to_be_visible()
    expect(page.get_by_label("Start")).to_have_value("1.50")


def test_keys__that_would_scroll_the_page_do_not(page: Page, show: Callable[..., Editor]) -> None:
    page.set_viewport_size({"width": 900, "height": 300})
    part = show()
    page.evaluate("document.body.style.minHeight = '3000px'")
    page.evaluate("window.plays = 0; window.addEventListener('nemo:play', () => { window.plays += 1; })")
    part.list.focus()
    for key in ("Space", "PageDown", "PageDown", "End", "PageUp", "Home", "Space", "Shift+Space"):
        part.list.press(key)
    assert page.evaluate("[scrollY, window.plays]") == [0, 3]
    page.get_by_role("slider").focus()
    for key in ("PageDown", "End", "Home", "Space"):
        page.keyboard.press(key)
    assert page.evaluate("[scrollY, window.plays]") == [0, 4]
    page.get_by_role("button", name="Zoom in").press("Space")  # that is a click
    assert page.evaluate("window.plays") == 4


def test_queue__is_worked_in_order_and_undone_step_by_step(page: Page, part: Editor) -> None:
    undo, redo = (page.get_by_role("button", name=name) for name in ("Undo", "Redo"))
    expect(undo).to_be_disabled()
    expect(redo).to_be_disabled()
    part.click(TITLE, 2.0)
    part.list.press("Shift+ArrowRight")
    part.list.press("Alt+ArrowRight")
    part.list.press("Delete")
    part.until(lambda: not any(s["id"] == "t1" for s in part.draft["t"][2]["sg"]))
    assert len(part.draft["t"][2]["sg"]) == 1
    assert [change[0].get("delete", False) for change in part.edits] == [False, False, True]
    for left in (2, 1, 0):
        part.list.press("Control+z")
        part.until(lambda left=left: part.session.steps[0] == left)
    assert part.draft == FILM
    expect(undo).to_be_disabled()
    redo.click()
    expect(undo).to_be_enabled()
    part.until(lambda: part.segment("t1")["d"] == 2100)


def test_touch_and_wheel__select_drag_and_zoom(page: Page, part: Editor) -> None:
    wide = page.locator(".nemo-timeline-spacer")
    before = part.box(wide)["width"]
    page.touchscreen.tap(part.x(2.0), part.y(TITLE))
    expect(page.get_by_label("Start")).to_have_value("1.00")
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *at: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(at)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (part.x(2.0), part.y(TITLE)))
    for step in range(1, 9):
        touch("touchMove", (part.x(2.0 + step / 4), part.y(TITLE)))
    page.wait_for_timeout(100)
    touch("touchEnd")
    part.waits_for(1)
    assert part.segment("t1")["s"] == 3000
    middle = part.x(6.0)
    touch("touchStart", (middle - 50, part.y(TITLE)))
    touch("touchStart", (middle - 50, part.y(TITLE)), (middle + 50, part.y(TITLE)))
    for step in range(1, 6):
        touch("touchMove", (middle - 50 - 20 * step, part.y(TITLE)), (middle + 50 + 20 * step, part.y(TITLE)))
    touch("touchEnd")
    page.wait_for_timeout(100)
    pinched = part.box(wide)["width"]
    assert pinched > 2 * before
    page.mouse.move(middle, part.y(VIDEO))
    page.keyboard.down("Control")
    page.mouse.wheel(0, 300)
    page.keyboard.up("Control")
    page.wait_for_timeout(100)
    assert wide.bounding_box()["width"] < 0.6 * pinched


def test_moved_by_a_cell__keeps_zoom_playhead_and_selection(page: Page, part: Editor) -> None:
    part.click(TITLE, 7.0)
    part.click(RULER / 2, 3.0)
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_timeout(100)
    wide = page.locator(".nemo-timeline-spacer").bounding_box()["width"]
    after = {**FILM, "t": [*FILM["t"][:2], {**FILM["t"][2], "sg": [{**FILM["t"][2]["sg"][1], "s": 3000}]}]}
    part.move(after)
    expect(part.status).to_contain_text("The timeline has changed.")
    expect(page.get_by_label("Start")).to_have_value("3.00")
    assert page.evaluate("model.get('selected')") == "t2"
    assert page.locator(".nemo-timeline-spacer").bounding_box()["width"] == wide
    head = float(page.get_by_role("slider", name="Playhead").get_attribute("aria-valuenow"))
    assert head == pytest.approx(3.0, abs=0.1)


def test_fields__keep_what_is_being_typed(page: Page, part: Editor) -> None:
    part.click(TITLE, 2.0)
    start = page.get_by_label("Start")
    start.fill("4")
    title, other = FILM["t"][2]["sg"]
    for second in (7, 8):
        part.move({**FILM, "t": [*FILM["t"][:2], {**FILM["t"][2], "sg": [title, {**other, "s": 1000 * second}]}]})
        expect(
            part.list.get_by_role("option").filter(has_text=f"Then, Title, track 3, from 0:0{second}.0")
        ).to_have_count(1)
    expect(start).to_have_value("4")
    start.press("Enter")
    part.waits_for(1)
    assert part.segment("t1")["s"] == 4000


def test_keys_alone__do_all(page: Page, part: Editor) -> None:
    part.list.focus()
    part.list.press("ArrowRight")
    option = part.list.get_by_role("option", selected=True)
    expect(option).to_have_text("城市之夜, Title, track 3, from 0:01.0, 2.0 s")
    assert part.list.get_attribute("aria-activedescendant") == option.get_attribute("id")
    part.list.press("Enter")
    writing = page.locator(".nemo-timeline-writing")
    expect(writing).to_be_focused()
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "ni", "selectionStart": 2, "selectionEnd": 2})
    writing.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(writing).to_be_visible()
    session.send("Input.insertText", {"text": "你好"})
    writing.press("Enter")
    part.waits_for(1)
    assert part.segment("t1")["m"]["text"] == "你好"
    expect(part.list).to_be_focused()
    part.list.press("ArrowDown")
    part.list.press("Alt+ArrowRight")
    part.waits_for(2)
    assert part.segment("c0")["s"] == 2000
    part.list.press("ArrowDown")
    part.list.press("-")
    part.waits_for(3)
    assert part.segment("s")["v"] == 0.59
    page.get_by_role("slider").focus()
    page.keyboard.press("PageUp")
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", "0:01.0")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", "0:02.0")
    page.get_by_label("Volume").fill("30")
    page.keyboard.press("Enter")
    part.waits_for(4)
    assert part.segment("s")["v"] == 0.3


def items(page: Page) -> list[tuple[str, bool]]:
    """What the menu offers, and whether it can be done now."""
    found = page.get_by_role("menuitem").all()
    return [(item.inner_text(), item.get_attribute("aria-disabled") == "false") for item in found]


def test_menu__splits_duplicates_mutes_and_removes(page: Page, part: Editor) -> None:
    menu = page.get_by_role("menu")
    part.click(RULER / 2, 3.0)
    part.click(VIDEO, 2.5, button="right")
    expect(menu).to_be_visible()
    names = ["Split at the playhead", "Duplicate", "Mute", "Delete"]
    assert items(page) == list(zip(names, (True, True, False, True), strict=True))
    page.get_by_role("menuitem", name="Split").click()
    part.waits_for(1)
    shots = sorted(part.draft["t"][0]["sg"], key=lambda s: s["s"])
    assert [(s["s"], s["d"], s["m"]["in_ms"]) for s in shots[1:3]] == [(2000, 1000, 1000), (3000, 1000, 2000)]
    expect(menu).to_be_hidden()
    part.list.press("Shift+F10")  # on what is selected: the first half
    expect(page.get_by_role("menuitem").first).to_be_focused()
    assert items(page)[0] == ("Split at the playhead", False)  # it stands at its end
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Duplicate")).to_be_focused()
    page.keyboard.press("Enter")
    part.waits_for(2)
    shots = sorted(part.draft["t"][0]["sg"], key=lambda s: s["s"])
    assert [(s["s"], s["m"]["in_ms"]) for s in shots[1:4]] == [(2000, 1000), (3000, 1000), (4000, 2000)]
    expect(part.list).to_be_focused()
    part.click(AUDIO, 5.0, button="right")
    page.get_by_role("menuitem", name="Mute").click()
    part.waits_for(3)
    assert part.segment("s")["v"] == 0
    part.list.press("ContextMenu")
    page.get_by_role("menuitem", name="Unmute").click()
    part.waits_for(4)
    assert part.segment("s")["v"] == 0.64
    part.click(TITLE, 2.0, button="right")
    assert items(page)[2] == ("Mute", False)
    page.keyboard.press("End")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(part.list).to_be_focused()
    part.click(TITLE, 2.0, button="right")
    part.click(RULER / 2, 9.0)
    expect(menu).to_be_hidden()
    part.click(TITLE, 2.0, button="right")
    page.evaluate("window.dispatchEvent(new Event('scroll'))")
    expect(menu).to_be_hidden()
    part.list.press("Shift+F10")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    part.waits_for(5)
    assert [s["id"] for s in part.draft["t"][2]["sg"]] == ["t2"]
    for _ in range(5):
        page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    assert part.draft == FILM


def test_pixels__are_those_of_the_screen_at_any_ratio(page: Page, part: Editor) -> None:
    expect(part.canvas).to_be_visible()
    session = page.context.new_cdp_session(page)
    for height, ratio in enumerate((1.25, 2, 1), start=700):  # Chromium hears of a ratio with another size only
        screen = {"width": 1001, "height": height, "deviceScaleFactor": ratio, "mobile": False}
        session.send("Emulation.setDeviceMetricsOverride", screen)
        page.wait_for_function(JS.isSharp, arg=ratio)


@pytest.mark.parametrize("dark", [False, True])
def test_looks__are_clean_at_every_width(page: Page, show: Callable[..., Editor], dark: bool) -> None:
    part = show(dark=dark, selected="c2")
    for width in (1400, 480, 320):
        page.set_viewport_size({"width": width, "height": 500})
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        tools = [page.get_by_role("button", name=name) for name in ("Undo", "Zoom out", "Zoom in")]
        assert len({tool.bounding_box()["y"] for tool in tools}) == 1
        trash = page.get_by_role("button", name="Delete").bounding_box()
        last = page.get_by_label("Length").bounding_box()
        assert trash["y"] < last["y"] + last["height"]  # not in a row of its own
        part.click(VIDEO, 1.0, button="right")
        picture(page, f"timeline-{'dark' if dark else 'light'}-{width}")
        if width == 1400:
            assert violations(page, ".nemo-timeline") == []
        page.keyboard.press("Escape")
    assert violations(page, ".nemo-timeline") == []
    undo = page.get_by_role("button", name="Undo")
    part.move({})
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()
    expect(undo).to_be_enabled()  # it was not empty before
    look_at(page, ".nemo-timeline", f"timeline-empty-{'dark' if dark else 'light'}")
    page.evaluate("window.leave()")


def test_hostile__texts_are_texts(page: Page, show: Callable[..., Editor]) -> None:
    segments = [{"id": f"{text[:50]}{n}", "s": 1000 * n, "d": 1000, "text": text} for n, text in enumerate(HOSTILE)]
    far = {"id": "far", "s": 9e14, "d": 1, "text": "far"}
    part = show({"t": [{"tt": 7, "sg": segments}, {"tt": 7, "sg": [far]}, {"tt": "x", "sg": [5, None]}]})
    part.list.focus()
    for _ in range(5):
        part.list.press("ArrowRight")
    assert page.locator("main script").count() == 0


def test_in_jupyterlab__the_film_follows_the_hand(page: Page, lab: Lab, cells: Cells) -> None:
    cells.show(
        "lanes.ipynb",
        "import nemo_notebook as nemo\nfrom nemo_notebook.notebook.widgets.timeline_view import TimelineView\n"
        f"session = nemo.connect(backend='local')\nsession.upload('{MEDIA}/song.mp3', '{MEDIA}/city.mp4')\n"
        "session.chat('make a 8 second music video, cut on the beat, with the title Night')\n"
        "view = TimelineView(session)\nview",
        "frame = session.timeline().frame\nframe.text.tolist()",
        "frame.loc[frame.kind == 'text', 'text'] = 'By a cell'\nsession.apply(frame)\nview.selected",
    )
    part = cells[0].locator(".nemo-timeline")
    expect(part.locator("canvas")).to_be_visible(timeout=20_000)
    page.wait_for_timeout(200)
    assert part.locator("canvas").evaluate(JS.corner) == part.locator("canvas").evaluate(
        JS.surface
    )  # drawn in Lab's theme
    titles = part.get_by_role("option").filter(has_text="Title")
    expect(titles.first).to_be_attached()
    listbox = part.get_by_role("listbox")
    listbox.focus()
    listbox.press("ArrowRight")
    expect(titles.first).to_have_attribute("aria-selected", "true")
    listbox.press("Shift+ArrowLeft")
    expect(part.get_by_role("status")).to_contain_text("Length", timeout=10_000)
    listbox.press("Control+z")
    expect(part.get_by_role("status")).to_contain_text("2.9s → 3s", timeout=10_000)
    point_at(part.locator("canvas"), LEFT + 30, TITLE)
    part.locator("canvas").dblclick(position={"x": LEFT + 30, "y": TITLE})
    page.keyboard.type("Day and night")
    page.keyboard.press("Enter")
    expect(part.get_by_role("status")).to_contain_text("Day and night", timeout=10_000)
    part.locator("canvas").click(position={"x": LEFT + 30, "y": TITLE}, button="right")
    expect(page.get_by_role("menuitem", name="Duplicate")).to_be_visible()
    expect(page.locator(".lm-Menu")).to_have_count(0)
    picture(page, "timeline-menu-lab")
    page.keyboard.press("Escape")
    assert cells[0].locator(".jp-InputPrompt").inner_text() == "[1]:"  # no key went to the notebook
    cells.run(1)
    assert "Day and night" in cells.shown(1)[-1]
    cells.run(2)
    expect(part.get_by_role("status")).to_contain_text("By a cell", timeout=10_000)
    picture(page, "timeline-lab")
    assert violations(page, ".nemo-timeline") == []


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that can be touched."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, has_touch=True)
    yield context.new_page()
    context.close()
