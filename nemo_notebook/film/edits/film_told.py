"""What is said of a film that was made or cut."""

from __future__ import annotations

from collections.abc import Sequence

from nemo_notebook.film import filming
from nemo_notebook.film.cutting import Pace, Rhythm
from nemo_notebook.film.drafting import (
    to_ms,
)
from nemo_notebook.film.model import Language, MediaItem, Situation
from nemo_notebook.film.phrasing import a_long, counted, listed, nice_title, say, seconds, stem


def music_video_told(
    situation: Situation,
    song: MediaItem,
    items: Sequence[MediaItem],
    rhythm: Rhythm,
    frames: int,
    shots: int,
    style: str | None,
    pace: Pace,
) -> str:
    """What was made of a song: its length, its cuts, what they show, what is drawn."""
    lang = situation.spoken
    tempo = bpm_told(pace.bpm or (song.tempo if rhythm.is_steady else None), lang)
    length, title = seconds(to_ms(frames), lang), nice_title(song)
    drawn = filming.DRAWINGS.get(style or "", (style or "", style or ""))
    by_en = f" by {song.artist.strip()}" if song.artist.strip() else ""
    by_zh = song.artist.strip()
    if not items:
        cover_en = " over its cover art" if song.cover_colors else ""
        cover_zh = "，背景是专辑封面" if song.cover_colors else ""
        en = f'Done: {a_long(to_ms(frames))} video of "{title}"{by_en} with {drawn[0]} drawn from the sound{cover_en}.'
        return say(lang, en, f"已完成：{by_zh}《{title}》的 {length}视频，画面是随声音跳动的{drawn[1]}{cover_zh}。")
    en_how, zh_how = _how_cut(pace, tempo, steady=rhythm.is_steady or pace.bpm is not None)
    en = f'Done: {a_long(to_ms(frames))} music video for "{title}"{by_en}, {counted(shots - 1, "cut")} '
    en += f"{en_how} over {names_of(items, situation)}"
    en += f", with {drawn[0]} drawn from the sound." if style else "."
    zh = f"已完成：{by_zh}《{title}》的 {length}音乐视频，{zh_how[0]}剪了 {shots - 1} 刀{zh_how[1]}，"
    zh += f"画面来自{names_of(items, situation)}" + (f"，并叠加随声音跳动的{drawn[1]}。" if style else "。")
    return say(lang, en, zh)


def cut_told(lang: Language, shots: int, frames: int, tempo: float | None, pace: Pace, *, steady: bool) -> str:
    """How a film was cut anew; `steady` is whether there was a beat to cut on."""
    mean = seconds(to_ms(frames) / max(1, shots), lang)
    if pace.every_ms is not None:
        each = seconds(pace.every_ms, lang)
        en = f"Cut every {each}: {counted(shots, 'shot')}."
        return say(lang, en, f"已每 {each}切一次：{shots} 个镜头。")
    bpm = bpm_told(tempo if steady else None, lang)
    how = (
        ("on the beat", "按节拍")
        if steady
        else ("evenly, for the music has no steady beat", "均匀（音乐没有稳定的节拍）")
    )
    every_en = f", every {counted(pace.every, 'beat')}" if pace.every and steady else ""
    every_zh = f"，每 {pace.every} 拍一刀" if pace.every and steady else ""
    later_ms = pace.offset_ms
    if pace.offset_beats or later_ms:
        is_later = pace.offset_beats + later_ms > 0
        by_en = f"{abs(pace.offset_beats):g} beats" if pace.offset_beats else f"{abs(later_ms)} ms"
        by_zh = f"{abs(pace.offset_beats):g} 拍" if pace.offset_beats else f"{abs(later_ms)} 毫秒"
        every_en = f"{every_en}, {by_en} {'later' if is_later else 'earlier'}"
        every_zh = f"{every_zh}，整体{'推后' if is_later else '提前'} {by_zh}"
    en = f"Cut again {how[0]}{bpm}{every_en}: {counted(shots, 'shot')} of about {mean}."
    return say(lang, en, f"已{how[1]}重新剪辑{bpm}{every_zh}：{shots} 个镜头，平均 {mean}。")


def _how_cut(pace: Pace, tempo: str, *, steady: bool) -> tuple[str, tuple[str, str]]:
    if pace.every_ms is not None:
        each = seconds(pace.every_ms, "en"), seconds(pace.every_ms, "zh")
        return f"every {each[0]}", (f"每 {each[1]}一刀，共", "")
    return f"{'on the beat' if steady else 'evenly spaced'}{tempo}", ("按节拍" if steady else "均匀", tempo)


def names_of(items: Sequence[MediaItem], situation: Situation) -> str:
    """The names of uploads as an enumeration."""
    return listed([stem(item.filename) for item in items], situation.spoken)


def bpm_told(tempo: float | None, language: Language) -> str:
    """A tempo in brackets, or nothing."""
    return say(language, f" ({tempo:.0f} BPM)", f"（{tempo:.0f} BPM）") if tempo else ""
