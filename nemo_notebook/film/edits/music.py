"""Edits of music: composed, or an uploaded song, and when it is heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final

from nemo_notebook.film import assembly, layout, soundtrack
from nemo_notebook.film.cutting import Pace
from nemo_notebook.film.draft import MUSIC, SPEECH, Draft, Part, editable, end_of, ms_of, start_of, to_frame, to_ms
from nemo_notebook.film.edit import Edit, Meta, OfEngine, Removing
from nemo_notebook.film.edits.films import MakeVideo
from nemo_notebook.film.model import Hash, Length, MediaItem, Mood, Seconds, Situation, SongPart, Tempo, Volume
from nemo_notebook.film.target import Target, Which, content_of, select, upload_of, voices_of
from nemo_notebook.film.wording import NotPossible, Told, mood_label, needed, nice_title, refuse_if, stem
from nemo_notebook.music import MOODS

ALL_MUSIC: Final = Target(kind="music")
_SHORTEST_MS: Final = 1_000
_AS_GOOD_AS_WHOLE_MS: Final = 250
_ALONE_MS: Final = 30_000  # length of music that is asked for without any pictures
_TEMPOS: Final = {"slow": 0.92, "fast": 1.06}


class AddMusic(OfEngine, Removing, Edit, frozen=True, kw_only=True):
    """Compose music under the whole film, in place of what was composed before.

    Voice recordings go on, and the music gives way to them; so do songs, where they are not replaced.
    """

    mood: Annotated[Mood | None, Meta(description="Its kind; what suits the pictures where none is given.")] = None
    bpm: Annotated[Annotated[float, Meta(ge=40, le=220)] | None, Meta(description="Its tempo.")] = None
    tempo: Annotated[Tempo, Meta(description="Slow or fast for its kind, where no number is given.")] = "usual"
    volume: Annotated[Volume | None, Meta(description="As before, or what suits, where none is given.")] = None
    duck: Annotated[bool, Meta(description="Whether it gives way where a clip is heard.")] = False
    pace: Annotated[Pace | None, Meta(description="Cut to its beats so; else its beats fall on the cuts.")] = None
    another: Annotated[bool, Meta(description="Another piece of the same kind.")] = False
    alone: Annotated[bool, Meta(description="Whether it is meant without any pictures too.")] = False
    duration_s: Annotated[Length | None, Meta(description="Its length where there are no pictures to follow.")] = None
    replaces: Annotated[bool, Meta(description="Whether it takes the place of uploaded songs as well.")] = False

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        former = editable(film)
        laid = self._pictures(film, situation)
        look = soundtrack.seen_in(film, situation)
        suits = soundtrack.match(look) if self.mood is None else soundtrack.MoodMatch(self.mood)
        had, songs = film.segments("bgm"), film.segments("song")
        now = next((old.seed for part in had if (old := soundtrack.piece_of(part))), None)
        seed = situation.seed if now is None else now + self.another
        tempo = self.bpm or suits.bpm
        if self.bpm is None and self.tempo != "usual":
            low, high = MOODS[suits.mood].bpm
            tempo = (low if self.tempo == "slow" else high) * _TEMPOS[self.tempo]
        piece = soundtrack.Piece(suits.mood, seed, tempo, exact=self.bpm is not None)
        frames = to_frame(film.picture_end_ms)
        volume = self.volume
        if volume is None:
            volume = max((part.volume for part in had), default=0.0) or soundtrack.fitting_volume(film, situation)
        film.remove_roles("bgm", *(["song"] if self.replaces else []))
        music = soundtrack.lay_score(film, situation, piece, 0, frames, to_cuts=self.pace is None)
        soundtrack.carry_over(had, music)
        for segment in music:
            segment["v"] = volume
        if self.duck:
            soundtrack.set_duck(music, soundtrack.DUCKED)
        soundtrack.give_way(film)
        items, shots = assembly.items_of(film, situation), 0
        if self.pace is not None and items:
            shots = assembly.lay_cut(film, items, soundtrack.score_rhythm(film), frames, self.pace, situation.seed)
        assembly.fit_drawn(film, frames)
        if not film.segments("song"):
            film.meta.pop("artist", None)  # of a song that is not heard any more
        _name(film, situation, suits.mood)
        met, bpm = _cuts_told(film, music, shots), music[0].meta["music"]["bpm"]
        if film.measure() == former:
            then = met and Told("add_music.then", met=met)
            raise NotPossible(Told("add_music.same", mood=suits.mood, bpm=bpm, met=then))
        told = [_composed_told(film, suits.mood, bpm, volume, laid)]
        if suits.why:
            told.append(Told("add_music.suits", why=suits.why))
        if isinstance(met, Told):
            told.append(met)
        if songs:
            told.append(Told("add_music.replaced" if self.replaces else "add_music.beside"))
        return told

    def _pictures(self, film: Draft, situation: Situation) -> str:
        """Lay what is uploaded where the timeline has no pictures yet; return what was laid."""
        if film.picture_end_ms > 0:
            if self.duration_s and not film.shots:  # a drawn film is as long as its music
                assembly.fit_drawn(film, max(1, to_frame(1000 * self.duration_s)))
            return ""
        items = [item for item in situation.media if item.kind != "audio"]
        if voices_of(film, situation):
            MakeVideo(with_song=False).apply(film, situation)
            return "clips" if items else "drawn"
        if items and assembly.lay_in_row(film, items):
            return "clips"
        refuse_if(not self.alone and not situation.of_kind("audio"), "make_video.no_media")
        assembly.lay_drawn(film, to_frame(max(ms_of(self.duration_s) or _ALONE_MS, film.end_ms)))
        return "drawn"


class UseSong(OfEngine, Removing, Edit, frozen=True, kw_only=True):
    """Take an uploaded song as the music, in place of the music that is there; voice recordings go on.

    A film that is cut to music is cut again to this one and lasts as long as it; other pictures stay as they are, with
    the song under them.
    """

    media: Annotated[Hash | None, Meta(description="The song; else the one that is heard, or the newest.")] = None
    part: Annotated[SongPart | None, Meta(description="Where it begins, by what is heard.")] = None
    in_s: Annotated[Seconds | None, Meta(description="Where in the song it begins.")] = None
    out_s: Annotated[Seconds | None, Meta(description="Where in the song it ends.")] = None
    duration_s: Annotated[Length | None, Meta(description="How much of it is used, where no end is given.")] = None
    loop: Annotated[bool, Meta(description="Whether a song that is shorter than the pictures comes again.")] = False
    under: Annotated[bool, Meta(description="Whether it is background for pictures that stay as they are.")] = False
    volume: Annotated[Volume | None, Meta(description="As before, or what suits, where none is given.")] = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        former = editable(film)
        song = self._song(film, situation)
        first_ms, last_ms = self._stretch(song)
        items = [item for item in situation.media if item.kind != "audio"]
        if film.picture_end_ms == 0:
            soundtrack.lay_voices(film, situation)
        fresh = film.picture_end_ms == 0 and bool(items) and assembly.lay_in_row(film, items) > 0
        cut = film.is_cut_to_music and bool(film.shots) and not self.under
        drawn = not film.shots
        wanted = self._frames(film, situation, to_frame(last_ms - first_ms), follows=cut or drawn)
        had = film.segments(*MUSIC)
        before = max((s.volume for s in had if s.meta.get("role") == "song"), default=None)
        duck = next((d for s in had if (d := soundtrack.duck_of(s)) is not None), 1.0)
        film.remove_roles(*MUSIC)
        downs = tuple(ms for ms in song.downbeats_ms if ms <= last_ms)  # as if it ended earlier
        soundtrack.lay_song(film, replace(song, duration_ms=last_ms, downbeats_ms=downs), wanted, first_ms)
        laid = film.segments("song")
        volume = self.volume if self.volume is not None else before
        volume = soundtrack.song_volume(film, situation) if volume is None else volume
        for segment in laid:
            segment["v"] = volume
        soundtrack.set_duck(laid, duck)
        soundtrack.give_way(film)
        if last_ms < song.duration_ms:
            laid[-1].meta["fade_out_ms"] = soundtrack.cut_fade_ms(laid[-1])
        shots = _follow(film, situation, wanted, cut=cut)
        if fresh or cut or drawn:
            film.meta["title"] = nice_title(song)
        film.prepare_canvas(nice_title(song), situation.seed)
        refuse_if(film.measure() == former, "use_song.same", title=nice_title(song))
        return self._told(film, song, (first_ms, wanted), shots)

    def _song(self, film: Draft, situation: Situation) -> MediaItem:
        songs = soundtrack.songs_of(film, situation)
        if self.media is not None:
            named = upload_of(situation, self.media)
            if named in songs:
                return named
            refuse_if(content_of(film, named) == "speech", "use_song.is_speech", "media", name=stem(named.filename))
        elif songs:
            playing = (segment.upload(situation) for segment in film.segments("song"))
            return next((item for item in playing if item is not None), songs[-1])
        if songs:
            names = Told("target.names", names=[item.filename for item in songs])
            raise NotPossible(Told("use_song.no_other", names=names), "media")
        raise NotPossible(Told("use_song.no_song"))

    def _stretch(self, song: MediaItem) -> tuple[int, int]:
        """The stretch of the song that is used, in milliseconds of it."""
        length_ms, first = ms_of(self.duration_s), ms_of(self.in_s) or 0
        if self.part is not None:
            first = needed(soundtrack.part_start_ms(song, self.part, length_ms), "use_song.part_unheard", "part")
        end = first + (length_ms or song.duration_ms) if self.out_s is None else round(1000 * self.out_s)
        last = min(end, song.duration_ms)
        if last - first < min(_SHORTEST_MS, song.duration_ms):
            raise NotPossible(Told("use_song.too_short", long=song.duration_ms), "in_s")
        return first, last

    def _frames(self, film: Draft, situation: Situation, available: int, *, follows: bool) -> int:
        """How long the song is heard, in frames of the timeline."""
        end = to_frame(film.picture_end_ms)
        if end == 0:
            return available
        if not follows:
            return end if self.loop else min(end, available)
        songs = film.segments("song")
        playing, heard_ms = (songs[-1].upload(situation), songs[-1].in_ms + songs[-1]["d"]) if songs else (None, 0)
        cut_short = playing is not None and heard_ms < playing.duration_ms - _AS_GOOD_AS_WHOLE_MS
        if self.loop:
            return max(end, available)
        if self.out_s is not None or self.duration_s is not None:
            return available
        spoken = film.last_frame(*SPEECH)
        return max(min(end, available) if cut_short or not songs else available, min(spoken, end))

    def _told(self, film: Draft, song: MediaItem, laid: tuple[int, int], shots: int) -> list[Told]:
        first_ms, frames = laid
        songs = film.segments("song")
        volume = max((song.volume for song in songs), default=0.0)
        start = Told("use_song.from_part" if self.part else "use_song.from", at=first_ms, part=self.part)
        extra = {"start": start if self.part or first_ms else "", "again": Told("use_song.again") if songs[1:] else ""}
        told = [Told("use_song.used", title=nice_title(song), long=to_ms(frames), volume=volume, **extra)]
        if shots:
            told.append(Told("use_song.cut", n=shots))
        if frames < to_frame(film.picture_end_ms):
            told.append(Told("use_song.ends_early"))
        return told


class PlaceMusic(OfEngine, Edit, frozen=True, kw_only=True):
    """Set when music is heard; without any time as long as there are pictures. It begins as it did before."""

    target: Annotated[Which, Meta(description="Which music.")] = ALL_MUSIC
    start_s: Annotated[Seconds | None, Meta(description="Where it begins; as now if not given.")] = None
    end_s: Annotated[Seconds | None, Meta(description="Where it ends; as now if not given.")] = None
    last_s: Annotated[Length | None, Meta(description="How much of the end of the film has music.")] = None
    loop: Annotated[bool, Meta(description="Whether a song that is shorter than the pictures comes again.")] = False

    def apply(self, film: Draft, situation: Situation) -> Told | Sequence[Told]:
        fits = self.start_s is None and self.end_s is None and self.last_s is None
        if fits and not self.loop and not film.segments(*MUSIC) and soundtrack.songs_of(film, situation):
            return UseSong(under=True).apply(film, situation)
        music = music_meant(film, situation, self.target)
        if fits:
            return self._fit(film, situation, music)
        total = film.picture_end_ms or max(map(end_of, music))
        start = self.start_s if self.last_s is None else max(0.0, total / 1000 - self.last_s)
        laid: list[Part] = []
        for lane in _lanes(music):
            end = max(map(end_of, lane)) if self.end_s is None else 1000 * self.end_s
            end = end if self.last_s is None else total
            laid += _place(film, situation, lane, ms_of(start), min(end, total))
        return Told("place_music.placed", start=min(map(start_of, laid)), end=max(map(end_of, laid)))

    def _fit(self, film: Draft, situation: Situation, music: Sequence[Part]) -> Told | Sequence[Told]:
        latest = max(music, key=end_of)
        end, last = film.picture_end_ms, latest.end_ms
        if last > end > 0:
            layout.end_sounds(film, music, to_frame(end))
            return Told("place_music.cut", long=end)
        if last < end and self.loop and latest.upload(situation) is not None:
            song = latest.meta["media"]
            first = next(segment for segment in music if segment.meta.get("media") == song)
            return UseSong(media=song, in_s=first.in_ms / 1000, loop=True, under=True).apply(film, situation)
        if last < end and soundtrack.piece_of(latest) is not None:
            laid = _place(film, situation, _lanes(music)[-1], None, end)
            return Told("place_music.placed", start=min(map(start_of, laid)), end=max(map(end_of, laid)))
        key = "place_music.ends_early" if last < end else "place_music.fits"
        raise NotPossible(Told(key, at=last, long=end or last))


def music_meant(film: Draft, situation: Situation, which: Which, field: str = "target") -> list[Part]:
    """The songs and the composed music that are meant."""
    found = [part for part in select(film, situation, which, "music", field) if part.role in MUSIC]
    refuse_if(not found, "target.nothing", field, kind="music")
    return found


def _name(film: Draft, situation: Situation, mood: str) -> None:
    """Give the draft its title: that of the first upload; without any, its music's."""
    own, of_music = film.meta, mood_label(mood, situation.spoken)
    labels = {label for each in MOODS.values() for label in (each.label_en, each.label_zh)}
    if not situation.media and own.get("title") in labels:
        own["title"] = of_music
    film.prepare_canvas(nice_title(situation.media[0]) if situation.media else of_music, situation.seed)


def _composed_told(film: Draft, mood: str, bpm: float, volume: float, laid: str) -> Told:
    is_ducked = any(soundtrack.duck_of(segment) is not None for segment in film.segments("bgm"))
    ducked = Told("add_music.under_voice" if soundtrack.is_spoken(film) else "add_music.ducked")
    key, drawn = ("laid", "") if laid == "clips" else ("composed", Told("add_music.drawn") if laid else "")
    values = {"mood": mood, "bpm": bpm, "long": film.end_ms, "volume": volume, "drawn": drawn}
    return Told(f"add_music.{key}", ducked=ducked if is_ducked else "", **values)


def _cuts_told(film: Draft, music: Sequence[Part], shots: int) -> Told | str:
    if shots > 1:
        return Told("add_music.cut", n=shots)
    between = {shot.start_ms for shot in film.shots[1:]}  # not the scenes within clips
    recipes = [(recipe, s.start_ms) for s in music if (recipe := soundtrack.recipe_of(s)) is not None]
    of_film = [(recipe, [ms for ms in recipe.cuts_ms if ms + start in between]) for recipe, start in recipes]
    cuts, met = sum(len(within) for _, within in of_film), sum(soundtrack.cuts_met(*pair) for pair in of_film)
    if not met:
        return ""
    which = "some" if met < cuts else {1: "one", 2: "both"}.get(cuts, "all")
    return Told(f"add_music.met_{which}", met=met, n=cuts)


def _follow(film: Draft, situation: Situation, frames: int, *, cut: bool) -> int:
    """Make the pictures follow a song where they do that; return the number of shots of a new cut."""
    shots, items = 0, assembly.items_of(film, situation)
    if cut and items:
        sound, rhythm = assembly.sound_of(film.shots), soundtrack.music_rhythm(film, situation)
        shots = assembly.lay_cut(film, items, rhythm, frames, assembly.pace_of(film), situation.seed, sound)
    elif not film.shots:
        if not film.segments("backdrop"):
            assembly.lay_drawn(film, frames)
        assembly.fit_drawn(film, frames)
    total = to_frame(film.picture_end_ms)
    assembly.fit_drawn(film, total)
    layout.keep_inside(film, total)
    return shots


def _lanes(music: Sequence[Part]) -> list[list[Part]]:
    lanes = [[s for s in music if (s.meta.get("role") == "song") is is_song] for is_song in (True, False)]
    return [lane for lane in lanes if lane]


def _place(
    film: Draft, situation: Situation, lane: Sequence[Part], start_ms: int | None, end_at_ms: float
) -> list[Part]:
    """Put songs, or composed music, from one time to another; return what is there then."""
    now = min(map(start_of, lane))
    first = to_frame(now if start_ms is None else start_ms)
    last = to_frame(end_at_ms)
    if to_ms(last) - to_ms(first) < _SHORTEST_MS:
        raise NotPossible(Told("place_music.no_room", long=film.picture_end_ms or max(map(end_of, lane))), "start_s")
    piece = soundtrack.piece_of(lane[0])
    if piece is None:
        for segment in lane:
            segment.shift(first - to_frame(now))
        layout.end_sounds(film, lane, last)
        return [segment for segment in lane if segment.start_ms < to_ms(last)]
    film.remove(lane)
    laid = soundtrack.lay_score(film, situation, piece, first, last)
    soundtrack.carry_over(lane, laid)
    return laid
