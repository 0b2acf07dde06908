"""Going back in a clause."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.edits.history import StartOver, Undo
from nemo_notebook.engine.agent.edits.title import RemoveTitle
from nemo_notebook.engine.agent.edits.title_meant import NEWEST
from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.words.values import COUNTS, count_of
from nemo_notebook.engine.agent.words.vocabulary import TITLE
from nemo_notebook.engine.agent.words.wording import Clause

_POLITE: Final = (
    r"^\W*(?:(?:please|no|oops|ok|now|can you|could you|let'?s|sorry|wait|then|actually|hmm|请|帮我|不|算了|先)\W+)*"
)
_UNDO: Final = re.compile(
    _POLITE + r"(?:undo|revert|go back(?! to the (?:top|start|beginning))|take (?:that|it) back|step back"
    r"|put it back|change it back|restore (?:it|the (?:previous|last|old)))\b"
    r"|\bi (?:liked|preferred) (?:it|that) (?:better |more )?(?:before|the way it was)\b"
    r"|^\W*(?:please )?cancel (?:that|it|this|the last \w+)\b"
    r"|^\W*(?:请|帮我|不要?|那|还是|把)*(?:(?:这|上)一?步|刚才(?:那|的)?(?:个|一?步)?(?:的?(?:修改|操作|改动))?)(?:先|给我|都)*(?:撤|不要|取消|去掉|删)"
    r"|^\W*(?:请|帮我|不要?|算了|那就?|还是|都|把它)*[,，]?\s*(?:还是)?(?:改回[来去]?|变回[来去]?|回退|恢复(?:成|到)?(?:之前|原来|刚才|原样)"
    r"|(?:原来|之前|刚才)的(?:那个|样子)?(?:更?好|吧))"
    r"|^\W*(?:请|帮我|算了)*(?:撤销|撤消|撤回|还原|復原|恢复(?:到)?(?:上|之前|原来|前)|回到上|回到之前"
    r"|返回上|退回|恢复\W*$|取消(?:刚才|上一|上次))"
)
_MARKED_SOUND: Final = re.compile(r"\b(?:sound|audio|volume|colou?rs?)\b|原声|声音|颜色")
_NO_MORE: Final = re.compile(r"^\W*(?:这个|还是)?(?:不要|不用|不需要)了?\W*$")
_TWICE: Final = re.compile(r"\btwice\b|\btwo times\b|两次|两步")
_STEPS: Final = re.compile(
    rf"\b(?:last |past |previous )?({COUNTS})\s*(?:steps?|changes?|edits?|times|things)\b|({COUNTS})\s*(?:步|次|个)"
)
_FIRST: Final = re.compile(
    r"\b(?:first|original|initial|very first) (?:version|cut|draft|video|edit|one)\b|\bundo (?:everything|all)\b"
    r"|第一[版个]|最初|原始版本|最开始的?版本|全部撤销|撤销(?:全部|所有)"
)
_START_OVER: Final = re.compile(
    _POLITE + r"(?:let'?s |i want to )?(?:start (?:over|again|afresh|anew|from scratch)|reset(?: (?:everything|all"
    r"|it|the \w+))?"
    r"|begin again|clear (?:everything|all|the (?:timeline|project|video))"
    r"|(?:delete|remove|erase|clear) (?:everything|all(?: of it| the clips)?)"
    r"|scrap (?:it|everything)"
    r"|new project)\W*(?:please)?\W*$"
    r"|^\W*(?:请|我想|我们)*(?:重新开始|从头(?:再)?来|重来(?!一首)|清空(?:时间线|全部|所有|一切)?|全部删除"
    r"|全部删掉|重置)\W*$"
)


def read_history(clause: Clause, context: Context) -> bool:
    """Adds the step back that a clause asks for; whether it asks for one."""
    if clause.quotes:
        return False
    if clause.has(_START_OVER):
        context.edits.append(StartOver())
        return True
    if clause.has(_FIRST) and (clause.has(_UNDO) or re.search(r"回到|恢复|还原|撤销|用", clause.text)):
        context.edits.append(Undo(0))
        return True
    if context.topic not in ("", "title") and clause.has(_NO_MORE):
        context.edits.append(Undo(1))
        return True
    if not clause.has(_UNDO) or clause.has(_MARKED_SOUND):
        return False
    if clause.has(TITLE) and context.topic != "title" and context.has_titles:
        context.edits.append(RemoveTitle(NEWEST))  # `undo the title`, where something else came after it
        return True
    steps = _STEPS.search(clause.text)
    number = 2 if clause.has(_TWICE) else count_of(steps[1] or steps[2]) if steps else 1
    context.edits.append(Undo(min(max(number, 1), 100)))
    return True
