"""The words that people have for songs: which, which part, where and how long."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.words.vocabulary import words as any_of
from nemo_notebook.film.fields import SongPart

MUSIC: Final = r"(?:background music|soundtrack|music|songs?|tracks?|tunes?|mp3|audio|bgm)"
ABOUT: Final = any_of(rf"\b{MUSIC}\b(?! videos?\b)", r"歌|曲|音乐(?!视频|短片|片)|音频|配乐|bgm")
SEEN: Final = re.compile(r"\b(?:clips?|videos?|film|photos?|pictures?|shots?|footage)\b|视频|片段|照片|镜头|画面")
IT: Final = re.compile(r"\b(?:it|that|this)\b|它")
OWN: Final = any_of(
    r"\bwith song\b|\b(?:this|my|the|that|our|uploaded|own) (?:\S+ )?(?:songs?|tracks?|mp3|music|audio|recording)\b",
    r"(?:这首|我的|这个|那首|上传的)(?:歌|音乐|曲|音频)",
)
COMPOSES: Final = any_of(
    r"\b(?:compos|generat|creat)(?:e|ing)\b|\bmake (?:me )?(?:a|some)\b.*\b(?:music|track|beat)\b",
    r"创作|生成|作曲|写一首",
)
ORDINALS: Final = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "last": -1,
    "newest": -1,
}
EN_NTH: Final = re.compile(
    rf"(?<!\d[ -])\b({'|'.join(ORDINALS)}|other) (?:uploaded |of (?:the |my )?)?(?:songs?|tracks?|mp3s?|tunes?|music)\b"
)
EN_NUMBER: Final = re.compile(
    r"\b(?:song|track)\s*(?:number|no\.?|#)?\s*(\d{1,2})\b(?![\d:.]*\s*(?:s\b|sec|:|%|min|bpm|st\b|nd\b))"
)
ZH_NTH: Final = re.compile(r"第\s*([一二三四五六七八九十\d]{1,2})\s*(?:首|支|个(?:歌|音乐|音频|曲))")
ZH_OTHER: Final = re.compile(r"(?:另外?一?|别的)(?:首|支|个)(?:歌|音乐|曲|音频)|另外?一?首")
ZH_LAST: Final = re.compile(r"最后一?(?:首|支)")
PLAIN_NAMES: Final = ("song", "track", "music", "audio", "mp3", "sound", "beat", "mix", "final")

TAKES: Final = any_of(
    r"\b(?:use|take|play|lay|switch|swap|change|replace|put|want|try|instead|go (?:with|back)|set|choose"
    r"|pick|add|with)\b",
    r"用|换|改|选|放|播|加|要|配",
)
UNDER: Final = any_of(
    r"\b(?:as|for) (?:the |a |my |our )?(?:background|bgm|music|soundtrack|audio)\b|\bbackground\b"
    r"|\bunder(?:neath)?\b|\bbehind\b|\bone after (?:another|the other)\b|\b(?:in a row|back to back|uncut|fully)\b"
    r"|\b(?:don'?t|do not|without|no) (?:any )?cut\w*\b",
    r"背景|配乐|(?:作为|当作?|做)(?:音乐|bgm)|bgm",
)
NO_CUTS: Final = re.compile(r"\b(?:don'?t|do not|without|no) (?:any )?cut\w*\b")
USES_MINE: Final = re.compile(
    r"\b(?:use|take|play|put|want|try)\b(?: \S+){0,3} my (?:own )?(?:song|mp3|track)\b"
    r"|\bmy (?:own )?(?:song|mp3|track) instead\b"
    r"|(?:用|换成|改用|放)我(?:自己)?的(?:歌|音乐)"
)
JUST_THIS: Final = re.compile(
    r"\W*(?:please )?(?:use|with|to|take|put|play) (?:this|my|the) (?:song|track|mp3|music)\W*(?:please)?\W*"
    r"|\W*(?:请|就|再)?(?:用|配上?|加上?|放)(?:这首|我的|那首|上传的)(?:歌曲?|音乐|曲子?)[吧呢]?\W*"
    r"|\W*(?:照片|图片|视频|素材)?配上?(?:歌曲?|曲子)[吧呢]?\W*"
)
QUIETLY: Final = any_of(r"\b(?:quietly|softly|gently|very quiet|low(?: volume)?)\b", r"轻轻|小声|低音量|音量低")
LOOP: Final = any_of(r"\bloop(?:ed|ing|s)?\b|\brepeat(?:ed|ing|s)?\b|\bover and over\b", r"循环|重复播放|反复")
FITS: Final = any_of(
    rf"\b(?:trim|cut|shorten|fit|crop|extend|stretch|adjust)\b (?:the |my |this )?{MUSIC}\b.*\b(?:to|fits?"
    rf"|match(?:es)?|with)\b"
    r".*\b(?:video|film|movie|clips?|pictures|footage|photos|slide ?show|length|end|it)\b",
    rf"\bmake (?:the|my|this) {MUSIC}\b.*\b(?:as long as|the same length|fit|match)\b",
    rf"\b(?:end|stop|finish) (?:the |my )?{MUSIC} (?:together )?(?:with|when) (?:the )?(?:video|clips?|pictures?"
    rf"|film)\b",
    rf"\b{MUSIC} (?:should |must |to )?(?:end|ends|stop|stops) (?:with|when) (?:the )?(?:video|clips?"
    rf"|pictures?|film)\b",
    r"(?:音乐|歌曲?|配乐|bgm).*(?:剪到|裁到|适应|匹配|适配|配合|和|跟|与).*(?:视频|画面|片子|影片).*(?:长度|时长|一样长|等长|同长|结束)",
    r"(?:音乐|歌曲?|配乐|bgm).*(?:剪到|裁到|裁剪到).*(?:视频|画面|片子|影片)",
)
NOT_FIT: Final = any_of(
    r"\b(?:mood|vibe|feel|pace|style|beats?|cuts|rhythm|tempo|sync\w*)\b", r"氛围|风格|节奏|节拍|剪辑点|卡点|情绪"
)
STOPS: Final = any_of(
    rf"\b(?:end|stop|finish|cut(?: off)?)\b (?:the |my |this )?(?:{MUSIC}|it)\b(?: off)? (?:at|after|before|until)\b",
    rf"\b{MUSIC} (?:only )?(?:un)?til\b|\b{MUSIC} (?:should |must |to |only )?(?:ends?|stops?|finish(?:es)?"
    rf"|plays? (?:un)?til)\b",
    r"(?:音乐|歌曲?|配乐|bgm)(?:在|到|播到|放到).*(?:结束|停|为止)",
)
LATER: Final = any_of(
    r"\b(?:start|begin|come|set|kick)\w*(?: in)? (?:a (?:bit|little) )?later\b", r"(?:晚|迟|往后)一?[点些]|推迟|延后"
)
EXTENDS: Final = any_of(
    rf"\b(?:extend|lengthen|prolong|stretch)\w* (?:the |my |this )?{MUSIC}\b|\bmake (?:the |my )?{MUSIC} longer\b",
    r"(?:延长|加长)(?:音乐|歌曲?|配乐)|(?:音乐|歌曲?|配乐)(?:延长|加长|长一?[点些])",
)
TRIMS: Final = any_of(
    rf"\b(?:trim|shorten|crop|cut) (?:the |my |this )?{MUSIC}\W*$",
    r"^\W*(?:剪短|裁剪|缩短|剪一下)(?:音乐|歌曲?|配乐)\W*$",
)
TIMES: Final = any_of(
    r"\b(twice|two times|2 times|three times|3 times|four times|4 times|once more|again)\b",
    r"([两二三四234])[遍次]|再(?:放|来|播)一[遍次]",
)
ENTERS: Final = any_of(
    rf"\b(?:let|have|make) (?:the |my )?{MUSIC} (?:start|begin)s?\b|\b{MUSIC} (?:should|must|to) (?:start"
    r"|begin)\b(?! (?:with|at the (?:drop|chorus)))",
    r"(?:让|使)(?:音乐|歌曲?|配乐|bgm).*(?:开始|进)",
    r"\b(?:come|comes|coming|kick|kicks|set|sets) in\b|\benters?\b|\bdelay\b|\b(?:in|of|into) the (?:video"
    r"|film|timeline)\b",
    r"(?:视频|画面)的?(?:第|从)|再进|才(?:开始|进|响|放|播)|延迟|进入|响起",
)
DELAY: Final = any_of(r"\bdelay\b", r"延迟")
ONLY_WHEN: Final = any_of(
    rf"\b(?:only (?:play|have|use) )?(?:the )?{MUSIC} (?:(?:should|must|to|can|may) )?(?:plays? |be "
    rf"|heard )*only\b|\bonly (?:play|have) (?:the )?{MUSIC}\b",
    r"音乐只(?:在|放)|只在.*(?:放|播|有)音乐",
)
STARTS: Final = any_of(
    r"\b(?:start|begin|starts|begins|starting|beginning|play|use|take|from|skip|jump|go)\b",
    r"从|开始|用|播放|跳到|跳过|取|截取|只[要留]",
)
BEGINS: Final = re.compile(r"\b(?:start|begin)(?:s|ing|ning)?\b|开始")
WHOLE: Final = any_of(rf"\b(?:whole|entire|full|complete) {MUSIC}\b", r"整首|全曲|完整的?(?:歌|音乐|曲)")
SKIPS: Final = any_of(r"\b(?:skip|cut|trim|remove|drop|without|lose)\b", r"跳过|去掉|剪掉|删|不要")
OF_SONG: Final = re.compile(
    rf"(?:of|from|in) (?:the |my |this )?{MUSIC}\b|(?:歌|音乐|曲子?|歌曲)的?(?:前|最后|开头|结尾|第|从)"
)
SHARE_OF_SONG: Final = re.compile(r"(?:前|最后)\s*[\d.]+\s*(?:秒钟?|分钟?)的?(?:这首|我的)?(?:歌|音乐|曲)")
BOTH: Final = re.compile(
    r"\b(?:both|all|two|three) (?:of )?(?:the |my )?(?:songs|tracks)\b|(?:两|几|所有的?)首?歌(?:都|一起)|两首歌"
)
INTRO: Final = re.compile(r"\bintro\b(?! (?:title|text|card))|前奏")
PARTS: Final[tuple[tuple[SongPart, re.Pattern[str]], ...]] = (
    ("drop", any_of(r"\b(?:beat )?drops?\b(?! (?:the|my|it|out))", r"高潮|爆点|drop")),
    (
        "chorus",
        any_of(
            r"\b(?:chorus|hook|refrain|climax|(?:loudest|best|strongest|most (?:intense|energetic)"
            r"|catchiest) (?:part|bit|section))\b",
            r"副歌|最(?:燃|嗨|响|强|精彩|好听)的?(?:部分|地方|一?段)?",
        ),
    ),
    (
        "intro",
        any_of(r"\b(?:intro|very (?:start|beginning))\b|\bfrom the (?:start|beginning|top)\b", r"前奏|从头|开头"),
    ),
    ("end", any_of(r"\b(?:outro|last part|ending)\b", r"尾奏|结尾|最后一?部分")),
)
