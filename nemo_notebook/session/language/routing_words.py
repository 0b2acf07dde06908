"""How people ask for an export, for their credits and for the timeline, in English and in Chinese.

Each saying is a regular expression for a whole text, with parts by name (`<please>`).
"""

from __future__ import annotations

import functools
import re
from typing import Final

TYPES: Final = "mp4|mov|mkv|webm|avi|gif|mp3|wav|m4a|aac|jpe?g|png|webp|midi?"  # what can be exported

_PARTS: Final = {
    "please": r"(?:(?:hey|hi|ok|okay|well|so|now|then|and|please|just|great|perfect|thanks|nice|good|cool|yes|,|!"
    r"|can you|could you|would you|will you|can i|could i|may i|can we|i want to|i'd like to|i would like to"
    r"|i want you to|i need to|i need you to|let's|lets|let me|go ahead and|time to) ?)*+",
    "thanks": r"(?: ?,? ?(?:please|now|then|thanks|thank you|for me|right away|again|already|as well|pls))*+",
    "film": r"(?:it|this|that|everything|all of it"
    r"|(?:the |my |our |this |that |a )?(?:(?:final|finished|whole|full|complete|current|edited|new|music) ){0,3}"
    r"(?:videos?|movie|film|clip|file|result|project|cut|version|edit|timeline|output|mp4|mov|mkv|webm|gif|avi))",
    "type": rf"(?:{TYPES})",
    "size": r"(?:720p?|1080p?|2160p?|4k|full hd|hd)",
    "fine": r"(?:(?:high|highest|best|full|max|maximum|good|top)(?: possible)? (?:quality|resolution))",
    "as": r"(?:(?: (?:as|in|to|at|with|for|into))?(?: (?:an?|the))?(?: (?:<type>|<size>|<fine>))+"
    r"(?: (?:format|file|video|resolution|quality|version|movie|film))?)",
    "zplease": r"(?:请问|请你|请|你好|帮我|帮忙|麻烦你|麻烦|给我|可以|可不可以|可否|能不能|能否|能|现在|那就|那"
    r"|好的|好了|好|直接|然后|我想要|我想|我要|我需要|需要|想要|你|我们|一下)*+",
    "zend": r"(?:一下|给我|吧|吗|呢|了|啊|呀|谢谢|好吗|可以吗|行吗|出来|下来|好|嘛|哦|[!?])*+",
    "zfilm": r"(?:(?:这个|我的|最终的?|完整的?|整个|做好的|剪好的|成品)?"
    r"(?:视频|影片|成片|片子|文件|作品|项目|成品|mv)|它|这个|结果)",
    "zas": r"(?:(?:高清|超清|最高画质|最高清|高画质|全高清)的?"
    r"|(?:为|成|到|以|用|格式|的)?(?:<type>|<size>)(?:格式|分辨率|的|文件)*)",
    "zmine": r"(?:我的|我|账户里?的?|账户上?的?|账号里?的?|现在|目前|当前|还|你|的|一共|总共)*+",
    "zlook": r"(?:查看|查询|查一查|查一下|查|看一看|看看|看一下|看|显示|告诉我|列出|展示|说说)?(?:一下)?",
    "tracks": r"(?:status|state|timeline|tracks|track list|draft)",
}

_SAYINGS: Final = {
    "export": (
        r"<please>(?:export|download|render|save)(?: and (?:export|download|send))?(?: out)?<thanks>",
        r"<please>(?:export|download|render|save|output|deliver)(?: out)?(?: <film>)?(?: out| down)?<as>{0,3}<thanks>",
        r"<please>(?:send|deliver|share)(?: (?:me|us))? <film>(?: over)?(?: (?:to|with) (?:me|us))?<as>{0,3}<thanks>",
        r"<please>(?:send|give|get|hand)(?: (?:me|us)) (?:the|my|our) (?:(?:final|finished|whole|full) )*"
        r"(?:video|movie|film|file|result|<type>)(?: file)?<as>{0,3}<thanks>",
        r"<please>have (?:the|my) (?:(?:final|finished|whole|full) )*"
        r"(?:video|movie|film|file)(?: file)?<as>{0,3}<thanks>",
        r"(?:how (?:do|can) i|where (?:do|can) i) (?:export|download|save|render)(?: <film>)?<thanks>",
        r"(?:an? |the )?(?:video )?(?:export|download)<as>{0,3}<thanks>",
        r"<please>(?:make|create|produce|give|get|hand)(?: (?:me|us))?(?: it)? an? <type>(?: (?:file|version))?"
        r"(?: (?:of|from) (?:it|this|the (?:video|film)))?<thanks>",
        r"<please>(?:convert|turn|make) <film> (?:in)?to (?:an? )?<type>(?: file)?<thanks>",
        r"<zplease>(?:做|生成|来|给我)(?:一个|一张|个)?<type>(?:文件|格式)?<zend>",
        r"<zplease>(?:[把将]?<zfilm>)?<zas>{0,2}(?:渲染并)?(?:导出|下载|保存|输出|渲染)(?:一下)?(?:来|出来|下来|成)?<zas>{0,2}(?:的)?"
        r"(?:<zfilm>)?(?:格式)?<zas>{0,2}<zend>",
        r"<zplease>(?:[把将]?<zfilm>)<zas>{0,2}(?:发给我|发我|传给我|给我发过来|发过来|交给我)<zas>{0,2}<zend>",
        r"<zplease>(?:发给我|发我|把)(?:<zfilm>)?<zas>{0,2}(?:发给我|发我)<zend>",
        r"<zplease>发给我<zfilm>?<zend>",
        r"(?:怎么|如何|怎样)(?:才能)?(?:导出|下载|保存)<zfilm>?<zend>",
        r"<zplease>(?:export|download)(?:一下)?<zfilm>?<zas>{0,2}<zend>",
    ),
    "credits": (
        r"<please>(?:(?:check|show|see|view|get|tell|give|display|list|know|look at)(?: (?:me|us))? )?"
        r"(?:(?:the|my|our|your) )?(?:(?:current|remaining|available|account|credits?|total) ){0,3}(?:credits?|balance)"
        r"(?: (?:balance|status|count|total))?(?: (?:left|remaining|available|i have|do i have|i have left))?<thanks>",
        r"(?:<please>(?:check|show me|see|tell me|know) )?how (?:many|much) (?:(?:more|free) )?(?:credits?|balance)"
        r"(?: (?:do|does|have|has|did|are|is|i|we|my|account|still|have|got|left|remaining|available|there|now|can|use"
        r"|in))*<thanks>",
        r"(?:what's|whats|what is|what are|how's|how is) (?:the|my|our)"
        r" (?:(?:current|remaining|available|account|credits?) )*"
        r"(?:credits?|balance)(?: left| now| today| remaining)*<thanks>",
        r"(?:do|did|have) (?:i|we) (?:still )?(?:have|got)?(?: (?:any|enough|some))?(?: more)? credits?"
        r"(?: (?:left|remaining|available))?<thanks>",
        r"(?:am i|are we) (?:out of|low on) credits<thanks>",
        r"(?:any|enough) credits(?: (?:left|remaining))?<thanks>",
        r"<zplease><zlook><zmine>(?:有|剩|剩下|剩余|剩余的|可用的?|可用)?(?:多少|几个|几|什么)?(?:积分|余额)(?:余额|数量|情况)?"
        r"(?:还|一共|目前|现在)?(?:有|剩|剩下|剩余|是|够|够不够|够用)?(?:多少|几个|几|用)?<zlook><zend>",
    ),
    "status": (
        r"<please>(?:(?:show|list|see|view|display|print|check|get|give|tell|look at|describe|read)(?: (?:me|us))? )?"
        r"(?:(?:all|of|the|my|our|your) ){0,3}"
        r"(?:(?:current|whole|full|entire|latest|project|video|timeline|present) ){0,2}<tracks>"
        r"(?: (?:list|summary|overview|report|update|status|state))?"
        r"(?: (?:of|for|in|on) (?:the|my|our|this) (?:video|project|timeline|film|draft|movie|edit))?<thanks>",
        r"(?:what's|whats|what is|what are|what do we have|what do i have|what have we got|what have i got"
        r"|what do you have|show me what's|tell me what's|see what's)(?: (?:now|currently|there|all))?"
        r"(?: (?:on|in))? (?:(?:the|my|our) )?(?:(?:current|project|video) ){0,2}<tracks>"
        r"(?: of (?:the|my|this) (?:video|project|film|timeline))?(?: (?:now|so far|right now|currently))?<thanks>",
        r"(?:what|which|how many) tracks (?:are there|do (?:i|we) have|have (?:i|we) got|does it have)"
        r"(?: (?:now|so far|(?:on|in) the (?:timeline|video|project)))?<thanks>",
        r"(?:what does|how does) (?:the|my) (?:current )?(?:timeline|draft) look(?: like)?(?: now| so far)?<thanks>",
        r"<zplease><zlook>(?:现在|目前|当前|最新|此刻)?的?(?:时间线|时间轴|视频|项目|工程|影片)?的?(?:全部|所有|各个|完整的?)?"
        r"(?:状态|时间线|时间轴|轨道|轨道列表)(?:怎么样|怎样|如何|是什么样的|是什么|有什么|有哪些|[上里]有什么|[上里]有哪些|上都有什么"
        r"|情况|概况|列表|状态)?<zend>",
        r"(?:现在|目前|当前)?(?:是|的|处于)?(?:什么|啥|怎样的)(?:状态|情况)<zend>",
        r"<zplease>(?:现在|目前|当前)?(?:都)?有(?:哪些|几条|多少条|什么|多少)(?:轨道)<zend>",
        r"(?:现在|目前|当前)?(?:在)?(?:时间线|时间轴|轨道)[上里](?:现在|目前)?都?(?:有|是)(?:什么|哪些|啥)(?:东西|内容|素材|片段)?<zend>",
    ),
}


def asks_for(action: str, text: str) -> bool:
    """Whether a text, in lower case and with plain signs, asks for an action and for nothing else."""
    return any(saying.fullmatch(text) for saying in _patterns(action))


@functools.cache
def _patterns(action: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_expanded(source)) for source in _SAYINGS[action])


def _expanded(source: str) -> str:
    while (expanded := re.sub(r"<(\w+)>", lambda part: f"(?:{_PARTS[part[1]]})", source)) != source:
        source = expanded
    return source
