"""The words that the grammar knows, in English and Chinese. Clauses are lower case; quoted words are not in them."""

from __future__ import annotations

import re
from typing import Final


def words(*alternatives: str) -> re.Pattern[str]:
    """One pattern of several."""
    return re.compile("|".join(alternatives))


MAKE: Final = words(
    r"\b(?:mak(?:e|ing)|creat(?:e|ing)|generat(?:e|ing)|produc(?:e|ing)"
    r"|build(?:ing)?|assemble|compos(?:e|ing)|edit|turn|put together"
    r"|cut together|convert|render|want|need|give me|do|try|start|show me)\b",
    r"做|制作|生成|创建|创作|剪(?!掉|短|切掉)|合成|拼|弄|出一|来一?[个段支首]|想要|输出|转",
)
USE: Final = words(
    r"\b(?:use|take|lay|load|put|join|combine|merge|stitch|concatenate|import)\b", r"用|使用|放|拼接|合并|连起来|导入"
)
ADD: Final = words(
    r"\b(?:add(?:ing)?|put|insert|place|lay|include|give|overlay|apply"
    r"|set|show|display|write|want|needs?|get|use|turn on|enable)\b",
    r"加|添|放|配|插入|显示|写|来一?[个段首]|用|开启|打开",
)
COMPOSE: Final = words(
    r"\b(?:creat|generat|compos|mak|produc|writ)(?:e|ing)\b", r"创作|生成|作曲|做|制作|写|来一?[首段]"
)
REMOVE: Final = words(
    r"\b(?:remov(?:e|ing)|delet(?:e|ing)|(?<!the )(?<!beat )(?<!a )drop|get rid of|take (?:out"
    r"|off|away)|erase|(?<!is )(?<!be )(?<!are )clear|lose|kill|hide|turn off|disable|without"
    r"|no(?! sound))\b",
    r"\b(?:titles?|captions?|texts?) off\W*$",
    r"\btake\b.*\b(?:out|off|away)\b",
    r"删|去掉|去除|移除|不要|拿掉|清除|取消|关掉|关闭",
)
CHANGE: Final = words(
    r"\b(?:change|replace|rename|switch|swap|edit|update|make|turn|correct|fix|instead)\b",
    r"改|换|替换|更换|变成|修改|更新",
)

NOUN: Final = re.compile(
    r"(?P<cuts>\bcuts\b|\bshots\b|\bcutting\b|镜头)"
    r"|(?P<visual>visuali[sz](?:er|ation)s?|equali[sz]er|audio bars|spectrum|waveforms?|可视化|频谱|波形)"
    r"|(?P<clips>\bvideo clips?\b|\bmontage clips?\b|\bclips?\b|\bfootage\b"
    r"|\bvideo files?\b|\bvisuals\b|素材|片段|视频片段)"
    r"|(?P<film>\b(?:music[- ]driven |music[- ]backed |music |lyric )?videos?\b"
    r"|\bmovies?\b|\bfilms?\b|\bmontages?\b|\bslide ?shows?\b|(?<=\ba )(?:reel"
    r"|short|tiktok)\b|\bmvs?\b"
    r"|\bvlogs?\b|\bmp4\b|\brough cut\b|音乐(?:视频|短片|影片|片|mv)|视频"
    r"|短片|影片|电影|幻灯片|相册|混剪|片子|\bvlog|mv|卡点|音乐片)"
    r"|(?P<title>\btitles?\b|\bcaptions?\b|\bheadings?\b|\bheadline\b"
    r"|\btext\b|\bwords\b|\blabel\b|标题|文字|字幕|片名|题目)"
    r"|(?P<music>\bbackground (?:music|tracks?|songs?|audio|score|sounds?)\b"
    r"|\bsoundtracks?\b|\bbgm\b|\b(?:lo-?fi|chill|trap|hip[- ]?hop|some) beats\b"
    r"|\bmusic(?! visuali)(?: tracks?)?\b|\bscore\b|\btunes?\b"
    r"|\bbeats? track\b"
    r"|背景音乐|背景乐|配乐|音乐(?!可视化)|bgm|(?:钢琴|吉他|小提琴|轻)(?:曲|音乐))"
    r"|(?P<song>\bsongs?\b|\btracks?\b|\bmp3s?\b|\bwavs?\b|\baudio(?: files?)?\b|歌曲?|曲子?|音频|乐曲)"
    r"|(?P<images>\bphotos?\b|\bpictures?\b|\bimages?\b|\bpics?\b|照片|图片|相片|图)"
)

FILM: Final = words(r"\b(?:videos?|films?|movies?|slide ?shows?|montages?|mvs?)\b", r"视频|影片|短片|幻灯片|mv")
TITLE: Final = words(
    r"\b(?:titles?|captions?|headings?|headline|text|words|label|lettering|(?<!many )(?<!my )credits?|sub-?title"
    r"|lower[- ]?thirds?|name ?tag)\b",
    r"标题|文字|字幕|片名|题目|文案|下三分之一|人名条|名字条",
)
OF_SONG: Final = re.compile(  # what a title may say by itself
    r"\b(?:name|title)s? (?:and (?:the )?artist )?of (?:the|my|this) (?:song|track|music|video)"
    r"|\b(?:song|track|video|artist)(?:'s)? (?:name|title)s?\b|\b(?:the|my|song'?s?|its|and"
    r"|&) artist\b(?!'s? song)|\bartist(?:'s)? name\b|\bfile ?name\b"
    r"|歌名|歌曲名|曲名|歌曲?的?(?:名字|标题|名称)|歌手|艺术家|艺人|文件名"
)
LOWER_THIRD: Final = words(r"\blower[- ]?thirds?\b|\bname ?(?:tag|plate)s?\b", r"下三分之一|人名条|名字条|姓名条")
CAPTION: Final = words(r"\b(?:captions?|sub-?titles?|lyrics?)\b", r"字幕|歌词|说明文字|副标题|小标题")
MUSIC: Final = words(
    r"\b(?:background (?:music|tracks?|songs?|audio|score|sounds?)|soundtracks?"
    r"|bgm|music(?! (?:video|driven|visuali))(?: tracks?)?|score|tunes?)\b",
    r"背景音乐|背景乐|配乐|音乐(?!视频|片|短片|影片|mv|可视化)|bgm|(?:钢琴|吉他|小提琴)曲",
)
SONG: Final = words(r"\b(?:songs?|tracks?|mp3s?|wavs?|audio(?: files?)?)\b", r"(?<!副)歌|曲|音频")
OWN_SOUND: Final = words(
    r"\b(?:clips?|videos?|original|camera|footage)(?:'s?|s')?(?: own)? (?:sounds?|audio|volume|noise|voice)\b",
    r"\b(?:mute|unmute|silence|lower|raise) (?:the |my |all )?(?:clips?|videos?|footage|original)\b",
    r"\b(?:sounds?|audio) (?:of|from|in) (?:the |my )?(?:clip\w*|videos?|footage)\b",
    r"\b(?:sound|audio|volume|noise) (?:of|from|in) (?:the |my |both |all |of |these )*(?:clips?|videos?|footage)\b",
    r"\b(?:speech(?:es)?|voices?|talking|speakers?|dialogu?es?|vocals?|narration|interview(?:er)?s?)\b"
    r"(?![- ]?overs?\b)",
    r"原声|素材的?声音|视频的?(?:声音|音量)|片段的?(?:声音|音量)|现场声|人声|说话声?|讲话声?|对白|台词",
)
EVERYTHING: Final = words(
    r"\b(?:everything|all sounds?|all audio|whole (?:mix|video)|overall|master)\b", r"全部|所有|整体|总音量"
)
VOLUME: Final = words(
    r"\b(?:volume|loud(?:er|ness)?|quiet(?:er)?|softer|mute[ds]?|unmute|silence|silent|db|halve)\b",
    r"\b(?:turn|bring)\b.*\b(?:up|down)\b|\b(?:music|song|sound|voices?|speech|dialogue) (?:up|down)\b",
    r"音量|大声|小声|响|静音|消音|原声|恢复声音|太吵|压低|(?:声音|音乐|人声|说话声?|讲话声?|对白|台词)(?:再|调|稍微|有点|太)*(?:大|小|轻|低|高)",
)
LEVEL_WORDS: Final = words(r"\b(?:lower|raise|reduce|increase|decrease|boost|set)\b", r"降低|提高|调|减")
FADE: Final = words(
    r"\bfad(?:e|es|ed|ing)\b|\bfade[- ](?:in|out)\b",
    r"淡入|淡出|渐弱|渐强|渐入|渐出|淡化|(?:渐渐|慢慢|逐渐)(?:消失|变小|变弱|停)",
)
FADE_IN: Final = words(
    r"\bfad(?:e|es|ed|ing)(?: (?!out\b|away\b)\S+){0,3}[ -]in\b(?! and out of| the (?:end|last|final))",
    r"\bfade[- ]in\b",
    r"淡入|渐强|渐入",
)
FADE_OUT: Final = words(
    r"\bfad(?:e|es|ed|ing)(?: \S+){0,5}[ -](?:out|away)\b",
    r"\bfade[- ](?:in and )?out\b",
    r"淡出|渐弱|渐出|(?:渐渐|慢慢|逐渐)(?:消失|变小|变弱|停)",
)
FADE_OF_PICTURE: Final = words(
    r"\bfad\w+ (?:\w+ ){0,3}(?:to|from|through) (?:black|white)\b|\b(?:pictures?|video|image|screen|visuals?"
    r"|clips?|photos?) fad"
    r"|\bfad\w+ (?:in |out |away )?(?:the |my )?(?:picture|video|film|movie|image|screen|visuals?|whole)s?\b"
    r"|\bcross[- ]fad|\bfad\w+ (?:\w+ ){0,3}(?:between|into (?:each|one|the next))|\btransitions?\b",
    r"黑场|画面淡|视频淡|影片淡|转场|叠化|(?:画面|视频|影片)(?:\S{0,6})(?:淡入|淡出)|从黑|[到至成变]黑",
)
TRIM: Final = words(
    r"\b(?:trim|cut|crop|shorten|remove|delete|drop|skip|chop|clip|take (?:off|out|away)|get rid of|erase|shave|lop"
    r"|throw (?:out|away)|leave (?:out|only)|keep|limit|lose)\b",
    r"剪|裁|删|去掉|缩短|截|保留|只[要留]|留下|不要|跳过|砍|扔掉",
)
KEEP: Final = words(
    r"\b(?:keep|only the|just the|leave only|only (?:need|want|use|show|leave|seconds))\b",
    r"保留|只要|只留|截取|留下|留着|只取|只剩",
)
SHORTEN: Final = words(
    r"\b(?:shorten|trim|cut|limit|reduce|crop)\b(?: \S+){0,4} (?:down )?to\b",
    r"\bmake (?:it|the video|this|that)\b",
    r"\blong\b",
    r"缩短|剪到|剪成|剪短到|控制在|限制|截到|变成|改成|做成",
)

BEAT: Final = words(
    r"\bbeat(?:s|[- ]?sync\w*)?\b|\bon the (?:bar|rhythm)\b|\bto the (?:music"
    r"|rhythm|song|tempo|bar)\b|\brhythm\b|\bsync(?:ed|s|ing|hroni[sz]e[ds]?)?\b",
    r"卡点|对拍|节拍|踩点|节奏|拍子|同步|对齐",
)
CUTS: Final = words(
    r"\b(?:cuts?|cutting|edit|shots?|transitions?|visuals?|clips?|pictures?|video)\b", r"剪|镜头|画面|切"
)
SYNC: Final = words(r"\b(?:sync\w*|match\w*|align\w*|fit\w*|follow\w*)\b", r"同步|对齐|匹配|配合|贴合|卡点")
TO_CUTS: Final = words(
    r"\b(?:sync|match|align|fit|follow)\w*\b.*\b(?:cuts?|pace|edits?|visuals|shots|beats?|video)\b",
    r"\bon (?:the )?(?:beat|cuts?)\b",
    r"(?:对齐|同步|匹配|配合|贴合|符合).*(?:剪辑|画面|节奏|镜头|视频)|卡点",
)
ANOTHER_CUT: Final = words(
    r"\b(?:shuffle|(?:another|different|new|other) (?:cut|version|edit"
    r"|order|shots)|cut (?:it )?(?:again|differently)|re-?cut|reshuffle|re-?do the (?:cuts?|edit))\b",
    r"(?:换|另外?|再来)(?:一?个|一?种)(?:剪法|版本|顺序)|重新剪|再剪一|打乱|随机",
)

SLIDESHOW: Final = words(r"\bslide ?shows?\b|\bphoto album\b", r"幻灯片|相册|轮播")
NO_SONG: Final = words(
    r"\b(?:without|no) (?:any )?(?:music|song|soundtrack)\b|\b(?:keep"
    r"|with) (?:the |its |their )?(?:original|own) (?:sound|audio)\b",
    r"不要音乐|无音乐|不加音乐|不配乐|(?:保留|用)原声",
)
INTO_FILM: Final = words(
    r"\b(?:in)?to (?:an? |the )?(?:\S+ ){0,3}(?:mp4|videos?|movie|film|reel|slideshow|short)\b",
    r"(?:做|变|转|转换|合|剪|制作|生成)成.*(?:视频|影片|短片|mv|mp4|幻灯片|vlog|混剪)",
)
MUSIC_FILM: Final = words(
    r"\bmusic[- ](?:driven |backed )?videos?\b|\bmvs?\b|\blyric video", r"音乐(?:视频|短片|影片)|mv|卡点"
)

VISUAL: Final = words(
    r"\b(?:visuali[sz](?:e|er|ation)s?|equali[sz]er|eq bars|audio bars"
    r"|(?<!black )(?<!blurred )(?<!blurry )(?<!side )(?<!\d )(?<!two )(?<!four )(?<!few )bars"
    r"|spectrum|spectrogram|wave ?forms?|sound ?waves?|oscilloscope|audiogram)\b",
    r"可视化|频谱|波形|声波|音浪|律动条|声谱|示波",
)
STYLES: Final = {
    "circular": words(r"\b(?:circular|circles?|rings?|radial|round)\b", r"环形|圆形|圆环|圆圈|圆的"),
    "line": words(r"\b(?:line|oscilloscope|curve)\b", r"线条|线形|线性|曲线|示波"),
    "waveform": words(r"\bwave ?forms?\b|\bwaves?\b|\bsound ?waves?\b|\baudiogram\b", r"波形|声波|音浪|波浪"),
    "bars": words(r"\b(?<!black )(?:bars?|equali[sz]er|eq)\b", r"频谱条|频谱柱|柱|条形|律动条|频谱(?!图)"),
    "spectrum": words(r"\bspectrum\b|\bspectrogram\b", r"频谱图|声谱"),
}

PLATFORMS: Final = (
    (words(r"\btik ?toks?\b"), "9:16", "TikTok"),
    (words(r"抖音|\bdouyin\b"), "9:16", "抖音"),
    (words(r"快手|\bkuaishou\b"), "9:16", "快手"),
    (words(r"\b(?:youtube|yt) shorts?\b|\bshorts\b"), "9:16", "YouTube Shorts"),
    (
        words(r"\b(?:instagram |ig |insta |facebook |fb )?(?:reels?|stor(?:y|ies))\b(?! (?:of|about|behind|line))"),
        "9:16",
        "Reels",
    ),
    (words(r"\bsnap ?chat\b"), "9:16", "Snapchat"),
    (words(r"\bwhats ?app status\b"), "9:16", "WhatsApp"),
    (words(r"小红书|小紅書|\bxiaohongshu\b|\brednote\b"), "3:4", "小红书"),
    (words(r"视频号|視頻號|朋友圈"), "9:16", "视频号"),
    (words(r"\b(?:instagram|ig|insta)\b(?=.*\bsquare\b)"), "1:1", "Instagram"),
    (words(r"\b(?:instagram|ig|insta)\b"), "4:5", "Instagram"),
    (words(r"\bpinterest\b"), "2:3", "Pinterest"),
    (words(r"\blinked ?in\b"), "1:1", "LinkedIn"),
    (words(r"\b(?:facebook|fb)\b"), "1:1", "Facebook"),
    (words(r"\btwitter\b|\bfor x\b(?! seconds)"), "16:9", "X"),
    (words(r"\b(?:youtube|vimeo|twitch)\b|油管"), "16:9", "YouTube"),
    (words(r"b站|哔哩|\bbilibili\b|西瓜视频"), "16:9", "B站"),
    (words(r"微博|\bweibo\b"), "16:9", "微博"),
)
SHAPES: Final = (
    (
        words(
            r"\b(?:vertical(?:ly)?|portrait|upright"
            r"|(?:for|fit(?: on)?) (?:my |a |the )?(?:phone|mobile)s?(?: screens?)?)\b",
            r"竖屏|竖版|竖着|纵向|竖的|手机屏|豎屏|直式|直屏",
        ),
        "9:16",
    ),
    (words(r"\b(?:square)\b", r"方形|正方|方的|方版"), "1:1"),
    (
        words(r"\b(?:landscape|horizontal(?:ly)?|widescreen|wide screen)\b", r"横屏|横版|横着|宽屏|横的|橫屏|横向"),
        "16:9",
    ),
    (words(r"\bcinema ?scope\b|\bultra ?-?wide\b|\banamorphic\b", r"电影画幅|宽银幕|超宽"), "21:9"),
)
RATIO: Final = re.compile(
    r"(?<![\d:.])(16|9|1|4|3|2|5|21)\s*(?::|x|by|比|/)\s*(16|9|1|5|3|4|2)(?![\d:.]|\s*(?:s\b|sec|秒|times))"
)
RESOLUTIONS: Final = (
    (words(r"(?<![a-z\d])(?:4k|2160p?|uhd|ultra hd)\b"), 2160),
    (words(r"(?<![a-z\d])(?:1440p?|2k|qhd)\b"), 1440),
    (words(r"(?<![a-z\d])(?:1080p?|full ?hd|fhd|hd)\b", r"高清"), 1080),
    (words(r"(?<![a-z\d])720p?\b"), 720),
    (words(r"(?<![a-z\d])(?:480p?|sd)\b", r"标清"), 480),
)
