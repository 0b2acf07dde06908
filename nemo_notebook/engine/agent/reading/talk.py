"""What is no edit: greetings, questions back, things that cannot be done."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.model import Question, Refusal, Remark
from nemo_notebook.engine.agent.reading import facts
from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.lacking import lacking
from nemo_notebook.engine.agent.reading.unable import invention_told, unable_told
from nemo_notebook.engine.agent.words.look_words import FILTER
from nemo_notebook.engine.agent.words.mood_words import named_mood
from nemo_notebook.engine.agent.words.vocabulary import ADD, CHANGE, MAKE, REMOVE, TITLE, TRIM, USE, VOLUME
from nemo_notebook.engine.agent.words.wording import SEAM, Clause
from nemo_notebook.film.model import Situation
from nemo_notebook.film.phrasing import mood_label, quoted, say, seconds

_FEWEST_WORDS: Final = 2  # of a wish that is worth a word when it is not understood
_GREETING: Final = re.compile(
    r"^\W*(?:hi+|hello|hey+|hiya|yo|greetings|good (?:morning|evening|afternoon)|你好呀?|您好|嗨|哈喽|哈啰"
    r"|早上好|晚上好|在吗)[\s\W]*(?:there|nemo|all)?\W*$"
)
_THANKS: Final = re.compile(
    r"^\W*(?:(?:(?:many )?thanks?(?: you)?|thx|ty|great|perfect|nice|cool|awesome|amazing|wonderful|excellent"
    r"|brilliant|love it|i (?:really )?(?:love|like) (?:it|this|that)|looks? (?:good|great)"
    r"|well done|good job|ok(?:ay)?|yes|sure|fine|谢谢你?|多谢|感谢|很好|太棒了|太好了|真棒|不错|好的?|可以"
    r"|行|完美|非常好|喜欢|我喜欢)(?:[^a-z0-9\u4e00-\u9fff]+|$|了|啦|(?=\W*(?:so|a lot|very)\b))"
    r"(?:so much|a lot|very much|work|job|了)?\W*)+$"
    r"|^\W*(?:many )?(?:thanks|thank you|thx) (?:so much |a lot |again )?for (?!\d)[a-z' ]{2,40}\W*$"
)
_BYE: Final = re.compile(r"^\W*(?:bye(?:[ -]?bye)?|good ?bye|see you|good night|再见|拜拜|晚安)\W*$")
_NEVER_MIND: Final = re.compile(
    r"^\W*(?:oh |ok,? |no,? )?(?:never ?mind|nvm|forget (?:it|that)|cancel|leave it(?: like (?:this|that))?)\W*$"
    r"|^\W*(?:算了|没事了?|当我没说|就这样吧?|取消)\W*$"
)
_HELP: Final = re.compile(
    r"\bwhat (?:else )?can (?:you|i)\b|\bwhat do you do\b|\bwho are you\b|\bhow (?:do|does|can) (?:i|this|it"
    r"|you)\b|^\W*help\W*$|\bhelp me\W*$|\bcommands?\W*$"
    r"|能做什么|会什么|会做什么|怎么用|怎么做|^\W*帮助\W*$|有什么功能|你是谁|可以做什么"
)
_PICTURE_OF: Final = re.compile(
    r"^\W*(?:please |can you |could you )*(?:generate|create|draw|make|paint|imagine|design)(?: me"
    r"| us)? (?:an?|some|another)"
    r" (?:\w+ ){0,2}(?:picture|image|photo|drawing|painting|illustration|cartoon)s? (?:of|with|showing)"
    r" (?!my\b|the\b|our\b|this\b|these\b|those\b)|^\W*(?:请|帮我)?(?:画|生成|绘制)一?[张幅只条]"
)
_VAGUE: Final = re.compile(
    r"\b(?:better|best|nicer|cooler|prettier|improve|enhance|polish|professional\w*|fancier|beautif\w+"
    r"|more (?:interesting|exciting|fun|modern|creative|dynamic"
    r"|energy|engaging)|pop|wow|viral"
    r"|fire|lit|sick|dope|magic|awesome|amazing|stunning|cool|edit (?:it|this|my video)|fix (?:it|this)"
    r"|spice|level (?:it )?up|more \w+|less \w+"
    r"|add (?:some |more |a bit of |a little )?(?:energy|excitement|drama|life|fun|spice|emotion|magic|style"
    r"|flair)|something (?:cool|nice|different|else|special)|surprise me|don'?t like|hate|boring|ugly|bad|not good"
    r"|wrong|change (?:it|something|this)|do something|do it"
    r"|whatever|any ?thing|another|again|different|adjust|tweak|modify|refine|finish it|make it work)\b"
    r"|^\W*(?:no|nope|nah|不|不行|不好|不要)\W*$|^\W*(?:a (?:bit|little) |much |even |still |some )?(?:more|less)\W*$"
    r"|更好|好看|优化|美化|高级|酷|改进|提升|炫|漂亮|精彩|完善|不好|不喜欢|随便|惊艳|有趣|好一点|改一下|改改"
    r"|调整一下|弄一下|处理一下|有感觉|氛围|再来|不一样|换一?个"
    r"|不(?:太)?对(?:劲|味)?\W*$|单调|普通|平淡|没意思|无聊|花哨|花的|剪辑?一下|太(?:土|丑|素)|差点意思|带感"
)
_LENGTH: Final = re.compile(
    r"\b(?:shorter|longer|too long|too short|shorten|extend)\b|短一?[点些]|长一?[点些]|太长|太短|缩短|延长"
)
_OUTSIDE: Final = re.compile(
    r"\b(?:thesis|essay|homework|e-?mail|flight|hotel|restaurant|taxi"
    r"|weather|stock|bitcoin|crypto|recipe for|translate|python|javascript|news"
    r"|source code|pizza|tax(?:es)?|resume|cv|cover letter|joke|poem|president|math|equation|password"
    r"|spreadsheet|doctor|lawyer|capital of|girlfriend|boyfriend)\b"
    r"|论文|作业|机票|酒店|天气|股票|翻译|外卖|代码|简历|笑话|写诗|打车|订票|邮件|密码|数学|新闻|女朋友|男朋友"
)


def is_courtesy(clause: Clause) -> bool:
    """Whether a clause is nothing but thanks or praise."""
    return clause.has(_THANKS)


def small_talk(clause: Clause, context: Context) -> Question | Refusal | Remark | None:
    """An answer to a greeting, to thanks, or to a question about the draft or the agent; None for other clauses."""
    lang = context.situation.spoken
    if clause.has(_GREETING):
        hello = say(lang, "Hello! What shall we make? ", "你好！想做什么样的视频？")
        return Question(hello + suggestions(context))
    if clause.has(_THANKS):
        en = "You're welcome. Ask for another change, or export when you like it."
        return Remark(say(lang, en, "不客气。还可以继续修改，满意就导出吧。"))
    if clause.has(_NEVER_MIND):
        return Remark(say(lang, "All right, everything stays as it is.", "好的，保持原样。"))
    if clause.has(_BYE):
        en = "Goodbye! Your draft stays as it is; you can come back to it."
        return Remark(say(lang, en, "再见！草稿会保留，随时可以回来继续。"))
    if (told := facts.how_to(clause, context)) is not None:
        return Remark(told)
    if clause.has(_HELP):
        en = (
            "I make music videos: I cut your clips or photos to the beat, compose background "
            "music, add titles, transitions, looks, a visualizer and fades, change speed, order and format. "
        )
        zh = (
            "我会做音乐视频：按节拍剪辑视频和照片、创作背景音乐、加标题、转场、滤镜、可视化、淡入淡出，还能变速、"
            "调顺序、改画幅。"
        )
        return Remark(say(lang, en, zh) + suggestions(context))
    if clause.has(_PICTURE_OF):
        return Refusal(unable_told(clause, lang) or suggestions(context))
    if facts.is_question(clause) and not clause.has(_OUTSIDE):
        return Remark(facts.fact(clause, context, suggestions(context)))
    return None


def unable(clause: Clause, context: Context) -> str | None:
    """What to say to a wish that cannot be met, or that lacks something, where other wishes are met; else None."""
    told = unable_told(clause, context.situation.spoken)
    if told is not None or not context.edits:
        return told
    if clause.has(TITLE) and clause.has(ADD):
        return _which_words(context)
    return None


def left_out(clause: Clause, context: Context) -> str | None:
    """What to say of a wish that was not understood among others that were; None for what is hardly a wish."""
    words = clause.text.split()
    wishes = (ADD, CHANGE, MAKE, REMOVE, TRIM, USE)
    wish = any(clause.has(pattern) for pattern in wishes) and (len(words) > _FEWEST_WORDS or not clause.text.isascii())
    lang = context.situation.spoken
    if clause.quotes or not wish or unable(clause, context) is not None or clause.has(_THANKS):
        return None
    part = quoted(" ".join(clause.raw.replace(SEAM, "").split()).strip(" ,.，。"), lang)
    return say(lang, f"I did not understand {part}.", f"{part}这部分我没有听懂。")


def not_read(clauses: tuple[Clause, ...], context: Context) -> Question | Refusal:
    """The answer to a message that gave no edit."""
    lang = context.situation.spoken
    if any(clause.has(_OUTSIDE) for clause in clauses):
        en = "That is outside of what I can do: I only make and edit videos and their music. "
        return Refusal(say(lang, en, "这超出了我的能力范围：我只会制作和编辑视频与配乐。") + suggestions(context))
    if (asked := next((told for clause in clauses if (told := lacking(clause, context))), None)) is not None:
        return Question(asked)
    if context.has_film and any(clause.has(_LENGTH) for clause in clauses):
        length = seconds(context.film.end_ms, lang)
        en = (
            f'It is {length} long now. How long should it be? For example "make it 15 seconds" '
            f'or "trim the last 3 seconds".'
        )
        return Question(say(lang, en, f"现在长 {length}，想要多长？例如“剪到15秒”或“去掉最后3秒”。"))
    if any(clause.has(TITLE) for clause in clauses):
        return Question(_which_words(context))
    if any(clause.has(VOLUME) for clause in clauses):
        en = 'How loud shall it be? For example "set the music volume to 35%".'
        return Question(say(lang, en, "音量调到多少呢？例如“音乐音量35%”。"))
    mood = next((mood for clause in clauses if (mood := named_mood(clause.text))), None)
    if mood is not None:
        return _music_or_pictures(mood, context)
    if any(clause.has(_VAGUE) for clause in clauses):
        en = "What would you like to change? "
        return Question(say(lang, en, "想改哪方面呢？") + suggestions(context))
    if any(clause.has(FILTER) for clause in clauses):
        en = "Which look would you like: cinematic, vintage, black and white, warm, cool, vivid, dreamy, noir or faded?"
        return Question(say(lang, en, "想要哪种滤镜：电影感、复古、黑白、暖色、冷色、鲜艳、梦幻还是褪色？"))
    told = next((told for clause in clauses if (told := invention_told(clause, lang))), None)
    if told is not None:
        return Refusal(told)
    en = "Sorry, I did not understand that. "
    return Refusal(say(lang, en, "抱歉，我没有听懂。") + suggestions(context))


def _music_or_pictures(mood: str, context: Context) -> Question:
    drawn = context.has_film and not context.film.shots
    look_en, look_zh = (
        ("show sunset colours", "换成日落配色") if drawn else ("give it a cinematic look", "加电影感滤镜")
    )
    en = f'Do you mean the music or the pictures? You can say "change the music to {mood_label(mood, "en").lower()} '
    en += f'music" or "{look_en}".'
    zh = f"指音乐还是画面？可以说“把音乐换成{mood_label(mood, 'zh')}音乐”或“{look_zh}”。"
    return Question(say(context.situation.spoken, en, zh))


def suggestions(context: Context) -> str:
    """Two or three things to say next that fit the situation."""
    situation, lang = context.situation, context.situation.spoken
    if not situation.media and not context.film.end_ms:
        en = (
            'Shall we start? Upload a song, clips or photos; then say, for example, "make '
            'a music video, cut on the beat".'
        )
        return say(lang, en, "先上传歌曲、视频或照片好吗？然后可以说：“做一个卡点音乐视频”。")
    if not context.film.end_ms:
        return _first_steps(situation)
    shown = [say(lang, en, zh) for en, zh in _options(context)][:3]
    en = f"How about {', '.join(shown[:-1])} or {shown[-1]}?"
    return say(lang, en, f"比如{'、'.join(shown[:-1])}或{shown[-1]}？")


def _options(context: Context) -> list[tuple[str, str]]:
    """Wishes that nothing on the timeline meets yet, the most telling first; at least two."""
    film = context.film
    shots = film.shots
    options = [] if context.has_music else [('"add upbeat background music"', "“加轻快的背景音乐”")]
    if context.has_music and len(shots) > 1:
        options.append(('"faster cuts"', "“剪得快一点”"))
    if shots and not film.meta.get("filter"):
        options.append(('"give it a cinematic look"', "“加电影感滤镜”"))
    if not context.has_titles:
        options.append(('add a title "Hello" for the first 3 seconds', "“在开头加标题‘你好’，3秒”"))
    if len(shots) > 1 and not any(shot.meta.get("transition") for shot in shots):
        options.append(('"add crossfades"', "“加叠化转场”"))
    if context.has_music and not film.segments("visualizer"):
        options.append(('"add a visualizer"', "“加上可视化”"))
    return [*options, ('"make it vertical for TikTok"', "“改成竖屏”"), ('"fade out at the end"', "“结尾淡出”")]


def _which_words(context: Context) -> str:
    en = 'Which words shall the title show? For example: add a title "Urban Dreams" for the first 3 seconds.'
    return say(context.situation.spoken, en, "标题写什么呢？例如“在开头加标题‘城市之梦’，3秒”。")


def _first_steps(situation: Situation) -> str:
    lang = situation.spoken
    if situation.of_kind("audio"):
        en = 'How about "make a music video, cut on the beat" or "make a video with a visualizer"?'
        return say(lang, en, "比如“做一个卡点音乐视频”或“做一个带可视化的视频”？")
    en = 'How about "make a video from my clips" or "add upbeat background music and sync it to the cuts"?'
    return say(lang, en, "比如“用我的素材做一个视频”或“加轻快的背景音乐并对齐剪辑”？")
