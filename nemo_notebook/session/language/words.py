"""Our own words about a turn, in the language of the talk."""

from __future__ import annotations

from typing import Final

_EN: Final = {
    "broke": "The connection broke. Looking at what has been done…",
    "broke, done": "The connection broke off, but the edit was made:",
    "failed, done": "The turn failed part of the way ({reason}). This was done:",
    "meanwhile": "Since the timeline was last seen:",
    "first": "A first result is there; music and titles may follow:",
    "unread": "The timeline could not be read; `%nemo status` shows it.",
    "broke, nothing": "The reply broke off, and the timeline has not changed.",
    "broke, unclear": "The reply broke off, and no change is to be seen yet.",
    "say again": "Nothing was done: say it again.",
    "look again": "`%nemo resume {job}` looks again; say it again if nothing has come by then.",
    "failed": "The turn failed in the middle: {reason}",
    "no reason": "it gave no reason",
    "no answer kept": "The reply itself is not kept by the service.",
}
_ZH: Final = {
    "broke": "连接中断了，正在查看已完成的内容……",
    "broke, done": "连接中断了，但修改已经完成：",
    "failed, done": "这一轮中途失败了（{reason}）。已经完成的有：",
    "meanwhile": "自上次查看以来，时间线有这些变化：",
    "first": "初步结果已经有了，音乐和标题可能随后加上：",
    "unread": "暂时读不到时间线，可用 `%nemo status` 查看。",
    "broke, nothing": "回复中断了，时间线没有变化。",
    "broke, unclear": "回复中断了，目前还看不到变化。",
    "say again": "什么都没有做：请再说一遍。",
    "look again": "`%nemo resume {job}` 会再看一次；如果那时还没有变化，请再说一遍。",
    "failed": "这一轮中途失败了：{reason}",
    "no reason": "没有说明原因",
    "no answer kept": "服务不保存回复的文字。",
}


def say(what: str, *, chinese: bool, **values: str) -> str:
    """A sentence of the table, with its values."""
    return (_ZH if chinese else _EN)[what].format(**values)
