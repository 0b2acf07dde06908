from __future__ import annotations

from typing import Any

from cases import cases
from timelines import line

from nemo_notebook.film.timeline import Timeline


def test_diff__tells_what_name_when_before_and_after() -> None:
    before = {"t": [{"tt": 1, "sg": [{"id": "a", "s": 0, "d": 10_000, "v": 1.0, "m": {"name": "BGM: Lo-fi"}}]}]}
    after = {"t": [{"tt": 1, "sg": [{"id": "a", "s": 0, "d": 10_000, "v": 0.35, "m": {"name": "BGM: Lo-fi"}}]}]}
    changes = Timeline(after).diff(Timeline(before))
    assert changes.words == ("Volume of BGM: Lo-fi (0-10s): 100% → 35%.",)
    assert list(changes.frame.aspect) == ["volume"]
    assert Timeline(after).diff(Timeline(after)) == ()


def test_diff__many_alike_are_told_as_one() -> None:
    cuts = {"t": [{"tt": 0, "sg": [{"id": f"c{i}", "s": 1000 * i, "d": 1000} for i in range(12)]}]}
    assert Timeline(cuts).diff(Timeline(None)).words == ("Video: 12 segments added (0-12s)",)
    assert Timeline(None).diff(Timeline(cuts)).words == ("Video: 12 segments removed (0-12s)",)


def test_diff__a_title_and_its_text_are_told_once() -> None:
    def title(text: str) -> Timeline:
        return Timeline({"t": [{"tt": 7, "sg": [{"id": "t", "s": 0, "d": 3000, "m": {"text": text, "name": text}}]}]})

    assert title("B").diff(title("A")).words == ('Text of the title (0-3s): "A" → "B".',)


def changes(old: dict[str, Any], new: dict[str, Any], language: str = "en") -> tuple[str, ...]:
    return line([{"id": "x", **new}], language=language).diff(line([{"id": "x", **old}], language=language)).words


def test_changes__behind_the_cut_of_a_long_name_are_seen() -> None:
    (found,) = changes({"d": 1000, "name": "n" * 60 + "a"}, {"d": 1000, "name": "n" * 60 + "b"})
    assert found == "Renamed …nnnnnnnna to …nnnnnnnnb (0-1s)."


@cases
def test_changes__of_volume_are_sentences(
    before: float | None, after: float | None, english: str, chinese: str
) -> None:
    old, new = ({"d": 1000, "name": "clip2", "volume": volume} for volume in (before, after))
    assert changes(old, new) == (english,)
    assert changes(old, new, "zh-CN") == (chinese,)


@cases
def test_changes__are_sentences(more: dict[str, Any], english: str, chinese: str) -> None:
    old: dict[str, Any] = {"s": 0, "d": 1000, "name": "x"}
    assert changes(old, old | more) == (english,)
    assert changes(old, old | more, "zh-CN") == (chinese,)


def test_changes__of_a_millisecond_are_seen() -> None:
    assert changes({"d": 1001, "name": "x"}, {"d": 1004, "name": "x"}) == ("Length of x (0-1s): 1.001s → 1.004s.",)
    assert changes({"d": 1000.0001, "name": "x"}, {"d": 1000, "name": "x"}) == ()


def test_changes__of_the_track_are_told_unless_tracks_came_or_went() -> None:
    def film(*tracks: tuple[str, str]) -> Timeline:
        made = [
            {"tt": 0, "sg": [{"id": c, "s": 0, "d": 1000, "name": c} for c in held]} | ids
            for ids, held in named(tracks)
        ]
        return Timeline({"t": made}, "zh")

    def named(tracks: tuple[tuple[str, str], ...]) -> list[tuple[dict[str, str], str]]:
        return [({"id": name} if name else {}, held) for name, held in tracks]

    assert film(("", "a"), ("", "bc")).diff(film(("", "ab"), ("", "c"))).words == (
        "已将b（0-1s）从轨道 1 移到轨道 2。",
    )
    assert film(("A", "a"), ("B", "bc")).diff(film(("A", "ab"), ("B", "c"))).words == (
        "已将b（0-1s）从轨道 1 移到轨道 2。",
    )
    assert film(("N", "n"), ("A", "a")).diff(film(("A", "a"))).words == ("已添加视频：n（0-1s）",)
    assert film(("", "n"), ("", "a")).diff(film(("", "a"))).words == ("已添加视频：n（0-1s）",)


def test_changes__show_themselves() -> None:
    made = line([{"id": "x", "d": 1000, "name": "<b>"}]).diff(Timeline(None))
    assert made._repr_mimebundle_()["text/html"] == "<ul><li>Video added: &lt;b&gt; (0-1s)</li></ul>"
    assert str(Timeline(None).diff(Timeline(None))) == "The timeline has not changed."
