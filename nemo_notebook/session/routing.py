"""What a cell of plain words asks for.

By intent, not by the mere presence of a word: a text is an action only if *all* of it is about that action; so
`send me the video as mp4` is an export and `make the export button red in the title` is an edit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_FILLER: Final = frozenset(
    (
        "a an the my me i us we it this that is are do does did you can could would will please now then just ok okay "
        "of to in as at and with for on here want like need give show get let let's lets what what's whats how hey hi"
    ).split()
)
_EXPORT: Final = frozenset("export download render save send".split())
_EXPORT_WORDS: Final = frozenset(
    (
        "video videos film movie clip file result final finished mp4 mov mkv webm gif avi mp3 wav format quality high "
        "medium low hd 1080p 720p 4k 2160p full resolution out"
    ).split()
)
_CREDITS: Final = frozenset("credit credits balance".split())
_CREDITS_WORDS: Final = frozenset("many much have left remaining check account current available still".split())
_STATUS: Final = frozenset("status timeline tracks state".split())
_STATUS_WORDS: Final = frozenset("current see view list print display look".split())
_UPLOAD: Final = frozenset({"upload", "上传"})

_ZH_EXPORT: Final = ("导出", "下载", "保存", "发给我")
_ZH_CREDITS: Final = ("积分", "余额")
_ZH_STATUS: Final = ("状态", "时间线", "轨道")
_ZH_FILLER: Final = (
    "请 帮我 帮忙 给我 把 将 一下 现在 吧 了 我的 这个 我 的 视频 影片 成片 文件 高清 格式 "
    "查看 看看 看 显示 当前 还有 还剩 剩余 多少 有 剩 目前 查询 查 为 成 吗 呢 出来"
).split()
_WORD: Final = re.compile(r"[\w'’.]+")
_PATHLIKE: Final = re.compile(r"^(https?://\S+|\S+\.[A-Za-z0-9]{2,4})$")


@dataclass(frozen=True, slots=True)
class Intent:
    """What a text asks for.

    Attributes:
        action: `export`, `credits`, `status`, `upload` or `chat`.
        arguments: For an upload, the paths and addresses named.
        format: For an export, the format named, if any.
        resolution: For an export, the resolution named, if any.
    """

    action: str
    arguments: tuple[str, ...] = ()
    format: str | None = None
    resolution: str | None = None


def classify(text: str) -> Intent:
    """The intent of a text, in English or Chinese. Whatever is not all about one action is chat."""
    bare = text.strip().strip("。．.!！?？~ ")
    if not bare or any(mark in bare for mark in '"“”「」『』«»'):
        return Intent("chat")
    if uploads := _uploads(bare):
        return Intent("upload", uploads)
    words = [word.strip(".'’").lower() for word in _WORD.findall(_without_chinese(bare))]
    action = _action(bare, [word for word in words if word])
    if action != "export":
        return Intent(action)
    named = [word for word in words if word in {"mp4", "mov", "mkv", "webm", "gif", "avi", "mp3", "wav"}]
    sizes = [word for word in words if word in {"720p", "1080p", "4k", "2160p"}]
    resolution = sizes[0].replace("2160p", "4k") if sizes else None
    return Intent("export", format=named[0] if named else None, resolution=resolution)


def _uploads(text: str) -> tuple[str, ...]:
    first, *rest = text.split()
    named = rest if first.lower() in _UPLOAD else [first, *rest]
    return tuple(named) if named and all(_PATHLIKE.match(word) for word in named) else ()


def _without_chinese(text: str) -> str:
    return re.sub(r"[\u3000-\u9fff\uff00-\uffef]+", " ", text)


def _action(text: str, words: list[str]) -> str:
    chinese = "".join(re.findall(r"[\u4e00-\u9fff]+", text))
    groups = (
        ("export", _EXPORT, _EXPORT_WORDS, _ZH_EXPORT),
        ("credits", _CREDITS, _CREDITS_WORDS, _ZH_CREDITS),
        ("status", _STATUS, _STATUS_WORDS, _ZH_STATUS),
    )
    for action, triggers, vocabulary, chinese_triggers in groups:
        named = any(word in triggers for word in words) or any(word in chinese for word in chinese_triggers)
        english_fits = all(word in triggers or word in vocabulary or word in _FILLER for word in words)
        if named and english_fits and _is_only(chinese, chinese_triggers):
            return action
    return "chat"


def _is_only(chinese: str, triggers: tuple[str, ...]) -> bool:
    for word in sorted((*triggers, *_ZH_FILLER), key=len, reverse=True):
        chinese = chinese.replace(word, "")
    return not chinese
