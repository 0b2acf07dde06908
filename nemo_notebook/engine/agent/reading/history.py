"""Going back and forth in a clause."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.wishes import NEWEST, Redo, Undo
from nemo_notebook.engine.agent.words.values import COUNTS, count_of
from nemo_notebook.engine.agent.words.vocabulary import TITLE
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.edits.lengths import Clear
from nemo_notebook.film.edits.parts import Remove

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
    r"|返回上|退回|上一步\W*$|恢复\W*$|取消(?:刚才|上一|上次))"
)
_WHAT: Final = (
    r"(?:it|that|this|them|all|everything|(?:the |that |my |those )?(?:last |previous |undone )*"
    rf"(?:(?:{COUNTS}) )?(?:changes?|edits?|steps?|undo|thing)|twice|(?:{COUNTS}) times)"
)
_REDO: Final = re.compile(
    _POLITE + rf"(?:re-?do(?: {_WHAT})*|re-?apply {_WHAT}|undo (?:the|that|my|your) (?:last )?undo|un-?undo)"
    r"(?:\W+(?:again|now|then|please|back))*\W*$"
    r"|^\W*(?:请|帮我|不|还是|把它?|都|那就?|算了|[,，\s])*"
    r"(?:(?:取消|撤销|撤回|收回)(?:刚才的?|上次的?|这次的?|那次的?)?(?:撤销|撤消|撤回)"
    r"|恢复(?:刚才|刚刚|之前|[被已]?撤[销消回]|上一?[步次])*的?(?:修改|改动|操作|编辑|更改)"
    rf"|重做(?:刚才|刚刚|之前|上一?|这|那)?的?(?:(?:{COUNTS})?[步次个]?)(?:修改|改动|操作|编辑|更改|步|全部|所有|两[步次])?"
    r"|(?:刚才|刚刚)?(?:被|我)?撤[销消回]的(?:修改|改动|操作|编辑|更改|那一?步|内容)?(?:都|再|给我)?(?:恢复|还原|重做|加回来|弄回来)"
    r"|(?:全部|都)重做)(?:一下|一次|吧|了|回来|回去)*\W*$"
)
_BACK_AGAIN: Final = re.compile(
    _POLITE + r"(?:(?:put|bring|change) (?:it|that|them) back|restore (?:it|that)|i want (?:it|that) back)"
    r"(?:\W+(?:again|please|now|then))*\W*$"
    r"|^\W*(?:请|帮我|还是|把它|都|那就?|算了|[,，\s])*(?:改回[来去]?|变回[来去]?|恢复|还原)(?:一下|吧|它|回来)*\W*$"
)
_MARKED_SOUND: Final = re.compile(r"\b(?:sound|audio|volume|colou?rs?)\b|原声|声音|颜色")
_NO_MORE: Final = re.compile(r"^\W*(?:这个|还是)?(?:不要|不用|不需要)了?\W*$")
_TWICE: Final = re.compile(r"\btwice\b|\btwo times\b|两次|两步")
_STEPS: Final = re.compile(
    rf"\b(?:last |past |previous )?({COUNTS})\s*(?:steps?|changes?|edits?|times|things)\b|({COUNTS})\s*(?:步|次|个)"
)
_ALL: Final = re.compile(r"\b(?:all|everything)\b|全部|所有|都")
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
    """Adds the step back or forth that a clause asks for; whether it asks for one."""
    if clause.quotes:
        return False
    if clause.has(_REDO) or (context.situation.later and clause.has(_BACK_AGAIN)):
        context.edits.append(Redo(0 if clause.has(_ALL) else _steps(clause)))
        return True
    if clause.has(_START_OVER):
        context.edits.append(Clear())
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
        context.edits.append(Remove(target=NEWEST.target))  # `undo the title`, where something else came after it
        return True
    context.edits.append(Undo(_steps(clause)))
    return True


def _steps(clause: Clause) -> int:
    """How many changes are meant."""
    steps = _STEPS.search(clause.text)
    number = 2 if clause.has(_TWICE) else count_of(steps[1] or steps[2]) if steps else 1
    return min(max(number, 1), 100)
