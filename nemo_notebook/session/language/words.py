"""Our own words about a turn, in the language of the talk."""

from __future__ import annotations

import re
from typing import Final

_EN: Final = {
    "broke": "The connection broke. Looking at what has been done…",
    "broke, done": "The connection broke off, but the edit was made:",
    "failed, done": "The turn failed part of the way ({reason}). This was done:",
    "meanwhile": "Since the timeline was last seen:",
    "first": "A first result is there; music and titles may follow:",
    "no final": "The service did not mark the end of this reply; it may be incomplete.",
    "unread": "The timeline could not be read; `%nemo status` shows it.",
    "broke, nothing": "The reply broke off, and the timeline has not changed.",
    "broke, unclear": "The reply broke off, and no change is to be seen yet.",
    "say again": "Nothing was done: say it again.",
    "look again": "`%nemo resume {job}` looks again; say it again if nothing has come by then.",
    "failed": "The turn failed in the middle: {reason}",
    "no reason": "it gave no reason",
    "no answer kept": "The reply itself is not kept by the service.",
    "applied": "The timeline is as you gave it; what differs is not among what the table tells.",
    "kept here": "It is kept in this session, unknown to the editor, and goes out with the export.",
    "editor blind": "The editor does not know your own edits: it works on the timeline before them.",
    "edits lost": "Your own edits were made on the earlier timeline and are not in this one; the history has them.",
    "changed meanwhile": "The timeline has changed since you last saw it; nothing was done.",
    "take the frame": "Look at it, and edit the frame that it has now: session.timeline().frame",
    "edit again": "Look at the film again, and make the edit once more.",
    "more edits": "… and {n} more",
    "no version": "The history has no version {number}.",
    "back to": "Back to version {number}:",
    "apply again": "Nothing was done: apply it again.",
    "see history": "`session.history()` shows how things stand.",
    "export again": "Export again for the editor's timeline without them.",
    "new session": "Upload again, and ask for the video again.",
    "undone": "Undone:",
    "redone": "Done again:",
    "look only": "- The look of the video.",
    "nothing undone": "There is nothing to undo.",
    "nothing redone": "There is nothing to redo: no edit was undone.",
    "restored": "This project was in the trash; it is back.",
    "trashed": "Uploads had reached NEMO_CACHE_GB, so the project {name} went to the trash. "
    "`%nemo sessions --restore {id}` brings it back within a week.",
    "nearly full": "Uploads take {kept} of the {quota} that NEMO_CACHE_GB allows. When they are full, {name} "
    "goes to the trash: let one go yourself with `%nemo sessions --remove ID`, or raise NEMO_CACHE_GB.",
    "removed": "{name} is in the trash for a week ({size}). `%nemo sessions --restore {id}` brings it back.",
    "deleted": "{name} is deleted ({size}).",
    "unlisted": "{name} is off the list; at its service it stays. `%nemo sessions --restore {id}` lists it again.",
    "back": "{name} is back: `%nemo connect --session {id}` opens it.",
    "model": "What is unclear is read by {model}: it is sent your words, the names of files and the timeline, "
    "never media.",
    "redo by chat": "What the editor did, it can redo itself: %nemo chat redo",
}
_ZH: Final = {
    "broke": "连接中断了，正在查看已完成的内容……",
    "broke, done": "连接中断了，但修改已经完成：",
    "failed, done": "这一轮中途失败了（{reason}）。已经完成的有：",
    "meanwhile": "自上次查看以来，时间线有这些变化：",
    "first": "初步结果已经有了，音乐和标题可能随后加上：",
    "no final": "服务没有标明这段回复的结尾，内容可能不完整。",
    "unread": "暂时读不到时间线，可用 `%nemo status` 查看。",
    "broke, nothing": "回复中断了，时间线没有变化。",
    "broke, unclear": "回复中断了，目前还看不到变化。",
    "say again": "什么都没有做：请再说一遍。",
    "look again": "`%nemo resume {job}` 会再看一次；如果那时还没有变化，请再说一遍。",
    "failed": "这一轮中途失败了：{reason}",
    "no reason": "没有说明原因",
    "no answer kept": "服务不保存回复的文字。",
    "applied": "时间线已按给出的内容更新；差别不在表格所列的内容里。",
    "kept here": "修改保存在当前会话里，编辑器并不知道，导出时会一并发送。",
    "editor blind": "编辑器不知道你自己做的修改，它处理的是修改之前的时间线。",
    "edits lost": "你自己的修改是在之前的时间线上做的，不在现在的时间线里；历史记录里还有。",
    "changed meanwhile": "自上次查看以来时间线已经变了；什么都没有做。",
    "take the frame": "请先查看，再修改现在的表格：session.timeline().frame",
    "edit again": "请再看一下影片，然后重新编辑。",
    "more edits": "……还有 {n} 条",
    "no version": "历史记录里没有第 {number} 版。",
    "back to": "已回到第 {number} 版：",
    "apply again": "什么都没有做：请再应用一次。",
    "see history": "`session.history()` 会显示现在的情况。",
    "export again": "再导出一次，就会导出编辑器的时间线（不含这些修改）。",
    "new session": "请重新上传素材，再重新生成视频。",
    "undone": "已撤销：",
    "redone": "已重做：",
    "look only": "- 画面的样子。",
    "nothing undone": "没有可以撤销的修改。",
    "nothing redone": "没有可以重做的修改。",
    "restored": "这个项目刚才在回收站里，现在已经恢复。",
    "trashed": "素材已达到 NEMO_CACHE_GB 的上限，项目 {name} 已移入回收站。"
    "一周之内可用 `%nemo sessions --restore {id}` 恢复。",
    "nearly full": "素材已占用 {kept}，NEMO_CACHE_GB 的上限是 {quota}。用满之后，项目 {name} 会移入回收站；"
    "可用 `%nemo sessions --remove ID` 自行移除项目，或调高 NEMO_CACHE_GB。",
    "removed": "{name} 已移入回收站，保留一周（{size}）。可用 `%nemo sessions --restore {id}` 恢复。",
    "deleted": "{name} 已彻底删除（{size}）。",
    "unlisted": "{name} 已从列表中移除，在服务上仍然保留。可用 `%nemo sessions --restore {id}` 重新列出。",
    "back": "{name} 已恢复，可用 `%nemo connect --session {id}` 打开。",
    "model": "没有把握的话由 {model} 来理解：发送的是您的话、文件名和时间线，不发送媒体文件。",
    "redo by chat": "编辑器做的修改可以由它自己重做：%nemo chat 重做",
}
_HANZI: Final = re.compile(r"[\u4e00-\u9fff]")
_QUOTED: Final = re.compile(r"\"[^\"\n]*\"|“[^”\n]*”|「[^」\n]*」|『[^』\n]*』|《[^》\n]*》")


def is_chinese(text: str) -> bool:
    """Whether a message is answered in Chinese; what it quotes, such as a title, does not count beside other words."""
    said = _QUOTED.sub(" ", text)
    return _HANZI.search(said if re.search(r"\w", said) else text) is not None


def say(what: str, *, chinese: bool, **values: str) -> str:
    """A sentence of the table, with its values."""
    return (_ZH if chinese else _EN)[what].format(**values)
