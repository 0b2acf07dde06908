"""Which words speak of a web page that is not there, and what is said instead.

Each line is a regular expression of words, characters, classes, groups and bounds, with parts by name (`<press>`), and
the words instead of it. `phrase_rules` reads them.
"""

from __future__ import annotations

from typing import Final

_EXPORT: Final = "run `%nemo export`"
_STATUS: Final = "run `%nemo status`"
_TRACKS: Final = "run `%nemo status` to see the tracks"
_CREDITS: Final = "run `%nemo credits`"
_IN_CHAT: Final = "ask for it in the chat"
_TO_CHAT: Final = "ask in the chat to {1}"
_NAME_IT: Final = "ask for “{1}” in the chat"

PARTS: Final = {
    "o": r"[*_“\"‘'「『【\[`]{0,4}",
    "c": r"[*_”\"’'」』】\]`]{0,4}",
    "marked": r"[*_“\"‘'「『【\[`]{1,4}([^*_“”\"‘’'「」『』【】\[\]`\n]{1,24})[*_”\"’'」』】\]`]{1,4}",
    "exp": r"<o>(?:export|download|render)(?: (?:video|film|movie|file|mp4|now))?<c>",
    "button": r"(?:button|icon|option|tab|menu|control|key)",
    "press": r"(?:click|tap|tapp|press|hit|hitt|push)(?:ing|ed)?(?: on)?",
    "click": r"(?:click|tap|press|hit|push)(?: on)?",
    "use": r"(?:(?:select|pick|find|see|look for|look at|locate)(?:ing)?|(?:choos|us|locat)(?:e|ing|ed))",
    "go": r"(?:go|going|head|heading|navigate|navigating|switch|switching|jump|move|moving|return)(?: over| back| up)?",
    "the": r"(?: (?:the|your))?",
    "see": r"(?:preview|view|see|check|watch|review|inspect|look at|find)(?:ing)?",
    "it": r"(?: (?:it|them|this|everything|(?:the|your|all)(?: [\w-]{1,14}){1,3}))",
    "clips": r"(?: (?:it|them|this|that|these|those|files?|clips?|media"
    r"|(?:the|your|a|an|any|each|all|this|these|its|both|either)(?: [\w.-]{1,16}){1,4}))",
    "thing": r"((?:the|your|that|this|any|a|each)(?: [\w-]{1,14}){0,2}"
    r" (?:clip|title|text|track|segment|layer|image|video|audio|caption|subtitle|element|shot|photo)s?)",
    "edit": r"(trim|adjust|move|reorder|rearrange|resize|change|extend|shorten|crop|add|place|set|cut|position|scale"
    r"|rotate|align|sync|replace|fine-tune|lengthen|make|edit|delete|remove|split|mute)",
    "drag": r"(?:drag|dragging)(?:[ -](?:and|&|n)[ -]drop(?:ping)?)?",
    "onto": r" (?:into|onto|to|on|in) (?:(?:the|your|its) )?(?:[\w-]{1,12} ){0,2}(?:timeline|tracks?|canvas|editor"
    r"|preview|storyboard|beginning|end|start|position|place)(?: (?:of|in|on) (?:the|your) (?:timeline|track|video))?",
    "timeline": r"(?:timeline|preview (?:window|player|panel|pane|area)|(?:video|media) player)"
    r"(?: (?:view|panel|editor|track|below|above))?",
    "gui": r"(?:media|assets?|audio|music|text|titles?|effects?|properties|settings|inspector|layers?|project|left"
    r"|right|side|transitions?|editing|editor|style|captions?|subtitles?|timeline|uploads?|elements?|filters?|adjustments?)",
    "panel": r"(?:panel|sidebar|side bar|tab|drawer|toolbar|inspector|media library|asset library)",
    "account": r"(?:account|billing|subscription|profile|membership|credits?|usage|plan)",
    "page": r"(?: (?:page|settings|section|dashboard|area|panel|screen|center|balance|details|history|and|or|billing))",
    "corner": r"(?:in|at|on|from|near)(?: the| your)?(?: far)? (?:top|upper|bottom|lower|left|right)"
    r"(?:[ -](?:left|right))?(?:[ -]hand)?(?: (?:corner|side|bar|panel|sidebar|menu|toolbar))?"
    r"(?: of (?:the|your) (?:screen|page|editor|window|timeline|interface|player|app|preview))?",
    "before": r"(?:in|at|on) the (?:top|upper|bottom|lower)[ -](?:left|right)(?:[ -]hand)?(?: corner)?"
    r"(?: of the (?:screen|page|editor|window))?,? (?:(?:just|simply|please|you can) )?",
    "at": r" (?:<corner>|above|below"
    r"|(?:in|on|from) (?:the|your) (?:editor|screen|page|toolbar|interface|app|dashboard|browser|menu))",
    "zo": r"[ “\"‘'「『【\[*_`]{0,5}",
    "zc": r"[ ”\"’'」』】\]*_`]{0,5}",
    "zmarked": r" ?[“\"‘'「『【\[*`]{1,4}([^“”\"‘’'「」『』【】\[\]*`\n]{1,16})[”\"’'」』】\]*`]{1,4} ?",
    "zexp": r"<zo>(?:导出|下载|渲染|export|download)(?:视频|影片|成片)?<zc>",
    "zat": r"(?:(?:页面|屏幕|界面|编辑器|时间线|窗口)?的?"
    r"(?:[左右][上下][角方]|[左右][侧边]|[上下]方|顶部|底部|[上下]面)(?:工具栏|菜单栏|菜单)?[的中]?)",
    "zclick": r"(?:(?:点击|单击|双击|点选|点按|轻点|按下)(?:一下)?|点一下|按一下)",
    "zgap": r"[^\s，。！？；：、,.!?;:“”\"‘’「」『』《》`*]",
    "zline": r"(?:时间线|时间轴)",
    "zview": r"(?:时间线|时间轴|预览窗口|预览区域?|预览面板|视频播放器|播放器)(?:面板|视图)?",
    "zin": r"(?:上面|里面|[上中里内])",
    "zpanel": r"(?:面板|侧边栏|侧栏|标签页|标签栏|选项卡|素材库|媒体库|工具栏|编辑器|属性栏|菜单)",
    "zmedia": r"(?:素材|媒体|音频|音乐|文字|标题|字幕|特效|效果|转场|属性|设置|图层|滤镜|左侧|右侧|贴纸|项目)",
    "zthing": r"((?:该|这个|某个|想要的|要编辑的|对应的|相应的)?(?:片段|素材|标题|字幕|文字|图片|视频|音频|音乐|镜头))",
    "zaccount": r"(?:账户|账号|帐户|帐号|账单|个人中心|用户中心)",
    "zpage": r"(?:余额|积分|设置|信息|中心|管理|详情|账单|与|和|的){0,3}(?:页面|页|界面|面板)?",
}

# The first that fits counts. `{1}` is what the first group holds, `{0}` the phrase itself.
ENGLISH: Final = (
    # A link in a reply works in a notebook too.
    (r"(?:click|tap|use|open)(?:ing)?(?: on)? (?:the|this) (?:download|export) link", "{0}"),
    (r"(?:with|using|via|from|through) (?:the|your) <exp> <button>", "with `%nemo export`"),
    (r"(?:(?:<press>|<use>|<go> to)<the> <o>)?file<c> ?(?:menu )?(?:>|→|->|») ?<exp>", _EXPORT),
    (r"<before>?<press>(?: (?:the|your))?(?: [a-z-]{1,14}){0,2} <exp> <button>", _EXPORT),
    (r"<before>?<press><the> <exp>", _EXPORT),
    (r"<use> (?:the|your)(?: [a-z-]{1,14})? <exp> <button>", _EXPORT),
    (r"<use> <exp> (?:in|from) the <o>file<c> menu", _EXPORT),
    (r"<go> to<the> <exp> (?:tab|page|panel|menu|section|screen|settings|options|button)", _EXPORT),
    (r"open(?:ing)?(?: up)?<the> <exp> (?:menu|panel|dialog|settings|window|tab|page|options|screen)", _EXPORT),
    (r"you(?:'ll|’ll| will) (?:find|see|notice) (?:the|an) <exp> button", "the command is `%nemo export`"),
    (r"there(?:'s|’s| is) (?:an?|the) <exp> button", "there is `%nemo export`"),
    (r"the <exp> button is(?: located| right)?<at>", "the command is `%nemo export`"),
    (
        r"(?:the|your) <exp> button (is (?:now |already )?(?:active|available|enabled|ready)|will|lets|can)",
        "`%nemo export` {1}",
    ),
    (r"(?:the|your) <exp> button<at>", "`%nemo export`"),
    (
        r"<see><it> (?:in|on|under|from|at) (?:your|the) (?:account|billing|profile|subscription)<page>{0,2}",
        "see{1} with `%nemo credits`",
    ),
    (
        r"(?:check|visit|see|view|open|access|review|manage|look at|log ?in ?to|sign ?in ?to|<go> to)(?:ing)?"
        r"<the> <o>(?:account|billing)<c><page>{0,3}",
        _CREDITS,
    ),
    (r"(?:check|see|view|review|look at)(?:ing)? your (?:credits?|usage)(?: (?:balance|usage|left))?<page>?", _CREDITS),
    (
        r"(?:check|visit|see|view|open|access|review|manage|<go> to)(?:ing)? (?:your|the) <o><account><c><page>{1,3}",
        _CREDITS,
    ),
    (
        r"<before>?<press>(?: the)? <o>(?:play|preview|play/pause|▶️|▶)<c>(?: <button>)?"
        r"(?: to (?:preview|watch|play|see|view|review)<it>?(?: back)?)?",
        _TRACKS,
    ),
    (
        r"<press>(?: the)? <o>space ?(?:bar)?<c>(?: key)? to (?:preview|watch|play|see|view|review)<it>?(?: back)?",
        _TRACKS,
    ),
    (
        r"<drag><clips>?(?: here| (?:into|onto|to|in|on) (?:(?:the|this|your) )?(?:[\w-]{1,12} ){0,2}(?:drop ?zone"
        r"|upload (?:area|box|zone|panel)|browser(?: window)?|media (?:panel|library)|chat(?: box)?|uploader))",
        "run `%nemo upload PATH`",
    ),
    (
        r"<drag><clips>?<onto> to <edit>",
        _TO_CHAT,
    ),
    (
        r"<drag><clips>?<onto>",
        _IN_CHAT,
    ),
    (
        r"drop(?:ping)?<clips>? (?:into|onto|on) (?:the|your) (?:[\w-]{1,12} ){0,1}(?:timeline|canvas|editor)",
        _IN_CHAT,
    ),
    (r"(?:by )?(?:using|with|via|through) drag[ -]and[ -]drop(?:ping)?", "by asking in the chat"),
    (r"<drag><clips> to <edit>", _TO_CHAT),
    (
        r"drag(?:ging)? (?:the|its|both|either) (?:\w{1,10} )?(?:edges?|handles?|ends?|corners?|playhead|slider)",
        _IN_CHAT,
    ),
    (r"drag[ -]and[ -]drop<clips>", _IN_CHAT),
    (
        r"(?:(?:right|double|left)[ -])?<click> <thing>(?: (?:in|on) (?:the|your) <timeline>)? to <edit>",
        "ask in the chat to {2}",
    ),
    (
        r"(?:(?:right-|double-|left-|right |double )?(?:click|tap)(?:ing)?(?: on)?|select|highlight|choose|pick)"
        r" <thing> (?:in|on|from) (?:the|your) (?:<timeline>|editor|canvas|media panel|video track|track)",
        "name {1} in the chat",
    ),
    (r"(?:right|double)[ -]click(?:ing)?(?: on)? <thing>", "name {1} in the chat"),
    (
        r"(?:use|drag|adjust|move) (?:the|your)(?: [\w-]{1,14}){1,2}"
        r" (?:slider|toolbar|handles|dropdown|drop-down|tool|controls) to <edit>",
        _TO_CHAT,
    ),
    (r"(?:using|with|via) the(?: [\w-]{1,14}){1,2} (?:slider|dropdown|drop-down|toolbar)", "by asking in the chat"),
    (
        r"(?:use|using|check|see|open|look at|view|scrub(?: through)?) (?:the|your) <timeline>"
        r" to (?:preview|see|view|watch|review|check|play)<it>?",
        _TRACKS,
    ),
    (r"<see>(<it>?)(?: back)? (?:in|on|from|using) (?:(?:the|your) )?<timeline>", "see{1| it} with `%nemo status`"),
    (r"<see>(<it>) (?:in|on|under|inside|from) (?:the|your) <gui>(?: <gui>)? <panel>", "see{1} with `%nemo status`"),
    (r"open(?:ing)? (?:the|your) (?:timeline|editor|video editor)(?: (?:view|panel))?", _STATUS),
    (
        r"(?:open|opening|expand|expanding|toggle|launch|bring up|pull up|access|accessing)(?: up)?<the>"
        r" (?:<o>[\w&-]{1,14}<c> ){0,3}<panel>",
        _STATUS,
    ),
    (r"<go> to (?:the|your) (?:<o>[\w&-]{1,14}<c> ){0,2}(?:<panel>|editor|timeline(?: view)?|workspace)", _STATUS),
    (r"(?:in|on|from|using|via|through|under) (?:the|your) <gui>(?: <gui>)? <panel>", "by asking in the chat"),
    (r"<before>?<press>(?: (?:the|your))? <marked>(?: <button>)?", _NAME_IT),
    (r"<use> (?:the |your )?<marked> <button>", _NAME_IT),
    (
        r"<press>(?: (?:the|your))? ((?-i:[A-Z])[\w&-]{0,14}(?: (?-i:[A-Z])[\w&-]{0,14}){0,2}) <button>",
        _NAME_IT,
    ),
    (r"(?:click|tap)(?: on)? ((?-i:[A-Z])[\w&-]{0,14}(?: (?-i:[A-Z])[\w&-]{0,14}){0,2})", _NAME_IT),
    (
        r"(?:click|tap)(?: on)? (?:(?:the|your) )?([\w&-]{1,14}(?: [\w&-]{1,14}){0,2}) <button>",
        _NAME_IT,
    ),
)

CHINESE: Final = (
    (r"<zclick>(?:下面的|下方的|以下|此|这个)?(?:下载|导出)链接", "{0}"),
    (
        r"(?:在<zat>)?(?:<zclick>|点|按)<zat>?(?:蓝色|绿色)?的?<zexp>(?:按钮|选项|图标|键|菜单|命令)",
        "运行 `%nemo export`",
    ),
    (r"(?:在<zat>)?(?:<zclick>|点)<zat>?<zexp>", "运行 `%nemo export`"),
    (r"选择<zat>?<zexp>(?:按钮|选项|菜单|命令)", "运行 `%nemo export`"),
    (
        r"(?:前往|进入|打开|切换到|去|到|转到)<zat>?<zexp>(?:页面|面板|菜单|选项|标签页|选项卡|界面|窗口|设置)",
        "运行 `%nemo export`",
    ),
    (r"(?:使用|通过|用|找到|看到)<zat>?<zexp>(?:按钮|图标)", "用 `%nemo export`"),
    (r"(?:导出|下载)按钮(?:就)?(?:在|位于)<zat>", "命令是 `%nemo export`"),
    (r"<zat><zexp>按钮", "`%nemo export`"),
    (
        r"(?:查看|前往|进入|打开|检查|访问|查询|登录)(?:一下)?[您你]?的?(?:<zo><zaccount><zc><zpage>"
        r"|(?:积分|会员|订阅)<zo>(?:余额|设置|信息|中心|详情|页面)<zc>(?:页面)?)",
        "运行 `%nemo credits`",
    ),
    (r"(?:去|到|转到)[您你]?的?<zo><zaccount><zc><zpage>(?:查看|确认|检查)", "运行 `%nemo credits`"),
    (r"在[您你]?的?<zo><zaccount><zc><zpage><zin>?(?:查看|确认|看到|检查)", "用 `%nemo credits` 查看"),
    (
        r"(?:在<zat>)?(?:<zclick>|按)<zat>?<zo>(?:播放|预览|▶)<zc>"
        r"(?:(?:按钮|键|图标)(?:(?:来|以|即可|就能|就可以|可以)?(?:预览|查看|观看)(?:效果|视频|成片)?)?"
        r"|(?:来|以|即可|就能|就可以|可以)(?:预览|查看|观看)(?:效果|视频|成片)?)",
        "用 `%nemo status` 查看",
    ),
    (
        r"(?:[把将]<zgap>{1,10})?(?:拖拽|拖动|拖放|拖)<zgap>{0,8}[到至进入](?:上传区域|上传区|此处|这里|上传框|素材库|素材面板|媒体库)"
        r"<zin>?",
        "运行 `%nemo upload 文件`",
    ),
    (
        r"(?:[把将]<zgap>{1,10}拖|拖(?:[到至进入]|[拽动放]<zgap>{0,10}[到至进入在]))(?:[拽动放])?[到至进入在]?<zgap>{0,6}"
        r"(?:时间线|时间轴|轨道|画布|编辑区|开头|结尾|末尾|位置)(?:之后|之前|<zin>)?",
        "在对话里说明",
    ),
    (r"(?:通过|使用|用)(?:拖拽|拖放|拖动)(?:的?方式)?", "通过对话"),
    (r"(?:拖拽|拖动|拖放)<zgap>{1,10}?([来以])", "通过对话{1}"),
    (r"(?:拖拽|拖动|拖放)<zgap>{1,10}?(即可|就可以|就能|可以)", "在对话里说明{1}"),
    (r"在(?:编辑器|时间线|时间轴|轨道|画布)<zin>?(?:选中|选择|选取|<zclick>)<zthing>", "在对话里说出{1}"),
    (r"(?:选中|选择|右键点击|<zclick>)(?:编辑器|时间线|时间轴|轨道|画布)<zin>?的?<zthing>", "在对话里说出{1}"),
    (
        r"(?:在|通过|使用|用|从)<zat>?<zview><zin>?(?:直接|来|以|进行|实时){0,2}(?:预览|查看|观看|看到|看|浏览|检查)",
        "用 `%nemo status` 查看",
    ),
    (r"(?:预览|打开)<zat>?<zline>(?:面板|视图)?", "用 `%nemo status` 查看"),
    (
        r"(?:打开|进入|展开|切换到|前往|点开|调出|转到)<zat>?<zo>(?:[^\s，。！？；：、的“”]<zgap>{0,7})?<zc><zpanel>",
        "运行 `%nemo status`",
    ),
    (r"在<zat>?<zo><zmedia>{1,2}<zc>(?:<zpanel>|栏)<zin>?(查看|看到|找到)", "用 `%nemo status` {1}"),
    (r"在<zat>?<zo><zmedia>{1,2}<zc>(?:<zpanel>|栏)<zin>?", "在对话里"),
    (r"(?:在<zat>)?<zclick><zat>?<zmarked>(?:按钮|图标|选项|标签|键|菜单)?", "直接说“{1}”"),
    (r"(?:在<zat>)?(?:<zclick>|按)<zat>?(<zgap>{1,10}?)(?:按钮|图标|选项卡|标签页|菜单)", "直接说“{1}”"),
)

BEHIND: Final = ("<at>", "")  # where on the page it is: said of a phrase only
