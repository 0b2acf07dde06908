from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nemo_notebook.outside import strike
from nemo_notebook.session.language.phrases import LONGEST_WAIT, PhraseFilter, translate
from nemo_notebook.session.language.redaction import LONGEST_SECRET

SECRET = "nmv_usr_" + "Zq7" * 12
SIGNED = "https://cdn.example.com/film.mp4?X-Amz-Signature=5f4dcc3b5aa765d61d83&Expires=1700000000"

REPLACED = [
    ("Done! Click the Export button to save it.", "Done! Run `%nemo export` to save it."),
    ("Click the **Export** button in the top right corner.", "Run `%nemo export`."),
    ('You can click "Export" to save it.', "You can run `%nemo export` to save it."),
    ("Then click “Export” at the top right of the screen.", "Then run `%nemo export`."),
    ("In the top right corner, click Export.", "Run `%nemo export`."),
    ("By clicking the Export button you save the film.", "By running `%nemo export` you save the film."),
    ("Head to the Export tab and choose MP4.", "Run `%nemo export` and choose MP4."),
    ("Go to File → Export to save.", "Run `%nemo export` to save."),
    ("Tap Download.", "Run `%nemo export`."),
    ("You'll find the Export button in the top right corner.", "The command is `%nemo export`."),
    ("The Export button is in the top right corner.", "The command is `%nemo export`."),
    ("The Export button is now available.", "`%nemo export` is now available."),
    ("Save it with the Export button.", "Save it with `%nemo export`."),
    ("Open the music panel to see more.", "Run `%nemo status` to see more."),
    ("Open the Media panel on the left to see your clips.", "Run `%nemo status` to see your clips."),
    ("Open the **Media** tab.", "Run `%nemo status`."),
    ("You can see your clips in the Media panel.", "You can see your clips with `%nemo status`."),
    ("Adjust the volume in the Audio panel.", "Adjust the volume by asking in the chat."),
    ("You can drag it to the timeline.", "You can ask for it in the chat."),
    ("Drag the clip onto the timeline.", "Ask for it in the chat."),
    ("Drag the clip to the end of the timeline to move it.", "Ask in the chat to move it."),
    ("Drag the edges of the clip to trim it.", "Ask in the chat to trim it."),
    ("You can reorder them with drag and drop.", "You can reorder them by asking in the chat."),
    ("Just drag and drop your files here to begin.", "Just run `%nemo upload PATH` to begin."),
    ("Preview it in the timeline now.", "See it with `%nemo status` now."),
    ("You can preview your video in the timeline.", "You can see your video with `%nemo status`."),
    ("Use the timeline below to preview your video.", "Run `%nemo status` to see the tracks."),
    ("Hit the play button to preview.", "Run `%nemo status` to see the tracks."),
    ("Press **Play** to watch it.", "Run `%nemo status` to see the tracks."),
    ("Go to your account page to see the balance.", "Run `%nemo credits` to see the balance."),
    ("Please check your billing settings.", "Please run `%nemo credits`."),
    ("Check account for details.", "Run `%nemo credits` for details."),
    ("Select the clip in the editor and tell me.", "Name the clip in the chat and tell me."),
    ("Double-click the title to edit it.", "Ask in the chat to edit it."),
    ("Use the volume slider to adjust the music.", "Ask in the chat to adjust the music."),
    ("Click the Undo button to go back.", "Ask for “Undo” in the chat to go back."),
    ("Click **Generate** to start.", "Ask for “Generate” in the chat to start."),
    ("完成了，点击右上角的导出按钮即可。", "完成了，运行 `%nemo export` 即可。"),
    ("点击右上角的“导出”按钮", "运行 `%nemo export`"),
    ("您可以点击“导出”来保存视频。", "您可以运行 `%nemo export` 来保存视频。"),
    ("请点击【导出】按钮，或者点击 **下载** 按钮。", "请运行 `%nemo export`，或者运行 `%nemo export`。"),
    ("您可以在右上角点击导出。", "您可以运行 `%nemo export`。"),
    ("点击 Export 按钮即可下载。", "运行 `%nemo export` 即可下载。"),
    ("导出按钮在右上角。", "命令是 `%nemo export`。"),
    ("打开音乐面板看看。", "运行 `%nemo status` 看看。"),
    ("打开左侧素材面板", "运行 `%nemo status`"),
    ("打开“素材”面板，把素材拖到轨道上即可。", "运行 `%nemo status`，在对话里说明即可。"),
    ("把片段拖拽到时间线上", "在对话里说明"),
    ("您可以将片段拖动到时间轴的开头。", "您可以在对话里说明。"),
    ("拖动片段边缘来调整时长。", "通过对话来调整时长。"),
    ("在时间线中预览", "用 `%nemo status` 查看"),
    ("您可以在时间线上预览效果。", "您可以用 `%nemo status` 查看效果。"),
    ("点击播放按钮即可预览。", "用 `%nemo status` 查看。"),
    ("请查看您的账户余额页面", "请运行 `%nemo credits`"),
    ("请前往个人中心查看积分。", "请运行 `%nemo credits` 查看积分。"),
    ("点击“撤销”按钮可以撤回。", "直接说“撤销”可以撤回。"),
    ("在编辑器中选中该片段，然后告诉我。", "在对话里说出该片段，然后告诉我。"),
    ("在音频面板中调整音量。", "在对话里调整音量。"),
]

KEPT = [
    "I opened with a wide shot of the click track.",
    "The opening shot is new, with a clicking sound; open on a wide shot.",
    "The preview clip is exported at 24 fps; the drag race footage is next. Check the beat.",
    "A hand opens the window, the player drops the ball on the track, and the band hits the stage.",
    "I've made the export button red in the title.",
    "Click the link below to register: https://nemovideo.com/?bind=u-1",
    "You will see the river in the second half, and the bridge on the left.",
    "打开的窗户在第二段，导出的画面是 24 帧，点击声跟着鼓点，拖车开到轨道上。",
    "在海边的镜头里，把音量调低了，用户点击率不变。",
    "我来查看时间线。",
]

QUOTED = [
    'The title is "Click the Export button".',
    "The title is “Click the Export button”, as you asked.",
    "I set the title to 'Click the Export button' for the first 3 s.",
    "‘Open the Media panel’ is the caption, don't worry.",
    "标题是“点击导出按钮”。",
    "标题是「点击导出按钮」，字幕是『打开素材面板』，片名《点击导出按钮》。",
    "Run `click the Export button` or ``open the Media panel``.",
    "```\nclick the Export button\nopen the Media panel\n```",
    "Added a title titled Click the Export button",
    "Title: Click the Export button",
    "- **Title:** Open the Media panel. Click the Export button",
    "标题：点击导出按钮",
    "标题改为点击导出按钮",
    "I added the text Click the Export button.",
    '“Click the Export button” and "Open the Media panel" are the titles.',
]

BEYOND_A_QUOTE = [
    ("don't click the Export button yet, it's early", "don't run `%nemo export` yet, it's early"),
    ("Show 'em the dogs' film: click Export.", "Show 'em the dogs' film: run `%nemo export`."),
    ('It is 12" wide, click Export.', 'It is 12" wide, run `%nemo export`.'),
    ('An "open end\nClick Export.', 'An "open end\nRun `%nemo export`.'),
    ("A title called Dawn, then click Export.", "A title called Dawn, then run `%nemo export`."),
    ('Title: "Dawn" is there. Click Export.', 'Title: "Dawn" is there. Run `%nemo export`.'),
    ("标题已改为夏天，点击导出按钮即可。", "标题已改为夏天，运行 `%nemo export` 即可。"),
    ("`click Export` and click Export", "`click Export` and run `%nemo export`"),
    ("```\nclick Export\n```\nClick Export", "```\nclick Export\n```\nRun `%nemo export`"),
]

STRUCK = [
    (f"Your token {SECRET} is ready", "Your token … is ready"),
    (f"Get it at {SIGNED} today.", strike(f"Get it at {SIGNED} today.")),
    (f"下载{SIGNED}，谢谢", strike(f"下载{SIGNED}，谢谢")),
    ("Authorization: Custom abc def\nnext", "Authorization: …\nnext"),
    ('{"token" : "abc def", "x": 1}', '{"token" : "…", "x": 1}'),
    ("token:\nabcDEF12345\nnext", "token:\n…\nnext"),
    ("Bearer abcDEF12345X-Api-Key", "Bearer …"),
    (f"k{SECRET}&token", "k…&token"),
    ("https://me:pw1@host.test/?token=abc&b=1 is it", "https://…@host.test/?token=…&b=… is it"),
    ("Bearer  abcDEF12345 was sent", "Bearer  … was sent"),
    ("the ring bearer walks in", "the ring bearer walks in"),
    (f'A title "{SECRET}" and `{SECRET}`', 'A title "…" and `…`'),
]

PROSE = [
    "I have put together a music video from your song: the cuts fall on the beat, and each of the four clips gets six "
    "seconds. If you like, I can use a warmer grade, or check the sound again. Select a mood and tell me; the drag of "
    "the slow part is gone. You will see the long mountain panorama right after the drop. Press on with the second "
    "verse whenever you are ready. In the left part of the frame there is the singer, on the right side the band.\n",
    "我已经把您的歌曲做成了一个音乐视频：剪辑点都落在节拍上，四个片段各占六秒。开头是清晨的城市，然后可以看到河流和大桥。"
    "把标题放在前三秒淡入，打开的窗户在第二段出现，点击声跟着鼓点走。如果您喜欢，我可以用更暖的色调。\n",
]

TEXTS = [
    *(text for text, _ in (*REPLACED, *BEYOND_A_QUOTE, *STRUCK)),
    *KEPT,
    *QUOTED,
    *PROSE,
    "🎬 Done!\r\n\n1. **Video**: city (0-10s)\n2. Click *Export* 🎉\n\n> 请点击“导出”按钮 and open the Media panel",
    "click click the the Export Export button button in the in the top right",
]


def in_pieces(pieces: list[str]) -> str:
    phrases = PhraseFilter()
    return "".join(phrases.feed(piece) for piece in pieces) + phrases.flush()


def cut(text: str, places: list[int]) -> list[str]:
    ends = [0, *sorted(min(place, len(text)) for place in places), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(ends)]


def longest_held(text: str) -> int:
    """How many characters are held back at most when a text comes in one by one."""
    phrases = PhraseFilter()
    shown = held = 0
    for fed, character in enumerate(text, 1):
        shown += len(phrases.feed(character))
        held = max(held, fed - shown)
    return held


@pytest.mark.parametrize(("text", "wanted"), [*REPLACED, *BEYOND_A_QUOTE])
def test_translate__replaces_the_page(text: str, wanted: str) -> None:
    assert translate(text) == wanted


@pytest.mark.parametrize("number", range(len(STRUCK)))
def test_translate__strikes_secrets_out(number: int) -> None:
    text, wanted = STRUCK[number]
    assert translate(text) == wanted


@pytest.mark.parametrize("text", [*KEPT, *QUOTED, *PROSE])
def test_translate__keeps_the_content(text: str) -> None:
    assert translate(text) == text


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_filter__gives_the_same_wherever_the_text_is_cut(number: int) -> None:
    text = TEXTS[number]
    whole = translate(text)
    assert in_pieces(list(text)) == whole
    for place in range(len(text) + 1):
        assert in_pieces(cut(text, [place])) == whole


WORDS = st.sampled_from(
    [
        *"click Click clicking the your Export export button tab in top right corner open Media panel drag".split(),
        *"drop it onto timeline preview see check account play titled title: Title don't 'tis 's token: Bearer".split(),
        *"点 击 点击 导出 按钮 打开 素材 面板 把 拖 到 时间线 上 在 预览 标题 ： 改为 账户 查看 ， 。 . , !".split(),
        *"“ ” \" ' ’ ‘ 「 」 ` ``` ** * _ ( ) 🎬 é nmv_ https:// ?sig=a".split(),
        *(" ", " ", " ", "\n", "\r\n", "\xa0", "  ", SECRET, SIGNED, "a" * 500),
    ]
)
GENERATED = st.lists(WORDS, max_size=30).map("".join) | st.lists(WORDS, max_size=20).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(GENERATED | st.sampled_from(TEXTS) | st.text(max_size=60), st.lists(st.integers(0, 700), max_size=12))
def test_filter__any_text_is_the_same_however_it_is_cut(text: str, places: list[int]) -> None:
    assert in_pieces(cut(text, places)) == translate(text)


@given(st.lists(st.text(alphabet='abc .\n“”"', max_size=6)))
def test_filter__loses_nothing(pieces: list[str]) -> None:
    assert in_pieces(pieces) == "".join(pieces)


@given(
    st.text(alphabet="abk lnmv_-? =&:/.中“`\n", max_size=40), st.text(alphabet="abk lnmv_-? =&:/.中“`\n", max_size=40)
)
def test_filter__never_shows_a_piece_of_a_secret(before: str, after: str) -> None:
    text = f"{before} {SECRET} {SIGNED} {after}"
    phrases = PhraseFilter()
    shown = "".join(phrases.feed(character) for character in text) + phrases.flush()
    assert "Zq7" not in shown
    assert "5f4dcc3b" not in shown


@pytest.mark.parametrize("start", ["https://example.com/?sig=", "nmv_usr_", "x" * 390 + "nmv_usr_", "token="])
def test_filter__a_secret_without_end_is_cut(start: str) -> None:
    phrases = PhraseFilter()
    shown = phrases.feed(start)
    for _ in range(LONGEST_SECRET):
        shown += phrases.feed("Zq7Zq7")
    assert "…" in shown
    assert "Zq7" not in shown + phrases.flush()


SECRET_PARTS = st.sampled_from(
    [
        *"token password : = \" ' & ? sig= Authorization: X-Api-Key Custom click Export ` ** abcDEF123 cookie:".split(),
        *(" ", "\n", "Bearer ", "https://u:Zq7@h.test/", SECRET, " sk-Zq7Zq7Zq7Zq7", "?sig=5f4dcc3b5aa765"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(SECRET_PARTS, max_size=12).map("".join))
def test_translate__leaves_nothing_that_looks_like_a_secret(text: str) -> None:
    shown = translate(text)
    assert not any(part in shown for part in ("Zq7", "5f4dcc3b"))


def test_filter__goes_on_after_a_secret_that_was_cut() -> None:
    assert translate("nmv_usr_" + "a" * 5000 + " then click Export") == "… then run `%nemo export`"


@pytest.mark.parametrize("text", PROSE)
def test_filter__prose_is_held_back_for_a_few_words_only(text: str) -> None:
    assert longest_held(text) <= 40


@pytest.mark.parametrize(
    "text", [*PROSE, *KEPT, "click " * 300, "drag the a b c d to " * 60, "a" * 3000, "“" + "b " * 900]
)
def test_filter__nothing_is_held_back_for_long(text: str) -> None:
    assert longest_held(text) <= LONGEST_WAIT


def test_filter__a_word_comes_when_it_is_complete_and_a_chinese_one_at_once() -> None:
    phrases = PhraseFilter()
    assert phrases.feed("Made a fil") == "Made a "
    assert phrases.feed("m with bars ") == "film with bars "
    assert phrases.feed("做好了") == "做好了"
    assert phrases.feed("“Click") == ""
    assert phrases.feed(" the Export ") == "“Click the Export "


@pytest.mark.parametrize(
    "text",
    [
        PROSE[0],
        PROSE[1],
        "click the ",
        "把点在",
        "drag and drop the a b c to ",
        "a",
        "https://x.test/?a=b ",
        "token ",
        "[*_",
    ],
)
def test_filter__time_grows_with_the_text_only(text: str) -> None:
    def seconds(size: int) -> float:
        whole = text * (size // len(text))
        start = time.process_time()
        in_pieces([whole[i : i + 5] for i in range(0, len(whole), 5)])
        return time.process_time() - start

    seconds(2_000)  # the tables are read on first use
    assert seconds(60_000) < 10
