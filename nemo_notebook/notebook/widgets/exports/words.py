"""The labels of the export panel: English, Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nemo_notebook.session.presets import PRESETS

_TITLES: Final = {"square": "正方形"}  # others have one name in all languages
_NOTES: Final = {
    "reels": "Instagram 只推荐 3 分钟以内的 Reels；更长的影片可能被应用拒绝。",
    "shorts": "超过 3 分钟的影片会被 YouTube 视为普通视频，而不是 Short。",
    "canvas": "Spotify 会循环播放，没有声音。",
}

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "export": ("Export", "导出"),
    "platform": ("Made for", "用途"),
    "as it is": ("As it is", "原样"),
    "as it is, more": ("The timeline's own shape and size", "时间线本身的画幅和尺寸"),
    "format": ("Format", "格式"),
    "quality": ("Quality", "质量"),
    "resolution": ("Resolution", "分辨率"),
    "own size": ("Auto", "自动"),
    "quality preview": ("Preview", "预览"),
    "quality low": ("Low", "低"),
    "quality medium": ("Medium", "中"),
    "quality high": ("High", "高"),
    "file name": ("File name", "文件名"),
    "name by title": ("after the title", "按标题命名"),
    "about": ("about {size}", "约 {size}"),
    "still": ("one picture", "一张图片"),
    "sound": ("sound only", "仅声音"),
    "score": ("notes of the music", "乐谱"),
    "animation": ("without sound", "无声"),
    "too long": (
        "{title} takes films of up to {most}; this one has {length}. Make it shorter, or export it as it is.",
        "{title} 最长 {most}，而影片有 {length}。请缩短影片，或按原样导出。",
    ),
    "too short": (
        "{title} takes films from {least} on; this one has {length}. Make it longer, or export it as it is.",
        "{title} 最短 {least}，而影片有 {length}。请加长影片，或按原样导出。",
    ),
    "cut": (
        "{title} takes at most {most}: the strongest part of the film's {length} is exported.",
        "{title} 最长 {most}：将导出 {length} 影片中最精彩的一段。",
    ),
    "cut sides": (
        "The sides are cut off to fill {shape}. Say “{shape} with a blurred background” in the chat to keep all of it.",
        "为填满 {shape}，两侧会被裁掉。若要保留完整画面，请在对话中说“{shape}，背景模糊”。",
    ),
    "cut ends": (
        "Top and bottom are cut off to fill {shape}. Say “{shape} with a blurred background” in the chat to keep all "
        "of it.",
        "为填满 {shape}，上下会被裁掉。若要保留完整画面，请在对话中说“{shape}，背景模糊”。",
    ),
    "no film": (
        "The timeline is empty. Upload media and ask for a video, then export it here.",
        "时间线是空的。请先上传素材并描述想要的视频，然后在这里导出。",
    ),
    "not known": ("Looking at the timeline…", "正在查看时间线…"),
    "plan": (
        "Exports cost no credits; a free plan may not include them.",
        "导出不消耗积分；免费方案可能不包含导出。",
    ),
    "open page": ("Open in NemoVideo", "在 NemoVideo 中打开"),
    "open now": ("Open it now", "现在打开"),
    "exports": ("Exports of this session", "本次会话的导出"),
    "no name": ("Film · {format}", "影片 · {format}"),
    "waiting": ("Waiting for its turn", "排队中"),
    "beginning": ("Beginning…", "正在开始…"),
    "rendering": ("Rendering", "正在渲染"),
    "saving": ("Saving", "正在保存"),
    "left": ("{time} left", "剩余 {time}"),
    "stopping": ("Cancelling…", "正在取消…"),
    "cancelled": ("Cancelled", "已取消"),
    "failed": ("Failed", "失败"),
    "not saved": ("Not saved yet", "尚未保存"),
    "gone": ("The file is no longer there", "文件已不在原处"),
    "cancel": ("Cancel {name}", "取消 {name}"),
    "remove": ("Take {name} out of the row", "将 {name} 移出队列"),
    "forget": ("Remove {name} from the list", "从列表中移除 {name}"),
    "try again": ("Try again", "重试"),
    "try again, which": ("Export {name} again", "重新导出 {name}"),
    "save again": ("Try again", "重试"),
    "save again, which": ("Try to save {name} again", "重新保存 {name}"),
    "download": ("Download", "下载"),
    "download, which": ("Download {name}", "下载 {name}"),
    "fetching": ("{done} %", "{done}%"),
    "stop fetching": ("Stop downloading {name}", "停止下载 {name}"),
    "too large": (
        "{size} is too much for this page: it is at {place}, beside the notebook.",
        "{size} 对此页面来说太大：文件位于 {place}（相对于笔记本）。",
    ),
    "show": ("Show", "播放"),
    "show, which": ("Show {name} in the player", "在播放器中查看 {name}"),
    "progress of": ("Progress of {name}", "{name} 的进度"),
    "more": ("Show {count} more", "再显示 {count} 个"),
    "fewer": ("Show fewer", "收起"),
    "told saved": ("{name} is saved.", "{name} 已保存。"),
    "told failed": ("{name} has failed.", "{name} 导出失败。"),
    "told queued": ("{name} waits for its turn.", "{name} 正在排队。"),
    **{f"preset {each.name}": (each.title, _TITLES.get(each.name, each.title)) for each in PRESETS.values()},
    **{f"note {each.name}": (each.note, _NOTES.get(each.name, each.note)) for each in PRESETS.values()},
    "told begun": ("{name} is being rendered.", "{name} 正在渲染。"),
    "credits free": ("Free", "免费"),
    "credits free, more": (
        "The local engine is free: no credits are needed.",
        "本地引擎免费，不需要积分。",
    ),
    "credits some": ("{count} credits", "{count} 积分"),
    "credits low": ("{count} credits · low", "{count} 积分 · 不足"),
    "credits not known": ("Credits: –", "积分：–"),
    "credits reading": ("Credits…", "积分…"),
    "balance": (
        "{available} available, {frozen} reserved by running work, {total} in all.",
        "可用 {available}，进行中的工作预留 {frozen}，共 {total}。",
    ),
    "top up": (
        "A session of edits takes about 50, a generated clip about 100. Register or top up in your account, or work "
        "free with %nemo connect --backend local",
        "一次编辑会话约需 50，生成一个片段约需 100。请在账户中注册或充值，或免费使用本地引擎："
        "%nemo connect --backend local",
    ),
}
