"""Wishes that cannot be met, each with what can be had instead."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.model import Language
from nemo_notebook.film.phrasing import say

_UNABLE: Final = (
    (
        r"\b(?:auto(?:matic)?(?:ally)? )?(?:subtitles?|closed captions?|transcri\w+|karaoke|lyrics?)\b|歌词"
        r"|自动(?:生成|加|配|识别)?字幕|生成字幕|识别(?:字幕|语音)|语音转文字",
        'I cannot write subtitles or lyrics from the sound. I can place words that you give me, e.g. add a caption "…" '
        "from 0:05 to 0:08.",
        "我不能自动识别字幕或歌词，但可以放上你给的文字，例如“在0:05到0:08加字幕‘……’”。",
    ),
    (
        r"\bvoice ?-?overs?\b|\bnarrat\w+|\btext[- ]to[- ]speech\b|\btts\b|\bsing(?:er|ing|s)?\b|\bread (?:it"
        r"|this) (?:out|aloud)"
        r"|\b(?:my|a|an?y?) (?:ai )?voice\b|配音|旁白|朗读|唱歌|演唱|人声(?!小|大|去|分|消|删)",
        "I cannot speak or sing. I can compose instrumental music, or use a recording that you upload.",
        "我不能配音或演唱，可以创作纯音乐，或使用你上传的录音。",
    ),
    (
        r"\b(?:sound effects?|sfx|laugh track|(?:rain|wind|ocean|sea|bird|crowd|thunder|applause|nature|city"
        r"|animal)\w* "
        r"(?:sounds?|noises?)|(?:drum|guitar|piano|bass|sax\w*|violin) solos?)\b|音效|雨声|掌声|鸟[叫鸣]声?"
        r"|海浪声|笑声",
        "I have no single sounds and no solos. I can compose background music, or use a recording that you upload.",
        "没有单独的音效或独奏，但我可以创作背景音乐，或使用你上传的录音。",
    ),
    (
        r"\b(?:more|less|no|without(?: the)?|remove the|take out the|louder|quieter) (?:bass|drums?|guitars?"
        r"|pianos?|strings"
        r"|synths?|percussion|kick|snare|hi-?hats?)\b|(?:不要|去掉|加强|多点|少点)(?:鼓|贝斯|低音|吉他|钢琴)",
        "I compose by mood and do not mix single instruments. Another mood has other ones: say "
        '"change the music to jazz music" or "something calmer".',
        "我按情绪作曲，不能单独调整乐器。换一种情绪会有别的乐器，例如“把音乐换成爵士音乐”或“舒缓一点的音乐”。",
    ),
    (
        r"\b\d{2,3} ?fps\b|\bframes? (?:per|a) second\b|\bframe ?rate\b|帧率|\d+ ?帧",
        'A film has 30 frames a second. Its size can be changed, for example "make it 4k".',
        "视频固定为每秒30帧。尺寸可以改，例如“改成4k”。",
    ),
    (
        r"\b(?:two|three|four|several|multiple|separate|different) (?:versions|videos|films|movies)\b"
        r"|[两三几]个(?:视频|版本)",
        "I work on one video at a time. Export this one, then change it and export it again.",
        "我一次只编辑一个视频。可以先导出这个，再修改后另外导出。",
    ),
    (
        r"\b(?:remove|isolate|extract|separate)\b.*\b(?:vocals?|stems?|drums|instruments?)\b|\bvocals?\b"
        r"|\bautotune\b|\bauto-tune\b"
        r"|\b(?:noise|echo|reverb|pitch|bass boost|equali[sz]e)\b|(?:去掉?|消除|分离)人声|人声(?:分离|去掉|消除"
        r"|删掉?)|降噪|混响|变调|升调|降调",
        "I cannot take a recording apart or change its sound. I can change its volume and fades, where it sta"
        "rts, and duck it "
        "under voices.",
        "我不能分离或处理录音的音色，但可以调整音量、淡入淡出、起点，并在人声处压低音乐。",
    ),
    (
        r"\brevers(?:e|ed|ing) (?:playback|it|(?:the |my )?(?:\w+ )?(?:video|clip\d*|shot|footage))\b"
        r"|\bplay\w* .*\bbackwards?\b"
        r"|\bin reverse\b|\brewind\b|\bbackwards\b|倒放|[倒反]着[播放]|反向播放",
        "I cannot play a clip backwards. I can change the speed or the order: you could say "
        '"play the first clip at half speed" or "reverse the order of the shots".',
        "我不能倒放，但可以变速或调换顺序，例如“第一个片段慢放一半”或“把镜头顺序倒过来”。",
    ),
    (
        r"\bface\b|\bswap (?:my|the|his|her) (?:face|head)|\bdeep ?fake\b|\b(?:remove|replace|change"
        r"|cut out) (?:the |my )?background\b"
        r"(?! (?:music|track|song|sound|audio))|\bgreen ?screen\b|\bchroma\b|\bobject removal\b|换脸|抠图"
        r"|绿幕|去(?:掉|除)?背景(?!音)|[换改删](?:个|掉|一下)?背景(?!音)|背景(?!音)\S{0,2}(?:去掉|去除|换[成掉]|删掉?)"
        r"|抠(?:出|人|像)|美颜|瘦脸",
        "I cannot cut out or change faces, people and backgrounds. I can show the whole picture with looks su"
        "ch as cinematic or "
        "black and white.",
        "我不能抠图、换脸或换背景，但可以给整个画面加电影感、黑白等滤镜。",
    ),
    (
        r"\bstabili[sz]\w*|\bshak(?:y|e|ing)\b|\bsharpen\w*|\bupscal\w+|\bdenois\w+|\bunblur\b"
        r"|\bfix (?:the )?focus\b|防抖|抖动|太抖|抖得|稳定画面|锐化|超分|去噪",
        "I cannot steady or sharpen footage. I can choose other stretches, slow it down, or change brightness"
        " and contrast.",
        "我不能防抖或锐化，但可以换用其他片段、放慢，或调整亮度和对比度。",
    ),
    (
        r"\bpicture[- ]in[- ]picture\b|\bpip\b|\bsplit ?-?screen\b|\bside by side\b|\bcollage\b|\bgrid\b"
        r"|\boverlays?\b(?=.*\b(?:clip|video|photo|image)\b)"
        r"|画中画|分屏|拼图|并排|宫格",
        "I show one picture at a time: no split screen, no picture in picture. I can cut or dissolve between them.",
        "我一次只显示一个画面，不支持画中画或分屏，但可以在它们之间切换或叠化。",
    ),
    (
        r"\bstickers?\b|\blogos?\b|\bwatermarks?\b|\bgifs?\b|\bemojis?\b|\b(?:frames?|borders?) (?:a?round|on)\b"
        r"|\barrows?\b|贴纸"
        r"|水印|标志|表情包|边框装饰",
        'I cannot lay pictures over the video. I can add words, emoji among them, e.g. add a title "🎉" at the top.',
        "我不能叠加贴纸、水印或图片，但可以加文字（包括表情符号），例如“在顶部加标题‘🎉’”。",
    ),
    (
        r"\b(?:glitch\w*|vhs|grain|light leaks?|lens flares?|particles?|snow|rain|fire effect|3d|hologram"
        r"|pixelat\w+|mosaic|fisheye|vignette"
        r"|bokeh|blur(?:red|ry)?|special effects?|effects?|vfx|shake effect)\b|特效|故障|颗粒|马赛克|漏光"
        r"|粒子|虚化|模糊",
        "I have no such effect. There are looks (cinematic, vintage, dreamy, noir, black and white …), transi"
        "tions and white flashes "
        "on the cuts.",
        "没有这种特效，但有滤镜（电影感、复古、梦幻、黑白……）、转场和闪白。",
    ),
    (
        r"\b(?:rotat\w+|flip(?:ped)?|mirror\w*|tilt|straighten)\b|\bzoom\w*\b|\bpan\b|\bken burns\b|旋转|翻转"
        r"|镜像|缩放|放大画面|推近",
        "I cannot turn, mirror or zoom into pictures. I can change the format and how they fill it, for example "
        '"make it vertical and crop to fill".',
        "我不能旋转、镜像或放大画面，但可以改画幅和填充方式，例如“改成竖屏并裁剪填满”。",
    ),
    (
        r"\bfonts?\b|\btypeface\b|\bitalics?\b|\bunderlin\w+|\bcomic sans\b|\bhelvetica\b|字体|斜体|下划线"
        r"|楷体|宋体|黑体",
        "There is one typeface. I can change a title's size, colour, place, style (box, outline) and animation.",
        "目前只有一种字体，但可以改标题的大小、颜色、位置、样式（底框、描边）和动画。",
    ),
    (
        r"\b(?:upload|publish|post|share|send|tweet)\b.*\b(?:youtube|tiktok|instagram|facebook|twitter|online"
        r"|web|e-?mail|friends?|it)\b|上传到|发布到|分享到|发给",
        "I cannot publish anything. Export the film, then upload the file yourself; I can bring it into the right "
        'format, for example "make it vertical for TikTok".',
        "我不能代你发布。请先导出文件再自行上传；我可以改成合适的画幅，例如“改成适合抖音的竖屏”。",
    ),
    (
        r"\b(?:download|find|search|get|fetch|look up|use)\b.*\b(?:from (?:the )?(?:internet|web|youtube"
        r"|spotify)|online|stock|copyright\w*)\b|\b(?:song|track|music|hit) by (?!me\b|my\b|the\b)[a-z]+"
        r"|\bspotify (?:song|track|playlist)|网上|下载(?:一?首|歌|音乐)|找一?(?:首|段|张|些)|搜索?",
        "I cannot fetch anything from the net. Upload your own files, or let me compose music.",
        "我不能从网上获取素材。请上传自己的文件，或让我创作音乐。",
    ),
    (
        r"\bnormali[sz]\w*|\bcompress(?:or|ion)?\b|响度|标准化",
        "I have no such tool for sound: the film is brought to an even loudness on export. I can set volumes.",
        "没有这个处理功能：导出时会自动统一响度；我可以调整音量。",
    ),
    (
        r"\bspeed ramp\w*|\bramp\w* (?:up |down )?(?:the )?speed\b|变速曲线|曲线变速",
        'I cannot ramp the speed within a shot. I can set it for a stretch, for example "play 0:08 to 0:10 at half '
        'speed".',
        "我不能做曲线变速，但可以让某一段变速，例如“0:08到0:10半速播放”。",
    ),
    (
        r"\bredo\b|重做",
        'I can redo what was undone: say just "redo". For another result, say what is to change.',
        "可以重做刚撤销的修改：直接说“重做”。想要别的效果，请说要改什么。",
    ),
    (
        r"\b(?:generat\w*|creat\w*|draw\w*|paint|imagine|animate|make|show|film|shoot"
        r"|render)\b.*\b(?:pictures?|images?|photos?|drawings?|paintings?|illustrations?"
        r"|art(?:work)?|avatars?|characters?|cartoons?|anime|ai (?:video|image|footage)|footage|clips?"
        r"|scenes?)\b|\bai[- ]generated\b|\btext[- ]to[- ](?:video|image)\b"
        r"|(?:生成|画|绘制|创作|做)(?:一?[张幅个只条段])|(?:生成|画)(?:\S{0,8})(?:图|画面|照片|动画|插画"
        r"|角色)|文生(?:图|视频)",
        "I cannot invent pictures or footage. I can work with the clips and photos that you upload, or draw a vis"
        "ualizer from the sound.",
        "我不能凭空生成图片或视频画面，只能使用你上传的视频和照片，或随声音绘制可视化。",
    ),
)
_TABLE: Final = tuple((re.compile(pattern), (en, zh)) for pattern, en, zh in _UNABLE)
_ADDS_THING: Final = re.compile(
    r"^\W*(?:please |can you |could you )*(?:add|insert|put in|include|draw|give me)\s+(?:an?|some|more|two"
    r"|three|\d)\s+(?P<thing>[a-z][a-z '-]{2,40})"
    r"|^\W*(?:请|帮我)?(?:加|添加|放|来)(?:一?[只个条头位匹辆些])(?P<zh>[\u4e00-\u9fff]{1,8})"
)
_INVENTED: Final = _TABLE[-1][1]


def unable_told(clause: Clause, language: Language) -> str | None:
    """What to say to a wish that cannot be met, or None."""
    told = next((told for pattern, told in _TABLE if clause.has(pattern)), None)
    return say(language, *told) if told is not None else None


def invention_told(clause: Clause, language: Language) -> str | None:
    """What to say to `add a dancing cat`: a thing that is nowhere among the words of the trade."""
    return say(language, *_INVENTED) if clause.has(_ADDS_THING) and not clause.quotes else None
