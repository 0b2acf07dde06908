"""Replies that try to bring something to life in whatever shows them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

RUNS: Final = "<img src=https://evil.test/x.png onerror=alert(1)>"
MATH: Final = r"\href{javascript:alert(1)}{x}"
REPLIES: Final = (
    "<script>alert(1)</script>",
    f"\\{RUNS}",
    f"\\\\{RUNS}",
    "<svg/onload=alert(1)>",
    "<<script>script>alert(1)",
    "<!--\n-->\n<script>alert(1)</script>",
    "<?php ?>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;script&#62;",
    f"# {RUNS}",
    f"|a|b|\n|-|-|\n|{RUNS}|`<script>`|",
    # addresses
    "[x](javascript:alert(1)) [x]( javascript:alert(1)) [x](<javascript:alert(1)>)",
    "[x](JaVaScRiPt\\:alert(1))",
    "[x](&#106;avascript:alert(1)) [x](&#x6a;avascript&colon;alert(1)) [x](javascript&Tab;:alert(1))",
    "[x](%6aavascript:alert(1))",
    "[x](java\x00script:alert(1)) [x](java\u200escript:alert(1))",
    "[x](vbscript:x) [x](data:text/html;base64,PHNjcmlwdD4=) [x](file:///etc/passwd) [x](command:foo)",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "[x]\n\n[x]:\n  javascript:alert(1)",
    "> [x]\n\n> [x]:\n> javascript:alert(1)",
    "<javascript:alert(1)> <JAVASCRIPT:alert(1)> <data:text/html,x>",
    '[x](https://a.test"onmouseover="alert(1))',
    "[x](https://a.test 'onmouseover=alert(1)')",
    '<https://a.test/"onmouseover=alert(1)>',
    "[a](https://x.test)(javascript:alert(1))",
    "[x](https://a.test/(javascript:alert(1)))",
    "\x1b]8;;javascript:alert(1)\x07x\x1b]8;;\x07",
    # pictures
    "![t](https://evil.test/track.png)",
    "\\![t](https://evil.test/track.png) !![t](https://evil.test/track.png)",
    "![t][r]\n\n[r]: https://evil.test/track.png",
    "<https://a.test/!>[t](https://evil.test/track.png) https://a.test/![t](https://evil.test/track.png)",
    "[![x](https://evil.test/i.png)](https://evil.test)",
    "![a](https://x.test)[b](javascript:x)",
    # code that is none, or is more than that
    "`code` <b>x</b> ```\n<i>\n```",
    f"``{RUNS}` `{RUNS}",
    f"\\`{RUNS}` `a\\`{RUNS}`",
    f"[a `b](https://x.test) {RUNS}`",
    f"`` ` `` {RUNS}",
    "> ```\n> <script>alert(1)</script>\n> ```\n<script>alert(2)</script>",
    "- ```\n  <script>alert(1)</script>\n  ```\n<script>alert(2)</script>",
    f"1. a\n   ```html\n   {RUNS}\n   ```\n2. b {RUNS}",
    f"    {RUNS}\n\n\t{RUNS}\n\n- a\n\n    {RUNS}",
    f"~~~\n```\n{RUNS}\n~~~\n{RUNS}",
    f"````\n```\n{RUNS}\n````\n{RUNS}",
    f"a\u2028```\u2028{RUNS}",
    f"```mermaid\n{RUNS}\n```",
    "~~~mermaid\n</pre><script>alert(1)</script>\n~~~",
    f"```math\n{MATH}\n```",
    # formulas, which can hold links
    f"${MATH}$ $${MATH}$$ \\(${MATH}\\)",
    f"\\\\({MATH}\\\\) \\\\[{MATH}\\\\]",
    f"\\begin{{equation}}{MATH}\\end{{equation}}",
    f"`$$` {MATH} `$$`",
    f"`$$ {MATH} $$` `\\begin{{a}}` <b>x</b> `\\end{{a}}`",
    f"* `$$`\n* {RUNS} {MATH}\n* `$$`",
    f"```\n$$\n```\n{RUNS}{MATH}\n```\n$$\n```",
    f"https://x.test\\({MATH}\\) www.x.test/${MATH}$",
    f"https://x.test`{MATH} $a$` www.x.test/`$a$ {MATH}`",
    f"@@0@@ ${MATH}$ @@1@@",
    "a~~~`b~~~![x](https://y.test)`",
    "costs $5 and $10, or \\$5 and \\$10",
)
_TAGS: Final = frozenset(
    "p a code pre em strong del s br hr h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote span div".split()
    + "table thead tbody tr th td".split()
)
_SAFE_ADDRESS: Final = re.compile(r"(?:https?://|mailto:|#)")


class _Harm(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name not in {"href", "class", "id", "start", "style", "align"} or (
                name == "href" and not _SAFE_ADDRESS.match(value or "")
            ):
                self.found.append(f"{name}={value}")

    def handle_decl(self, decl: str) -> None:
        self.found.append(decl)

    handle_pi = handle_comment = unknown_decl = handle_decl


def harm_in(page: str) -> list[str]:
    """Whatever a page of HTML has that runs, loads, or leads elsewhere than to the web."""
    reader = _Harm()
    reader.feed(page)
    reader.close()
    return reader.found


def formulas_in(page: str) -> list[str]:
    """What MathJax would take for one: it looks at each run of text outside code."""
    runs = re.split(r"<[^>]*>", re.sub(r"(?s)<(pre|code)\b.*?</\1>", "<>", page))
    return [run for run in runs if re.search(r"(?s)\$.*\$|\\[(\[]|\\begin|\\ref|\\eqref", run)]
