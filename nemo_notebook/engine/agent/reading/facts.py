"""Answers to questions about the video, the uploads and what can be asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from nemo_notebook.engine.agent.commands import last_change
from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.look import drawn_told
from nemo_notebook.engine.agent.reading.on_offer import on_offer
from nemo_notebook.engine.agent.words.languages import counted, listed
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.drafting import (
    MUSIC,
)
from nemo_notebook.film.phrasing import clock, nice_title, percent, quoted, say, seconds
from nemo_notebook.film.scoring import tempo_of
from nemo_notebook.film.soundtrack import part_start_ms
from nemo_notebook.film.target import name_of

_ASKS: Final = re.compile(
    r"\bhow (?:long|many|much|fast|loud|big|large)\b|^\W*(?:what|which|where|when|who|is|are|does|do i have"
    r"|did|tell me|show me (?:the )?(?:list|status|info))\b"
    r"|\bwhat(?:'?s| is| are)\b|\bdescribe\b|\bsummar\w+|\bstatus\b"
    r"|多长|多久|有几|几个|几张|几段|多少|什么|哪[些个首里儿]|什么时候|了啥|时间线上|[吗么](?:\W*$)|状态|介绍一下"
)
_ORDERS: Final = re.compile(
    r"\b(?:can|could|would|will) you\b|^\W*(?:please )?(?:make|add|set|change|put|cut|trim|remove|use|turn"
    r"|create|generate|give)\b|帮我|可以(?:把|给|帮|加)|能(?:把|给|帮|加)"
)
_LENGTH: Final = re.compile(r"\bhow long\b|\b(?:length|duration)\b|多长|多久|时长|长度")
_TEMPO: Final = re.compile(r"\b(?:tempo|beats per minute|how fast)\b|(?<![a-z])bpm(?![a-z])|节拍|拍速|速度|曲速")
_KEY: Final = re.compile(r"\b(?:what|which) (?:musical )?key\b|\bkey (?:is|of|signature)\b|什么调|调性|调号")
_CUTS: Final = re.compile(
    r"\b(?:how many|number of) (?:cuts|shots|scenes|clips are)\b|几个镜头|多少(?:个)?镜头|几刀|多少(?:个)?剪辑"
)
_CHANGED: Final = re.compile(
    r"\bwhat (?:did|have) you (?:just )?(?:changed?|do|done)\b|\bwhat(?:'?s| has| was)? changed\b|(?:改|变"
    r"|动)了(?:什么|啥|哪)"
)
_PART: Final = re.compile(r"\b(?:where|when|what time)\b.*\b(chorus|drop|hook)\b|(副歌|高潮).*(?:哪|什么时候|几秒)")
_TITLES: Final = re.compile(r"\b(?:titles?|captions?|text|words)\b|标题|字幕|文字")
_SIZE: Final = re.compile(r"\b(?:resolution|aspect|format|size|dimensions?|shape|pixels?)\b|分辨率|尺寸|画幅|比例|多大")
_MUSIC: Final = re.compile(r"\b(?:music|song|track|soundtrack|bgm)\b|音乐|歌|配乐")
_VOLUME: Final = re.compile(r"\b(?:volume|loud)\b|音量")
_UPLOADS: Final = re.compile(
    r"\b(?:uploads?|uploaded|files?|material|footage|media|which clips|what clips|photos)\b|素材|上传|文件"
    r"|哪些(?:视频|照片|片段)"
)

_HOW_TO: Final = re.compile(r"\bhow (?:do|does|can|would|should|to|i can|you can|we can)\b|怎么(?:样)?|如何|怎样")
_CAN_EXPORT: Final = re.compile(
    r"\b(?:do you|can (?:i|you|it|we)|could i|is there|is it possible)\b.*\bgifs?\b(?! sticker)|(?:能"
    r"|可以).*(?:gif|动图).*[吗么]"
)
_HELP_TOPICS: Final = (
    (
        r"\b(?:title|caption|text|words)\b|标题|字幕|文字",
        'add a title "Your words" for the first 3 seconds',
        "“在开头加标题‘你的文字’，3秒”",
    ),
    (r"\btransition|\bcross ?fade|\bdissolve|转场|叠化", '"add crossfades of half a second"', "“加0.5秒的叠化转场”"),
    (
        r"\bfilter|\blook\b|\bcolou?r|\bblack and white|\bbright|滤镜|调色|黑白|亮",
        '"give it a cinematic look"',
        "“加电影感滤镜”",
    ),
    (r"\bgifs?\b|动图", '"export film.gif"', "“导出 film.gif”"),
    (r"\bvolume|\bloud|\bquiet|音量|声音", '"set the music volume to 35%"', "“把音乐音量调到35%”"),
    (r"\bmusic|\bsoundtrack|\bbeat ?s? track|音乐|配乐", '"add lo-fi background music"', "“加 lo-fi 背景音乐”"),
    (r"\bbeat|\bsync|\bcut|卡点|节拍|剪", '"cut on the beat" or "cut every 2 beats"', "“卡点剪辑”或“每两拍剪一刀”"),
    (r"\btrim|\bshort|剪短|缩短", '"trim the first 2 seconds" or "make it 15 seconds"', "“去掉前2秒”或“剪到15秒”"),
    (r"\bspeed|\bslow|\bfast|变速|慢放|快", '"play the first clip at half speed"', "“第一个片段慢放一半”"),
    (r"\bvertical|\bformat|\btiktok|\baspect|竖屏|画幅|比例", '"make it vertical for TikTok"', "“改成竖屏”"),
    (
        r"\bvisuali|\bwave|\bbars|可视化|频谱|波形",
        '"add a circular visualizer in neon colours"',
        "“加霓虹色的圆形可视化”",
    ),
    (r"\bexport|\bdownload|\bsave|\brender|导出|下载|保存", '"export it" or "export film.gif"', "“导出”"),
    (r"\bundo|\bback|撤销|恢复", '"undo"', "“撤销”"),
)
_TOPICS: Final = tuple((re.compile(pattern), en, zh) for pattern, en, zh in _HELP_TOPICS)

_LOOKS: Final = next(row for row in _TOPICS if row[0].search("filter"))


def is_question(clause: Clause) -> bool:
    """Whether a clause asks for a fact, not for a change."""
    return clause.has(_ASKS) and (not clause.has(_ORDERS) or on_offer(clause, "en") is not None) and not clause.quotes


def how_to(clause: Clause, context: Context) -> str | None:
    """What to say in order to get what a clause asks how to get, or None."""
    if not (clause.has(_HOW_TO) or clause.has(_CAN_EXPORT)) or clause.has(_LENGTH):
        return None
    found = next((row for row in _TOPICS if clause.has(row[0])), None)
    if found is None:
        return None
    lang = context.situation.spoken
    if found is _LOOKS and context.has_film and not context.film.shots:
        return drawn_told(lang)
    return say(lang, f"Just say it, for example: {found[1]}.", f"直接说就可以，例如{found[2]}。")


def fact(clause: Clause, context: Context, empty: str) -> str:
    """The fact that a clause asks for; where it asks for none in particular, what is on the timeline.

    Args:
        clause: The question.
        context: What it was asked in.
        empty: What to say next to somebody whose timeline is empty.
    """
    table: tuple[tuple[re.Pattern[str], Callable[[Context], str | None]], ...] = (
        (_CHANGED, _changed),
        (_PART, _part),
        (_KEY, _key),
        (_TEMPO, _tempo),
        (_CUTS, _cuts),
        (_LENGTH, _length),
        (_VOLUME, _volume),
        (_SIZE, _size),
        (_TITLES, _titles),
        (_UPLOADS, _uploads),
        (_MUSIC, _music),
    )
    if (offered := on_offer(clause, context.situation.spoken)) is not None:
        return offered
    told = (answer(context) for pattern, answer in table if clause.has(pattern))
    return next((text for text in told if text), None) or overview(context, empty)


def overview(context: Context, empty: str) -> str:
    """What is on the timeline, in a sentence."""
    film, lang = context.film, context.situation.spoken
    if not film.end_ms:
        return say(lang, "The timeline is still empty. ", "时间线还是空的。") + empty
    width, height = film.canvas
    shots, music, titles = len(film.shots), film.segments(*MUSIC), len(film.segments("title"))
    heard = str(music[0].meta.get("name") or "") if music else ""
    length = seconds(film.end_ms, lang)
    en = f"The video is {length} long at {width} × {height}: {counted(shots, 'shot')}, "
    en += f"{heard or 'no'}{' as' if heard else ''} music and {counted(titles, 'title')}."
    zh = f"视频长 {length}，{width} × {height}：{shots} 个镜头，"
    return say(lang, en, zh + f"{'音乐为 ' + heard if heard else '没有音乐'}，{titles} 个标题。")


def _changed(context: Context) -> str | None:
    """What the last turn changed."""
    situation = context.situation
    told = last_change(situation)
    return told and say(situation.spoken, f"The last change: {told}", f"上一步修改：{told}")


def _part(context: Context) -> str | None:
    """Where the loudest part of the song is, which is mostly the chorus."""
    lang, song = context.situation.spoken, next(iter(context.film.segments("song")), None)
    item = song.upload(context.situation) if song is not None else None
    at_ms = part_start_ms(item, "chorus") if item is not None else None
    if song is None or at_ms is None:
        return say(lang, "I cannot hear where that is in this music.", "听不出来音乐的这个位置。")
    at = clock(max(0, at_ms - song.in_ms + song.start_ms))
    return say(lang, f"The loudest part begins at {at} of the video.", f"最响的部分从视频的 {at} 开始。")


def _key(context: Context) -> str:
    tempo = _tempo(context)
    lang = context.situation.spoken
    return say(lang, "I do not detect the key of a song. ", "我不识别歌曲的调。") + (tempo or "")


def _tempo(context: Context) -> str | None:
    lang = context.situation.spoken
    tempo = tempo_of(context.film, context.situation)
    song = next(iter(context.situation.of_kind("audio")[::-1]), None)
    tempo = tempo or (song.tempo if song is not None else None)
    if tempo:
        return say(lang, f"The music runs at {tempo:.0f} BPM.", f"音乐的速度是 {tempo:.0f} BPM。")
    if not context.has_music and song is None:
        return say(lang, "There is no music yet.", "还没有音乐。")
    return say(lang, "The music has no steady beat that I could find.", "没有找到稳定的节拍。")


def _cuts(context: Context) -> str | None:
    lang, shots = context.situation.spoken, len(context.film.shots)
    if not shots:
        return None
    mean = seconds(context.film.end_ms / shots, lang)
    en = f"There are {counted(shots, 'shot')}, so {counted(shots - 1, 'cut')}; a shot lasts {mean} on average."
    return say(lang, en, f"共有 {shots} 个镜头、{shots - 1} 个剪辑点，平均每个镜头 {mean}。")


def _length(context: Context) -> str | None:
    lang, length = context.situation.spoken, context.film.end_ms
    if length:
        told = seconds(length, lang)
        return say(lang, f"The video is {told} long.", f"视频长 {told}。")
    songs = context.situation.of_kind("audio")
    if not songs:
        return None
    told = seconds(songs[-1].duration_ms, lang)
    en = f"{nice_title(songs[-1])} is {told} long; there is no video yet."
    return say(lang, en, f"{nice_title(songs[-1])} 长 {told}；还没有视频。")


def _volume(context: Context) -> str | None:
    lang, music = context.situation.spoken, context.film.segments(*MUSIC)
    if not music:
        return None
    told = percent(music[0].volume)
    return say(lang, f"The music is at {told}.", f"音乐音量是 {told}。")


def _size(context: Context) -> str | None:
    if not context.film.end_ms:
        return None
    width, height = context.film.canvas
    lang = context.situation.spoken
    return say(lang, f"The picture is {width} × {height}.", f"画面是 {width} × {height}。")


def _titles(context: Context) -> str | None:
    lang, titles = context.situation.spoken, context.film.segments("title")
    if not titles:
        return say(lang, "There is no title yet.", "还没有标题。") if context.film.end_ms else None
    told = [
        f"{quoted(name_of(title, context.situation), lang)} ({clock(title['s'])}–{clock(title['s'] + title['d'])})"
        for title in titles
    ]
    en = f"{counted(len(titles), 'title')}: {', '.join(told)}."
    return say(lang, en, f"{len(titles)} 个标题：{'、'.join(told)}。")


def _uploads(context: Context) -> str | None:
    lang, media = context.situation.spoken, context.situation.media
    if not media:
        return say(lang, "Nothing has been uploaded yet.", "还没有上传素材。")
    names = listed([item.filename for item in media], lang, most=8)
    return say(lang, f"You have uploaded {names}.", f"已上传：{names}。")


def _music(context: Context) -> str | None:
    lang, music = context.situation.spoken, context.film.segments(*MUSIC)
    if not music:
        return say(lang, "There is no music yet.", "还没有音乐。") if context.film.end_ms else None
    song = music[0].upload(context.situation)
    name = nice_title(song) if song is not None else str(music[0].meta.get("name") or "")
    tempo = tempo_of(context.film, context.situation)
    bpm = f", {tempo:.0f} BPM" if tempo else ""
    told = percent(music[0].volume)
    return say(
        lang, f"The music is {name}{bpm}, at {told} volume.", f"音乐是 {name}{bpm.replace(', ', '，')}，音量 {told}。"
    )
