"""The timeline's labels: English, Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "name": ("Timeline", "时间线"),
    "segments": ("Segments of the timeline", "时间线上的片段"),
    "help": (
        "Arrow keys choose. Alt with arrows moves, Shift with arrows changes the length, plus and minus the "
        "volume. Enter edits a title, Delete removes. The menu key shows what else can be done.",
        "方向键选择。Alt 加方向键移动，Shift 加方向键改变时长，加减号调音量。回车编辑标题，Delete 删除。"
        "菜单键显示更多操作。",
    ),
    "playhead": ("Playhead", "播放头"),
    "undo": ("Undo", "撤销"),
    "redo": ("Redo", "重做"),
    "together": ("Keep shots together", "镜头首尾相接"),
    "together hint": (
        "On: shots make room for one another, a cut moves with both its shots, and no gap is left. "
        "Off: each is moved alone.",
        "开启：镜头互相让位，剪切点两侧一起移动，不留空隙。关闭：各自移动。",
    ),
    "zoom in": ("Zoom in", "放大"),
    "zoom out": ("Zoom out", "缩小"),
    "fit": ("Fit the whole timeline", "显示整条时间线"),
    "video": ("Video", "视频"),
    "audio": ("Audio", "音频"),
    "text": ("Title", "标题"),
    "other": ("Other", "其他"),
    "empty": (
        "Nothing here yet. Add media and say what you want; it appears here as lanes.",
        "这里还没有内容。添加素材并说出想法，片段就会出现在这里。",
    ),
    "start": ("Start", "开始"),
    "length": ("Length", "时长"),
    "volume": ("Volume", "音量"),
    "words": ("Text", "文字"),
    "track": ("Track", "轨道"),
    "delete": ("Delete", "删除"),
    "menu": ("What can be done with {name}", "{name} 的操作"),
    "split": ("Split at the playhead", "在播放头处分割"),
    "duplicate": ("Duplicate", "复制"),
    "mute": ("Mute", "静音"),
    "unmute": ("Unmute", "取消静音"),
    "seconds": ("seconds", "秒"),
    "option": (
        "{name}, {kind}, track {track}, from {start}, {length} s",
        "{name}，{kind}，轨道 {track}，{start} 起，{length} 秒",
    ),
    "loud": ("volume {volume}%", "音量 {volume}%"),
    "count": ("{n} segments", "{n} 个片段"),
    "many": ("{n} segments", "{n} 个片段"),
    "moved": ("The timeline has changed.", "时间线有变化。"),
    "changed meanwhile": (
        "The timeline has changed meanwhile; this is the newer one.",
        "时间线在此期间有变化；现在显示的是新的。",
    ),
    "do it again": (
        "Your edit was not made: make it again if you still want it.",
        "你的修改没有生效，如仍需要请再改一次。",
    ),
    "put back": ("It was put back.", "已恢复原状。"),
    "none selected": ("Select a block to edit it.", "选择一个片段进行编辑。"),
    "no room": ("There is no room there: it stays at {at}.", "那里没有空位，仍在 {at}。"),
    "no more start": ("There is no more room: it begins at {at}.", "没有更多空间，从 {at} 开始。"),
    "no more end": ("There is no more room: it ends at {at}.", "没有更多空间，到 {at} 结束。"),
    "shortest": ("{seconds} s is the shortest.", "最短为 {seconds} 秒。"),
    "longer": ("The film is longer now: {end}.", "影片变长了：{end}。"),
}
