from __future__ import annotations

import itertools
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from nemo_notebook.outside import strike
from nemo_notebook.session.language import LONGEST_SECRET, LONGEST_WAIT, PhraseFilter, translate

SECRET = "nmv_usr_" + "Zq7" * 12
SIGNED = "https://cdn.example.com/film.mp4?X-Amz-Signature=5f4dcc3b5aa765d61d83&Expires=1700000000"

TEXTS_BY_KIND = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8"))
REPLACED, KEPT, QUOTED = (TEXTS_BY_KIND[kind] for kind in ("replaced", "kept", "quoted"))
BEYOND_A_QUOTE, PROSE = (TEXTS_BY_KIND[kind] for kind in ("beyond_a_quote", "prose"))
STRUCK = [
    (text.replace("SECRET", SECRET).replace("SIGNED", SIGNED), wanted.replace("SIGNED", strike(SIGNED)))
    for text, wanted in TEXTS_BY_KIND["struck"]
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


@pytest.mark.parametrize("text", [*PROSE[:2], *TEXTS_BY_KIND["slow"]])
def test_filter__time_grows_with_the_text_only(text: str) -> None:
    def seconds(size: int) -> float:
        whole = text * (size // len(text))
        start = time.process_time()
        in_pieces([whole[i : i + 5] for i in range(0, len(whole), 5)])
        return time.process_time() - start

    seconds(2_000)  # the tables are read on first use
    assert seconds(60_000) < 10
