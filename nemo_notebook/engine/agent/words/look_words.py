"""Words for the colours, the shape and the joins of pictures, in English and Chinese."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.film.fields import Filter, Fit
from nemo_notebook.film.fields import TransitionKind as Kind

_TONE: Final = (
    r"(?:tone[ds]?|toned|colou?rs?|look|filter|style|grade|grading|light|temperature|white balance|hue|tint"
    r"|feel(?:ing)?|vibes?)"
)
FILTERS: Final[tuple[tuple[Filter, re.Pattern[str]], ...]] = (
    ("noir", re.compile(r"\b(?:film )?noir\b|\b(?:high|hard)[- ]contrast (?:black|b ?&|b/w|bw)|黑色电影|高对比黑白")),
    (
        "bw",
        re.compile(
            r"\bblack[- ]?(?:and|&|n)[- ]?white\b|\bb ?[&/] ?w\b|\bbw\b|\bgr[ae]y[- ]?scale\b|\bmonochrom\w*"
            r"|\bno colou?rs?\b"
            r"|\bdesaturate (?:it |them |everything )?(?:completely|fully)|\bfully desaturate|黑白|灰度|单色|去色|灰阶"
        ),
    ),
    (
        "sepia",
        re.compile(r"\bsepia\b|\bbrown(?:ish)? (?:old )?(?:photo|tone|look)|泛黄|棕褐|褐色|老照片|怀旧黄|棕色调"),
    ),
    (
        "cinematic",
        re.compile(
            r"\bmoody\b(?! music)|\bcinematic\b(?! (?:music|score|soundtrack|track|bgm|beat|sound"
            r"|background music|piano))"
            r"|\b(?:film|movie|cinema|hollywood"
            r"|blockbuster)[- ]?(?:like )?(?:look|filter|grade|colou?rs?|style|grading)\b|\bteal (?:and"
            r"|&) orange\b|\borange (?:and|&) teal\b"
            r"|\blike (?:in )?a (?:movie|film|hollywood \w+)\b|电影感(?!的?(?:音乐|配乐|bgm))|电影(?:质感"
            r"|滤镜|色调|风格|调色)|青橙|大片(?:感|质感|风格)"
        ),
    ),
    (
        "vintage",
        re.compile(
            r"\bvintage\b|\bretro\b|\bold[- ](?:school|film|movie|timey|fashioned)\b(?! hip)"
            r"|\bnostalgi[ac]\w*|\b(?:the [2-9]0'?s|[2-9]0'?s(?= \w)|19[3-9]0'?s|super ?8|8 ?mm|vhs|polaroid"
            r"|analog(?:ue)?)\b(?=.*\b(?:look|filter|style|vibe|effect|film|feel)\b|\W*$)|复古|怀旧|老电影"
            r"|胶片|年代感|港风"
        ),
    ),
    (
        "dreamy",
        re.compile(
            r"\bdream(?:y|like)\b|\bethereal\b|\bsoft[- ](?:glow|focus)\b|\bglow(?:y|ing)?\b|\bmagical (?:look"
            r"|filter)|梦幻|柔光|柔焦|朦胧|唯美"
        ),
    ),
    (
        "faded",
        re.compile(
            rf"\bfaded\b(?! (?:in|out))|\bmatte\b|\bwashed[- ]?out\b|\b(?:muted|pastel|soft) {_TONE}|\bpastels?\b"
            rf"|褪色|哑光|莫兰迪|日系|淡雅|清新"
        ),
    ),
    (
        "vivid",
        re.compile(
            r"\bvivid\b|\bvibran(?:t|ce)\b|\bpunchy\b|\bpop(?:ping)? colou?rs?\b|\bcolou?rs? (?:should |to "
            r"|really )?pop\b|\bcolou?rful\b|\bmake the colou?rs "
            r"stand out|\bbright and colou?rful|鲜艳|鲜明|明艳|浓郁|艳丽|色彩丰富"
        ),
    ),
    (
        "warm",
        re.compile(
            rf"\bwarm(?:er)?\b(?=.*\b{_TONE}\b)|\bwarm(?:er)?\W*(?:please|a bit|a little)?\W*$|\b(?:make"
            rf"|turn) (?:it|them|\w+ \w+|\w+) (?:a (?:bit|little) |look )?warm(?:er)?\b"
            rf"|\bgolden hour\b|\bsunny {_TONE}|暖色|暖调|偏暖|暖一?[点些]|更暖|温暖的?(?:色|画面|感觉)|阳光感"
        ),
    ),
    (
        "cool",
        re.compile(
            rf"\bcool(?:er)?[- ]{_TONE}|\bcold(?:er)?\b(?=.*\b{_TONE}\b)|\b(?:make|turn) (?:it|them|\w+ \w+"
            rf"|\w+) (?:a (?:bit|little) |look )?cold(?:er)?\b|\bblu(?:e|ish) {_TONE}|\bicy {_TONE}|冷色|冷调|偏冷"
            rf"|冷一?[点些]|更冷|清冷"
        ),
    ),
)
FILTER: Final = re.compile(r"\bfilters?\b|\blut\b|\bcolou?r[- ]?grad\w+|\bcolou?r (?:effect|look)s?\b|滤镜|调色")
COLORS: Final = re.compile(r"\bcolou?rs?\b|颜色|色彩|原色")
NO_FILTER: Final = re.compile(
    r"\b(?:remov\w+|delete|no|without|drop|get rid of|take (?:off|away)|clear|reset|turn off|lose|undo"
    r"|disable)\b.*\b(?:filters?|lut|colou?r"
    r"|grad\w+|look|sepia|black and white|bw|effects?|adjust\w+)\b|\b(?:original|normal|natural|real"
    r"|full) colou?rs?\b|\bback (?:to|in|into) colou?r\b"
    r"|\bin colou?r\b|\bcolou?rs? back\b|(?:去掉|取消|不要|移除|删掉|关掉|清除)(?:\S{0,6})(?:滤镜|调色|黑白"
    r"|效果|复古)|(?:恢复|还原)(?:\S{0,3})(?:颜色|色彩|原色|彩色)"
    r"|(?:原来|原始|正常)的?(?:颜色|色彩)|原色|彩色"
)

_ADJUSTED: Final = {
    "brightness": (
        r"\bbright(?:er|en|ens|ness)?\b|\blighter\b|\blight(?:en)? (?:it|them) up\b|\blighten\b|\bexposure\b"
        r"|\bluminosity\b"
        r"|\bdark(?:er|en|ens)?\b|\bdim(?:mer)?\b|亮|暗|曝光|明度",
        r"\bdark(?:er|en|ens)\b|\bdim(?:mer)?\b|\btoo (?:bright|light)\b|\bless bright|\bdark\b(?<!too dark)"
        r"|暗(?!了)|不那么亮|太亮|过亮|过曝",
    ),
    "contrast": (
        r"\bcontrast\w*|\bflat(?:ter)?\b(?= look|\W*$)|\bpunchier\b|对比",
        r"\bflatter\b|\bless contrast|\blow(?:er)? contrast|\btoo (?:much )?contrast\w*|柔和",
    ),
    "saturation": (
        r"\bsaturat\w*|\bdesaturat\w*|\bmore colou?r(?:ful)?\b|\bcolou?rs? (?:is|are|looks?) (?:\w+ )?(?:dull"
        r"|pale|flat|boring|grey|gray)\b|\bless colou?r(?:ful)?\b|\bcolou?r intensity\b"
        r"|\bcolou?rs?\b.*\bintense\b|\bintense colou?rs?\b"
        r"|\bmore vi(?:vid|brant)\b|\bless vi(?:vid|brant)\b"
        r"|饱和|(?:更|再)?鲜艳[一]?[点些]|更鲜艳|(?:颜色|色彩)(?:再)?(?:浓|淡)",
        r"\bdesaturat\w*|\bless (?:saturat|colou?r|vi|intense)|\btoo (?:saturated|colou?rful|vivid)|\bunder-?saturat"
        r"|(?:颜色|色彩)(?:再)?淡|太鲜艳",
    ),
}
ADJUSTED: Final = {name: (re.compile(any_), re.compile(less)) for name, (any_, less) in _ADJUSTED.items()}
LESS: Final = re.compile(
    r"\b(?:less|lower|reduce|decrease|down|drop|minus|cut|tone down|too much)\b|-\s?\d|降低|减少|减小|调低|减|降"
    r"|低一?[点些]|太高|太强"
)
TOO_DARK: Final = re.compile(
    r"\btoo dark\b|(?:\b(?:is|are|looks?|seems?|feels?)|'s) (?:still )?(?:a (?:little |tiny )?bit |a little |quite "
    r"|rather |so |very |pretty |really )?dark\b|太暗|过暗|有点暗|偏暗"
)
ABSOLUTE: Final = re.compile(r"\b(?:to|at|=)\s*[+-]?\d|(?:调到|设为|设成|到|为)\s*[+-]?\d")
SLIGHTLY: Final = re.compile(
    r"\b(?:a (?:little|tiny)? ?bit|a little|slightly|a touch|subtly|somewhat|a tad)\b|稍微|稍稍|略|一点点|微微"
)
MUCH: Final = re.compile(
    r"\b(?:much|a lot|far|way|really|very|strongly|significantly|max|super)\b|很多|大幅|得多|非常|大大"
)

TRANSITIONS: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    (
        "white",
        re.compile(
            r"\bflash(?:es|ing|y)?\b|\b(?:dip|fade|cut|go|transition)s?(?:ing)? (?:to|through|via) white\b"
            r"|\bwhite (?:flash|transition|dip)|\bstrobe|闪白|白闪|闪光|白场"
        ),
    ),
    (
        "black",
        re.compile(
            r"\bdips? (?:to|through)(?: black)?\b|\bfad\w+ through black\b|\bblack (?:dip|transition|flash)"
            r"|\b(?:through|via) black\b|\bfade to black between|闪黑|黑闪|黑场(?:过渡|转场)|(?:过渡|转场)到?黑"
        ),
    ),
    (
        "circle",
        re.compile(
            r"\b(?:circle|circular|iris|round)\b(?=.*\b(?:transition|wipe|cut)s?\b)|\biris\b|圆形(?:转场|擦除|过渡"
            r"|扩)|圆圈转场|光圈"
        ),
    ),
    (
        "zoom",
        re.compile(
            r"\bzoom(?:s|ing)?\b(?=.*\b(?:transition|between|cut)s?\b)|\btransitions?\b.*\bzoom|缩放(?:转场|过渡)"
            r"|(?:推进|放大)转场|变焦转场"
        ),
    ),
    ("push", re.compile(r"\bpush(?:es|ing)?\b|推(?:移|动|入|开)?(?:转场|过渡|切换)|推移|推挤")),
    ("wipe", re.compile(r"\bwip(?:e|es|ing)\b|擦除|划像|划过|擦拭")),
    (
        "slide",
        re.compile(
            r"\bslid(?:e|es|ing)\b(?! ?show)(?=.*\b(?:transition|between|cut|clip|photo|shot|picture)s?\b)"
            r"|\btransitions?\b.*\bslid(?:e|ing)|\bswipe\b|滑动(?:转场|过渡|切换)?|滑(?:入|过)转场|左右滑"
        ),
    ),
    (
        "dissolve",
        re.compile(
            r"\bcross[- ]?(?:fad|dissolv)\w*|\bdissolv\w*|\bblend(?:s|ing)?\b(?=.*\b(?:between|transition|clip|shot"
            r"|cut)s?\b)|\bfad\w+ (?:\w+ ){0,3}(?:between|into (?:each other|one another|the next|clip|photo))|叠化"
            r"|溶解|交叉淡|之间.{0,8}淡[入出]|淡[入出].{0,6}之间|淡入淡出转场|淡化转场|渐变(?:转场|过渡)|柔和(?:的)?(?:转场|过渡)"
        ),
    ),
)
TRANSITION: Final = re.compile(
    r"\btransitions?\b(?! (?:to|into) (?:a |the )?(?:sad|happy|chorus))|\bsmooth(?:er|ly)?\b(?=.*\b(?:cuts?"
    r"|between|change)\b)|转场|过渡"
)
HARD_CUTS: Final = re.compile(
    r"\b(?:hard|straight|clean|simple|jump|plain|normal|regular|ordinary) cuts?\b|^\W*(?:just"
    r"|only) (?:the )?cuts\W*$|硬切|直接切|直切"
)
SHORT: Final = re.compile(r"\b(?:quick|fast|short|snappy|rapid)(?:er)?\b|快速?的?|短")
LONG: Final = re.compile(r"\b(?:slow|long|gentle|soft)(?:er)?\b|缓慢|慢|长|柔和")

FITS: Final[tuple[tuple[Fit, re.Pattern[str]], ...]] = (
    (
        "blur",
        re.compile(
            r"\b(?:is|are|was|were|gets?|getting|being) (?:cut|cropped|chopped) off\b(?! (?:at|after) \d)"
            r"|被(?:裁|切|截)(?:掉|了|断)"
            r"|\bblur(?:red|ry|ring)? (?:the )?(?:back ?ground|bars?|sides?|edges?|borders?|backdrop|fill"
            r"|padding)s?\b|\b(?:bars?|sides?|background|borders?) blurr?(?:ed|y)?\b"
            r"|\bblur (?:fill|fit)\b|模糊(?:的)?(?:背景|边|填充|两侧|两边)|背景(?:要|用)?(?:模糊|虚化)"
            r"|虚化背景|高斯模糊|(?:上下|左右|两边|四周|空白处?)(?:都|用)?模糊"
        ),
    ),
    (
        "crop",
        re.compile(
            r"\bcrop(?:ped|ping)? (?:it |them |everything |the \w+ )?(?:to |and )?(?:fill|fit|the (?:frame"
            r"|screen|canvas)|full)|\bfill(?:s|ing)? (?:up )?(?:the )?(?:whole |entire |full )?(?:frame"
            r"|screen|canvas|picture)"
            r"|\bzoom(?:ed)? (?:in )?to fill\b|\b(?:no|without(?: any)?|remove (?:the )?"
            r"|get rid of (?:the )?) ?(?:black )?(?:bars?|borders?|letterbox\w*|padding)\b(?! visual)"
            r"|\bfull[- ]?(?:frame|bleed)\b|\bcrop mode\b"
            r"|裁剪?(?:以|并)?(?:填满|铺满|充满)|(?:填满|铺满|充满)(?:画面|屏幕|全屏)?|(?:不要|去掉|没有"
            r"|去除)黑边|裁切填充"
        ),
    ),
    (
        "pad",
        re.compile(
            r"\bletter ?-?box\w*|\bpillar ?-?box\w*|\b(?:with |add |use |show )?black (?:bars?|borders?)\b"
            r"|\bpad(?:ded|ding)?\b|\b(?:don'?t|do not|never|without) crop\w*|\bno crop\w*"
            r"|\b(?:show|see|keep|fit) (?:the )?(?:whole|entire|full|complete) (?:picture|image|frame|photo"
            r"|clip|video)s?\b(?! for)|(?:加|留|用|带)(?:上)?黑边|不(?:要)?裁[剪切]|完整(?:显示|画面)|显示完整"
        ),
    ),
    ("auto", re.compile(r"\b(?:auto(?:matic)?|smart|default) (?:fit|crop\w*|framing)\b|自动(?:适配|裁剪|适应)")),
)
