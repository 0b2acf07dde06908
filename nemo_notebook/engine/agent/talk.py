"""What is no edit: greetings, questions back, things that cannot be done, facts about the draft."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.drafting import MUSIC, canvas_of, end_ms, segments_of
from nemo_notebook.engine.agent.filming import shots_of
from nemo_notebook.engine.agent.language import counted, say, seconds
from nemo_notebook.engine.agent.model import Question, Refusal, Remark, Situation
from nemo_notebook.engine.agent.reading import Context
from nemo_notebook.engine.agent.wording import Clause

_UNDO: Final = re.compile(
    r"^\W*(?:(?:please|no|oops|ok|now)\W+)*(?:undo|revert|go back|take (?:that"
    r"|it) back|step back|restore)\b|^\W*(?:请|帮我)?(?:撤销|撤回|还原"
    r"|恢复上一步|回到上一步|返回上一步|退回)"
)
_GREETING: Final = re.compile(
    r"^\W*(?:hi|hello|hey|hiya|good (?:morning|evening|afternoon)|你好|您好|嗨|哈喽)[\s\W]*(?:there|nemo)?\W*$"
)
_THANKS: Final = re.compile(
    r"^\W*(?:thanks?(?: you)?|thx|great|perfect|nice|cool|awesome|love it"
    r"|looks good|ok(?:ay)?|谢谢|多谢|很好|太棒了|不错|好的|完美)[^a-z0-9]*(?:so much"
    r"|a lot|very much)?\W*$"
)
_HELP: Final = re.compile(
    r"\bwhat can (?:you|i)\b|\bhow (?:do|does|can) (?:i|this|it|you)\b"
    r"|^\W*help\W*$|\bhelp me\W*$|能做什么|会什么|怎么用|怎么做|^\W*帮助\W*$"
    r"|有什么功能"
)
_FACTS: Final = re.compile(
    r"\bhow long\b|\bwhat(?:'s| is) (?:on|in|the (?:length|duration"
    r"|tempo|bpm|resolution))\b|\bhow many\b|\bwhich (?:clips|music)\b"
    r"|多长|多久|有几个|多少|时间线上"
)
_VAGUE: Final = re.compile(
    r"\b(?:better|nicer|cooler|prettier|improve|enhance|polish|professional"
    r"|fancier|more (?:interesting|beautiful|exciting|fun|modern|creative"
    r"|dynamic|energy)|pop|wow|awesome|viral|amazing|"
    r"fix it|spice|level up|more \w+|something (?:cool|nice|different)|surprise me"
    r"|don'?t like|boring|not good|change (?:it|something)|do something"
    r"|whatever)\b"
    r"|更好|好看|优化|美化|高级|酷|改进|提升|炫|漂亮|精彩|完善|不好|不喜欢|随便|惊艳|有趣|好一点|改一下|改改"
)
_LENGTH: Final = re.compile(
    r"\b(?:shorter|longer|too long|too short|shorten|extend)\b|短一?[点些]|长一?[点些]|太长|太短|缩短|延长"
)
_TITLE: Final = re.compile(r"\b(?:title|caption|heading|text)\b|标题|文字")
_VOLUME: Final = re.compile(r"\bvolume\b|音量")
_OUTSIDE: Final = re.compile(
    r"\b(?:thesis|essay|homework|e-?mail|flight|hotel|restaurant|taxi"
    r"|weather|stock|bitcoin|crypto|recipe for|translate|python|javascript"
    r"|source code|"
    r"pizza|tax(?:es)?|resume|cv|cover letter|joke|poem|president|math|equation|password|spreadsheet|doctor|lawyer)\b"
    r"|论文|作业|机票|酒店|天气|股票|翻译|外卖|代码|简历|笑话|写诗|打车|订票|邮件|密码|数学"
)

# Wishes of the trade that cannot be met yet, with what can be had instead.
_UNABLE: Final = (
    (
        re.compile(r"\b(?:auto(?:matic)? )?(?:subtitles?|transcri\w+|karaoke|lyrics)\b|歌词|自动字幕|识别字幕"),
        (
            "I cannot write subtitles or lyrics from the sound. I can place words that you "
            'give me, e.g. add a title "…" from 0:05 to 0:08.',
            "我还不能自动识别字幕或歌词，但可以放上你给的文字，例如：在0:05到0:08加标题“……”。",
        ),
    ),
    (
        re.compile(
            r"\b(?:voice ?-?over|narrat\w+|text to speech|tts|sing(?:er|ing)?"
            r"|vocals?)\b|配音|旁白|朗读|人声|唱"
        ),
        (
            "I cannot speak or sing. I can compose instrumental music, or use a recording that you upload.",
            "我不能配音或演唱，可以创作纯音乐，或使用你上传的录音。",
        ),
    ),
    (
        re.compile(
            r"\b(?:slow[- ]?mo(?:tion)?|speed (?:it |the \w+ )?up|time ?-?lapse effect"
            r"|fast[- ]forward|reverse|rewind|backwards?|playback speed)\b|慢动作"
            r"|倍速|变速|倒放|加速播放|快进"
        ),
        (
            "I cannot change the speed of clips yet. I can cut faster or slower, e.g. cut every 2 beats.",
            "我还不能改变素材的播放速度，但可以让剪辑更快或更慢，例如：每两拍剪一刀。",
        ),
    ),
    (
        re.compile(
            r"\b(?:transitions?|fad\w+ (?:\w+ )?(?:to|from) (?:black|white)"
            r"|cross ?-?fades?|dissolves?|wipes?)\b|转场|叠化|溶解"
        ),
        (
            "I cut hard, on the beat: there are no transitions yet. I can change how often "
            "it cuts, e.g. cut every bar.",
            "目前只有踩点硬切，还没有转场效果；可以调整剪辑频率，例如：每小节剪一刀。",
        ),
    ),
    (
        re.compile(
            r"\b(?:filters?|colou?r ?-?(?:grad\w+|correct\w+)|black and white"
            r"|sepia|vintage|brightness|contrast|saturation|blur|lut|glitch"
            r"|vhs|grain|effects?)\b|滤镜|调色|黑白|复古|亮度|对比度|饱和度"
            r"|模糊|特效"
        ),
        (
            "I cannot change the colours of clips or add effects yet. I can change cuts, "
            "music, titles, the visualizer and the format.",
            "我还不能调色或加特效，但可以改剪辑、音乐、标题、可视化和画幅。",
        ),
    ),
    (
        re.compile(
            r"\b(?:stickers?|emojis?|logos?|watermarks?|gifs?|overlays?|picture[- ]in[- ]picture"
            r"|green ?screen|split ?screen|remove (?:the )?background|stabili[sz]e"
            r"|face|zoom)\b|贴纸|水印|画中画|绿幕|抠图|防抖|表情包|分屏"
        ),
        (
            "I cannot do that to the picture yet. I can add titles, a visualizer, and change the format.",
            "这种画面处理还做不到，但可以加标题、可视化，或改画幅。",
        ),
    ),
    (
        re.compile(
            r"\b(?:swap|reorder|rearrange|order of|before the|second clip|first clip"
            r"|last clip|third clip)\b|调换|顺序|第[一二三四五\d]个(?:片段|素材"
            r"|镜头)"
        ),
        (
            'I cannot move single shots yet. "Give me another cut" chooses other stretches, '
            'and "trim the first 2 seconds" shortens the video.',
            "我还不能移动单个镜头；可以说“换个剪法”，或“去掉前2秒”。",
        ),
    ),
    (
        re.compile(r"\bredo\b|重做"),
        ("I cannot redo; just say the change again.", "还不能重做，请把修改再说一遍。"),
    ),
)


def is_undo(clause: Clause) -> bool:
    """Whether a clause asks to go back."""
    return clause.has(_UNDO) and not clause.quotes


def small_talk(clause: Clause, context: Context) -> Question | Remark | None:
    """An answer to a greeting, to thanks, or to a question about the draft or the agent; None for other clauses."""
    lang = context.situation.spoken
    if clause.has(_GREETING):
        hello = say(lang, "Hello! What shall we make? ", "你好！想做什么样的视频？")
        return Question(hello + suggestions(context))
    if clause.has(_THANKS):
        en = "You're welcome. Ask for another change, or export when you like it."
        return Remark(say(lang, en, "不客气。还可以继续修改，满意就导出吧。"))
    if clause.has(_HELP):
        en = (
            "I make music videos: I cut your clips or photos to the beat, compose background "
            "music, add titles, a visualizer, fades and formats. "
        )
        zh = "我会做音乐视频：按节拍剪辑视频和照片、创作背景音乐、加标题、可视化、淡入淡出，还能改画幅。"
        return Remark(say(lang, en, zh) + suggestions(context))
    return Remark(facts(context)) if clause.has(_FACTS) else None


def unable(clause: Clause, context: Context) -> str | None:
    """What to say to a wish that cannot be met yet, or None."""
    lang = context.situation.spoken
    return next((say(lang, *told) for pattern, told in _UNABLE if clause.has(pattern)), None)


def not_read(clauses: tuple[Clause, ...], context: Context) -> Question | Refusal:
    """The answer to a message that gave no edit."""
    lang = context.situation.spoken
    if any(clause.has(_OUTSIDE) for clause in clauses):
        en = "That is outside of what I can do: I only make and edit videos and their music. "
        return Refusal(say(lang, en, "这超出了我的能力范围：我只会制作和编辑视频与配乐。") + suggestions(context))
    if any(clause.has(_VAGUE) for clause in clauses):
        en = "What would you like to change? "
        return Question(say(lang, en, "想改哪方面呢？") + suggestions(context))
    if context.has_film and any(clause.has(_LENGTH) for clause in clauses):
        length = seconds(end_ms(context.film), lang)
        en = (
            f'It is {length} long now. How long should it be? For example "make it 15 seconds" '
            f'or "trim the last 3 seconds".'
        )
        return Question(say(lang, en, f"现在长 {length}，想要多长？例如“剪到15秒”或“去掉最后3秒”。"))
    if any(clause.has(_TITLE) for clause in clauses):
        en = 'Which words shall the title show? For example: add a title "Urban Dreams" for the first 3 seconds.'
        return Question(say(lang, en, "标题写什么呢？例如：在开头加标题“城市之梦”，3秒。"))
    if any(clause.has(_VOLUME) for clause in clauses):
        en = "How loud shall it be? For example: set the music volume to 35%."
        return Question(say(lang, en, "音量调到多少呢？例如：音量35%。"))
    en = "Sorry, I did not understand that. "
    return Refusal(say(lang, en, "抱歉，我没有听懂。") + suggestions(context))


def suggestions(context: Context) -> str:
    """Two or three things to say next that fit the situation."""
    situation, lang = context.situation, context.situation.spoken
    if not situation.media and not end_ms(context.film):
        en = (
            'Shall we start? Upload a song, clips or photos; then say, for example, "make '
            'a music video, cut on the beat".'
        )
        return say(lang, en, "先上传歌曲、视频或照片好吗？然后可以说：“做一个卡点音乐视频”。")
    if not end_ms(context.film):
        return _first_steps(situation)
    options = []
    if not context.has_music:
        options.append(say(lang, '"add upbeat background music"', "“加轻快的背景音乐”"))
    else:
        options.append(say(lang, '"faster cuts"', "“剪得快一点”"))
    if not context.has_titles:
        options.append(say(lang, 'add a title "Hello" for the first 3 seconds', "“在开头加标题‘你好’，3秒”"))
    if context.has_music and not segments_of(context.film, "visualizer"):
        options.append(say(lang, '"add a visualizer"', "“加上可视化”"))
    options.append(say(lang, '"make it vertical for TikTok"', "“改成竖屏”"))
    shown = options[:3]
    en = f"How about {', '.join(shown[:-1])} or {shown[-1]}?"
    return say(lang, en, f"比如{'、'.join(shown[:-1])}或{shown[-1]}？")


def facts(context: Context) -> str:
    """What is on the timeline, in a sentence."""
    film, lang = context.film, context.situation.spoken
    if not end_ms(film):
        return say(lang, "The timeline is still empty. ", "时间线还是空的。") + suggestions(context)
    width, height = canvas_of(film)
    shots, music, titles = len(shots_of(film)), segments_of(film, *MUSIC), len(segments_of(film, "title"))
    heard = str(music[0]["m"].get("name", "")) if music else ""
    length = seconds(end_ms(film), lang)
    en = f"The video is {length} long at {width} × {height}: {counted(shots, 'shot')}, "
    en += f"{heard or 'no'}{' as' if heard else ''} music and {counted(titles, 'title')}."
    zh = f"视频长 {length}，{width} × {height}：{shots} 个镜头，"
    return say(lang, en, zh + f"{'音乐为 ' + heard if heard else '没有音乐'}，{titles} 个标题。")


def _first_steps(situation: Situation) -> str:
    lang = situation.spoken
    if situation.of_kind("audio"):
        en = 'How about "make a music video, cut on the beat" or "make a video with a visualizer"?'
        return say(lang, en, "比如“做一个卡点音乐视频”或“做一个带可视化的视频”？")
    en = 'How about "make a video from my clips" or "add upbeat background music and sync it to the cuts"?'
    return say(lang, en, "比如“用我的素材做一个视频”或“加轻快的背景音乐并对齐剪辑”？")
