"""What is said while a turn runs: for how long, and with what kind of work."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from nemo_notebook.clock import MACHINE, current
from nemo_notebook.notebook.screen import line

if TYPE_CHECKING:
    from nemo_notebook.notebook.outlet import Outlet, Shown
    from nemo_notebook.notebook.widgets.live import LiveLine

_log: Final = logging.getLogger(__name__)
_EVERY_S: Final = 10.0  # between two changes of a line that is counted here
_WORDS: Final = {
    False: {"working": "Still working...", "stop": "Stop", "stopping": "Stopping…", "seconds": "s"},
    True: {"working": "仍在处理…", "stop": "停止", "stopping": "正在停止…", "seconds": "秒"},
}
_PARTS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# The first row that has a word of a tool's name tells its work; of rows with two sets, one of each.
_KINDS: Final = (
    ("model", "", "asking the language model", "正在询问语言模型"),
    ("render export", "", "rendering the film", "正在渲染影片"),
    ("listen hear", "", "listening to the song", "正在听歌曲"),
    ("analyze analyse analysis detect", "music song audio beat beats", "listening to the song", "正在听歌曲"),
    ("beat beats recut", "", "cutting on the beat", "正在按节拍剪辑"),
    ("generate create make", "video videos clip clips footage", "generating video", "正在生成视频"),
    ("generate create make", "image images picture pictures photo", "generating pictures", "正在生成图片"),
    ("music song bgm soundtrack track", "", "adding music", "正在添加音乐"),
    ("voice voiceover speech tts narration", "", "recording the voice", "正在录制配音"),
    ("title titles text caption captions subtitle subtitles lyrics", "", "writing titles", "正在制作字幕"),
    ("transition effect effects filter color colour look", "", "working on the look", "正在调整画面"),
)
_EDITING: Final = ("editing the timeline", "正在编辑时间线")


def kind_of_work(tool_name: str, *, chinese: bool = False) -> str:
    """What a tool does, in a few words of our own; nothing of its name is shown."""
    parts = {part.lower() for part in _PARTS.findall(tool_name[:80])}
    for some, others, english, hanzi in _KINDS:
        if parts & set(some.split()) and (not others or parts & set(others.split())):
            return hanzi if chinese else english
    return _EDITING[chinese]


class Working(Protocol):
    """Says that a turn is at work."""

    def note(self, kind: str) -> None:
        """The kind of work, from now on."""

    def tick(self, now_s: float, silent_s: float) -> None:
        """Time has passed, `silent_s` seconds of it without a word of the reply."""

    def end(self) -> None:
        """Leave nothing behind."""


class LiveWorking:
    """A line with a Stop button; its seconds are counted by the browser."""

    def __init__(self, outlet: Outlet, on_stop: Callable[[], object] | None, *, chinese: bool) -> None:
        from nemo_notebook.notebook.widgets.live import LiveLine

        words = _WORDS[chinese]
        self._line: LiveLine = LiveLine(words["working"], words["stop"], words["stopping"], on_stop)
        self._shown: Shown = outlet.show(self._line)

    def note(self, kind: str) -> None:
        """The kind of work, from now on."""
        self._line.doing = kind

    def tick(self, now_s: float, silent_s: float) -> None:
        """Nothing: the browser counts."""

    def end(self) -> None:
        """Leave nothing behind: a saved view of a widget would reopen as an error."""
        self._shown.clear()
        self._line.end()


class PlainWorking:
    """A line for a notebook that nobody sits before: it comes after a silence, and changes seldom."""

    def __init__(self, outlet: Outlet, begun_s: float, *, chinese: bool) -> None:
        self._outlet = outlet
        self._chinese = chinese
        self._begun_s = begun_s
        self._next_s = begun_s
        self._doing = ""
        self._shown: Shown | None = None
        self._is_seen = False
        self._is_taped = current() is not MACHINE

    def note(self, kind: str) -> None:
        """The kind of work, from now on."""
        self._doing = kind

    def tick(self, now_s: float, silent_s: float) -> None:
        """Show how long it has been, or nothing while the reply comes; a tape shows the same, however fast it goes."""
        if silent_s < _EVERY_S or self._is_taped:
            self._clear()
        elif now_s >= self._next_s:
            self._next_s = now_s + _EVERY_S
            so_long = f"{now_s - self._begun_s:.0f} {_WORDS[self._chinese]['seconds']}"
            said = line(working_words(so_long, self._doing, chinese=self._chinese))
            self._is_seen = True
            if self._shown is None:
                self._shown = self._outlet.show(said)
            else:
                self._shown.update(said)

    def end(self) -> None:
        """Leave nothing behind."""
        self._clear()

    def _clear(self) -> None:
        if self._shown is not None and self._is_seen:
            self._shown.clear()
        self._is_seen = False


def working_words(so_long: str, doing: str, *, chinese: bool) -> str:
    """That it goes on, for how long, and with what."""
    return f"⏳ {_WORDS[chinese]['working']} {so_long}{f' · {doing}' if doing else ''}"


def clock(elapsed_s: float) -> str:
    """Minutes and seconds."""
    return f"{int(elapsed_s) // 60}:{int(elapsed_s) % 60:02d}"


def working(outlet: Outlet, now_s: float, on_stop: Callable[[], object] | None, *, chinese: bool) -> Working:
    """The line that suits who reads it."""
    if outlet.has_reader:
        try:
            return LiveWorking(outlet, on_stop, chinese=chinese)
        except Exception:  # what is wrong with the widgets here must not cost the turn
            _log.info("The line with the Stop button cannot be shown here.", exc_info=True)
    return PlainWorking(outlet, now_s, chinese=chinese)
