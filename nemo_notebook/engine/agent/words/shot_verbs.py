"""What can be asked for shots, as patterns in English and Chinese. Texts are lower case, their numbers digits."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.words.values import COUNTS, TIME

OTHER_THING: Final = re.compile(
    r"\b(?:titles?|captions?|text|headings?|subtitles?|transitions?|cross ?-?fad\w+|fad(?:e|es|ing)"
    r"|dissolves?|filters?|volume|mute[ds]?|unmute"
    r"|sound|audio|silent|louder|quieter|visuali\w+|black and white|sepia|gr[ae]yscale|colou?rs?"
    r"|saturat\w+|brighter|darker|contrast"
    r"|lyrics|logo|watermark|zoom|blur\w*|duck\w*|vertical|square|blurred|voice|spotify|canvas)\b"
    r"|标题|文字|字幕|转场|叠化|淡[入出]|滤镜|音量|静音|声音|原声|可视化|频谱|黑白|亮度|饱和|对比|水印"
    r"|竖屏|横屏|模糊|配音"
)
REMOVE: Final = re.compile(
    r"\b(?:remov(?:e|ing)|delet(?:e|ing)|drop|get rid of|take (?:out|off|away)|cut out|throw (?:out|away)"
    r"|erase|discard|skip|leave out|lose|exclude|without"
    r"|don'?t (?:use|show|want|include)|do not (?:use|show|include)|omit|no)\b|删除?掉?|去掉|去除|移除"
    r"|剪掉|拿掉|不要|丢掉|舍弃|跳过|别用|不用"
)
EQUAL_PARTS: Final = re.compile(
    r"\binto (\d{1,2}) (?:equal |even |same )?(?:parts|pieces|segments|sections|clips|shots)\b"
    r"|(?:分|切|剪)成(\d{1,2}|[两二三四五六七八九十])[段份]"
)
CUTS_OUT: Final = re.compile(
    r"\b(?:trim|cut|crop)\b.*\b(?:away|out)\b"
    r"|\b(?:trim|cut|crop) (?:the|that|this|a) (?:part|section|bit|piece|stretch)\b"
)
TAKE_OUT: Final = re.compile(r"\b(?:take|cut|leave|throw|kick)\b(.{1,60}?)\b(?:out|away|off)\b")
KEEP: Final = re.compile(
    r"\b(?:keep|leave|use|show)(?: only| just)?\b|\b(?:only|just) (?:keep|use|show)\b|取|只(?:保留|留|要|用"
    r"|放)|保留|仅用|only|just"
)
GOES: Final = re.compile(
    r"\b(?:trim|cut|remove|chop|shave|crop|delete|drop|skip|lose|erase|without|get rid|off|out|away)\b"
    r"|剪掉|去掉|删|不要|裁|砍|跳过"
)
# Right before or after a name: which stretch of it is meant.
PART_OF: Final = re.compile(rf"\b(?:first|last|opening|final|to|and|through|-) {TIME} (?:of|from)\s+(?:the )?$")
PART_BEHIND: Final = re.compile(
    rf"(?:\W*(?:take|use|keep|to|from|between|only|just|seconds?|the|[取用要留只保从的第]))*\W*(?:(?:first|last|[前后]|最后)\s*{TIME}"
    rf"|(?:from |between )?(?:{TIME}|\d+(?:\.\d+)?)\s*(?:to|-|–|~|and|到|至)\s*(?:{TIME}|\d+))"
)
BARE_RANGE: Final = re.compile(r"(?<![\w:.])(\d{1,4}(?:\.\d)?)\s*(?:to|-|–|~|and|到|至)\s*(\d{1,4}(?:\.\d)?)(?![\w:.])")
BARE_PART: Final = re.compile(r"\b(first |last |final )(\d{1,3})( (?:of|from)\s+(?:the )?$)")
REMOVES_ONE: Final = re.compile(
    r"\b(?:remove|delete|drop|get rid of|cut out)\s+(?:the|that|this|a|one)\s+(?:clip|shot|photo|picture"
    r"|image|scene)\W*$"
    r"|(?:删除?掉?|去掉)(?:那|这|一)?[个张段](?:片段|镜头|照片|图片)\W*$"
)
ALL_BUT: Final = re.compile(
    r"\b(?:remove|delete|drop|cut|lose)\b.*\b(?:everything|all|all the \w+|the rest"
    r"|others)\b.*\b(?:except(?: for)?|but|other than)\s+(?:the )?$"
    r"|(?<![删去移])除了?\s*$"
)
ONLY: Final = re.compile(r"\bonly\b|\bjust\b|只")
BETWEEN: Final = re.compile(
    r"\s*(?:out|away|off|only|just|using|showing)?\s*(?:the|my|that|this|of|all|use|show|both|those|these"
    r"|了|掉|用)?\s*$"
)
LINKS: Final = re.compile(r"\band\b|,|，|、|和|;")
OWNS: Final = re.compile(r"\s*(?:'s?\b|s'|的(?!时候))")
SWAP: Final = re.compile(
    r"\bswap\b|\bexchange\b|\bswitch(?: around)?\b|\btrade places\b|\bswitch (?:the )?(?:order|places"
    r"|positions)\b|调换|交换|对调|互换|换位|换(?:一下|个|下)(?:位置|顺序|次序)"
)
MOVE: Final = re.compile(
    r"\b(?:move|put|place|bring|shift|send|position|insert|add|append|show|play|use|have|make|include|like|want)\b|移"
    r"|放|挪|排|插|加|搬|调"
)
TO_START: Final = re.compile(
    r"\b(?:to|at|in|on|into) the (?:very )?(?:front|start|beginning|top|head|first (?:position|place))\b"
    r"|\bfirst\W*$|\bbe (?:the )?first\b|\bfirst(?= in| of all|,)"
    r"|\bup front\b|\bas the (?:first|opening)\b|最前|最先|先(?:出现|出|播|放)|开头|最开始|第一(?:个|位)?$"
    r"|首位|片头|前面$|打头"
)
TO_END: Final = re.compile(
    r"\b(?:to|at|in) the (?:very )?(?:end|back|last (?:position|place)|ending)\b|\blast\W*$"
    r"|\bas the (?:last|final|closing)\b|\bbe (?:the )?last\b"
    r"|最后(?!一)|结尾|末尾|片尾|后面$|最末"
)
STARTS_WITH: Final = re.compile(
    r"\b(?:start|begin|open|kick off)(?:s|ning|ing)?\s+(?:the \w+ |it )?(?:off )?with\b|先(?:放|用|播|是|来)"
    r"|以.*开(?:头|场|始)|从.*开始"
)
ENDS_WITH: Final = re.compile(
    r"\b(?:end|finish|close)(?:s|ing)?\s+(?:the \w+ |it )?(?:off )?with\b|最后(?:放|用|播|是)|以.*(?:结尾|结束|收尾)"
)
AFTER: Final = re.compile(r"\s*\b(?:right |directly )?(?:after|behind|following)\b\s*(?:the|my)?\s*$")
BEFORE: Final = re.compile(r"\s*\b(?:right |directly )?(?:before|in front of|ahead of)\b\s*(?:the|my)?\s*$")
ZH_BESIDE: Final = re.compile(r"\s*的?(?:之?后面?|之?前面?|后边|前边)")
BECOMES: Final = re.compile(
    r"\s*(?:should |to )?(?:be|as|become|into|is)?\s*(?:the)?\s*|\s*(?:作为|当作?|做|变成|改成|设为)\s*"
)
IS_TO_BE: Final = re.compile(
    r"\s*(?:should|must|shall|has to|is to|needs? to)\s+be\s*(?:the)?\s*|\s*(?:应该|要)?(?:是|用|换成)\s*"
)
ZH_AFTER, ZH_BEFORE = re.compile(r"\s*(?:的)?(?:之后|后面|后边|后)"), re.compile(r"\s*(?:的)?(?:之前|前面|前边|前)")
SPLIT: Final = re.compile(
    r"\b(?:split|divide|slice|cut (?=(?:\S+ ){0,4}?(?:in (?:half|two)|into (?:its )?(?:scenes|two))))|分割|切开|拆分"
    r"|切成两|分成两|对半|断开|拆成|切分|分成"
)
CUT_AT: Final = re.compile(
    rf"^\W*(?:please )?(?:make a |add a )?(?:cut|splice)\b.{{0,25}}\bat\s+({TIME})\W*$|在第?\s*({TIME})处?(?:切"
    rf"|剪)(?:一刀|开|断)"
)
INTO_FILMS: Final = re.compile(
    r"\binto (?:two|three|four|several) (?:separate )?(?:videos|films|movies)\b|[成为][两三几]个视频"
)
SCENES: Final = re.compile(r"\bscenes?\b|场景|镜头")
HALVES: Final = re.compile(r"\bin (?:half|two|the middle)\b|\binto two\b|一半|中间|两[段半份]|对半")
REPLACE: Final = re.compile(
    r"\b(?:replace|substitute|exchange|swap)\b(?P<old>.+?)\b(?:with|by|for)\b|\b(?:use"
    r"|show)\b(?P<new>.+?)\binstead of\b|(?:把|将)?(?P<zh>.+?)(?:替换|换|改)(?:成|为)|用(?P<znew>.+?)(?:代替|替换|替代)"
)
OFF: Final = re.compile(
    rf"({TIME})\s*(?:off|from|at|of)?\s*(?:of |off )?(?:the\s+)?(?P<en>start|beginning|front|head|end"
    rf"|ending|tail|back)\b"
    rf"|\b(?P<first>first|opening|last|final)\s+({TIME})|(?P<zh>前|开头|最前|起始|片头|后|最后|结尾"
    rf"|末尾)面?的?\s*({TIME})"
)
CUTS_OFF: Final = re.compile(
    r"\b(?:trim|cut|remove|chop|shave|take|crop|delete|drop|skip|lose|clip)\b|剪|裁|去|删|截|跳过|砍"
)
TO_LENGTH: Final = re.compile(
    rf"\b(?:to|be|for|last|lasts|is|are|only|exactly|just|of)\s+(?:only |just |exactly |about )?({TIME})"
    rf"|({TIME})\s*(?:long|each|apiece|per|a (?:photo|piece))"
    rf"|\b(?:make|set|shorten|give)\s+(?:the\s+|my\s+)*({TIME})"
    rf"|(?:到|成|为|是|显示|持续|播放?|停留|改|放|各|取|长|要|片段|照片|图片|张)\s*(?:只)?({TIME})|^\W*({TIME})\W*$"
)
ALIKE: Final = re.compile(
    r"\b(?:the )?same length\b|\bequal(?:ly)? long\b|\bequal length\b|一样长|等长|同样长|长度(?:一样|相同|一致)"
)
EACH_ALONE: Final = re.compile(
    rf"\W*(?:make (?:it|them) |show (?:them )?|set (?:them )?to )?({TIME}) (?:each|apiece)\W*|\W*各({TIME})\W*"
)
SIDE_OF: Final = re.compile(r"\b(start|beginning|front|end|ending|tail) of (?:the |my )?$")
OFF_IT: Final = re.compile(rf"{TIME} (?:off|from)(?: of)? (?:the |my )?$")
BY: Final = re.compile(rf"\bby {TIME}")
SETS_LENGTH: Final = re.compile(
    r"\b(?:make|set|shorten|trim|cut|show|display|hold|keep|let|extend|lengthen|limit|play|give|want|each"
    r"|per|every|last|should|long)\b|缩短|延长|每|各|取|设|改|显示|持续|剪|停留|长|让|播|只要"
)
BY_LENGTH: Final = re.compile(
    rf"\b(?P<verb>extend|lengthen|shorten)\b.*?\bby\s+(?P<by>{TIME})|({TIME})\s+(?P<than>longer|shorter)"
    rf"|(?P<zh>延长|缩短|加长)(?P<zby>{TIME})|(?P<zthan>长|短)(?P<zlen>{TIME})"
)
COPIES: Final = re.compile(
    r"\b(?:duplicate|copy|clone)\b|\b(?:add|show|play|use|insert|put|have)\b.*\b(?:again|twice|once more"
    r"|one more time|a second time)\b"
    r"|复制|再(?:放|来|播"
    r"|加|出现)[一1][遍次个]"
)
LOOPS: Final = re.compile(
    r"\b(?:loop(?:s|ed|ing)?|repeat(?:s|ed|ing)?|replay|play (?:it|the (?:video|clips?|whole thing)|this"
    r"|everything)(?: all)?(?= (?:twice|again|thr|\d|two|three|four)))\b|循环|重复|连播|反复"
    r"|\b(?:play|show|use|put)\b.{1,24}\b(?:two|three|four|five|\d) times\b"
    r"|(?:播放?|放|出现|显示)\S{0,3}[两二三四五\d][遍次]"
)
TIMES: Final = re.compile(rf"({COUNTS})\s*(?:times|x\b|×)|({COUNTS})\s*(?:遍|次|回)")
FILLS: Final = re.compile(r"\b(?:song|music|track)\b|歌|音乐|曲")
SOUND_LOOPS: Final = re.compile(
    r"\b(?:loop|repeat)\b(?: the| my)? (?:music|song|track|audio|bgm)\b|\bseamless|循环(?:音乐|歌"
    r"|播放音乐)|(?:音乐|歌曲?)循环"
)
FOR_A_TIME: Final = re.compile(r"\b(?:use|show|play|put)\b.*\b(?:for|during|over|in) the (?:first|last) \d")
FREEZE: Final = re.compile(r"\bfreeze\b|\bstill frame\b|定格")
