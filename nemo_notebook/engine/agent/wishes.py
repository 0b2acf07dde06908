"""What the grammar reads out of a message; `translation.py` turns it into typed edits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from nemo_notebook.engine.agent.picks import ALL, ANY_TIME, Pick, When
from nemo_notebook.film.cutting import USUAL_PACE, Pace
from nemo_notebook.film.fields import Filter, Position, SongPart, Tempo
from nemo_notebook.film.fields import TransitionKind as Kind
from nemo_notebook.film.target import Target

Arrangement = Literal["uploaded", "reversed", "name", "shuffled"]
Photos = Literal["cut", "shown", "gently", "once"]
Place = Literal["start", "end", "before", "after"]
Says = Literal["words", "name", "artist", "name and artist", "file"]
SizeWish = Literal["small", "medium", "large", "larger", "smaller"]
Style = Literal["plain", "box", "outline"]
Animation = Literal["fade", "slide", "pop", "type", "none"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a title looks; None leaves what is or what is usual.

    Attributes:
        position: Where it stands.
        size: How large it is; `larger` and `smaller` are one step from what it was.
        color: `#rrggbb`.
        style: What stands behind or around its letters.
        animate_in: How it comes.
        animate_out: How it goes.
    """

    position: Position | None = None
    size: SizeWish | None = None
    color: str | None = None
    style: Style | None = None
    animate_in: Animation | None = None
    animate_out: Animation | None = None

    @property
    def is_given(self) -> bool:
        """Whether anything is asked for."""
        return self != Look()

    def over(self, other: Look) -> Look:
        """This look, and where it says nothing the other one."""
        return Look(
            self.position or other.position,
            self.size or other.size,
            self.color or other.color,
            self.style or other.style,
            self.animate_in or other.animate_in,
            self.animate_out or other.animate_out,
        )


USUAL_LOOK: Final = Look()
CAPTION_LOOK: Final = Look("bottom", "small", None, "box")
LOWER_THIRD_LOOK: Final = Look("lower-third", "small", None, "box", "slide", "fade")


@dataclass(frozen=True, slots=True)
class Which:
    """The titles that are meant.

    Attributes:
        text: Words that are in them; empty for any.
        number: From 1 in the order of time, −1 is the last; None for all that the words leave.
        newest: Whether only the one that was added last is meant.
    """

    text: str = ""
    number: int | None = None
    newest: bool = False

    @property
    def target(self) -> Target:
        """The same for an edit."""
        return Target(kind="title", name=self.text or None, number=self.number, newest=self.newest)


ALL_TITLES: Final = Which()
NEWEST: Final = Which(newest=True)


@dataclass(frozen=True, slots=True)
class MakeVideo:
    """A film from what is uploaded, in place of the pictures and the song on the timeline.

    Titles stay, and so does composed music where no song is uploaded.

    Attributes:
        pictures: Which uploads are seen; the others are taken where there are none of these.
        song: Id of the song it is cut to; None for the newest.
        with_song: Whether an uploaded song is used.
        pace: How fast the cuts follow.
        visualizer: Style drawn over the pictures, or None.
        length_ms: Length to end at, or None for all of the song or the clips.
        only: Ids of the clips or images that are seen; empty for all.
        without: Ids of those that are not seen.
        first: Ids of those that come first, in this order.
        arrange: Order of the others.
        photo_ms: How long each photo is seen, or None for the usual.
        best_part: Whether a song that is much longer is heard from its strongest part on.
        part: Which part of the song it is cut to, by what is heard; goes before `in_ms`.
        in_ms: Where in the song it begins, in milliseconds; None for its start.
        out_ms: Where in the song it ends; None for its end.
        photos: How a song's photos follow: `cut` like clips; `shown` for two to five seconds each, `gently` for four or
            more; `once` each, however long that takes.
        keeps_music: Whether composed music goes on under it, where there was some and no song is uploaded.
    """

    pictures: Literal["all", "clips", "images", "none"] = "all"
    song: str | None = None
    with_song: bool = True
    pace: Pace = USUAL_PACE
    visualizer: str | None = None
    length_ms: int | None = None
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    arrange: Arrangement = "uploaded"
    photo_ms: int | None = None
    best_part: bool = False
    part: SongPart | None = None
    in_ms: int | None = None
    out_ms: int | None = None
    photos: Photos = "cut"
    keeps_music: bool = True


@dataclass(frozen=True, slots=True)
class Undo:
    """Goes back to an earlier draft.

    Attributes:
        steps: How many changes are taken back; 0 for all but the first version.
    """

    steps: int = 1


@dataclass(frozen=True, slots=True)
class Redo:
    """Makes changes that were taken back once more.

    Attributes:
        steps: How many of them; 0 for all.
    """

    steps: int = 1


@dataclass(frozen=True, slots=True)
class SetVolume:
    """How loud music or clips are.

    Attributes:
        target: `music`, `clips` or `all`.
        amount: 0–1, or a factor of the present volume where `relative`.
        relative: Whether the amount is a factor.
        pick: Which clips are meant, where not all are; then the target is `clips`.
        start_ms: Where on the timeline it begins to hold, or None for everywhere.
        end_ms: Where it ends to hold; None for the end of the film.
        restores: Whether what is muted gets back the volume that it had before; `amount` is for what never had any.
    """

    target: Literal["music", "clips", "all"]
    amount: float
    relative: bool = False
    pick: Pick | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    restores: bool = False

    def is_wish_after(self, remark: SetVolume) -> bool:
        """Whether it says what is to be done about the same sound: `the music is too loud, turn it down`."""
        same = (self.target, self.pick) == (remark.target, remark.pick)
        then = (self.start_ms, self.end_ms) == (remark.start_ms, remark.end_ms)
        return same and then and remark.relative


@dataclass(frozen=True, slots=True)
class FadeMusic:
    """Lets the music fade.

    Attributes:
        in_ms: Length of the fade at its start, 0 for none, or None to leave it.
        out_ms: Length of the fade at its end, 0 for none, or None to leave it.
        out_from_ms: Where on the timeline the fade to its end begins, in place of `out_ms`.
    """

    in_ms: int | None = None
    out_ms: int | None = None
    out_from_ms: int | None = None


@dataclass(frozen=True, slots=True)
class SetFilter:
    """A filter over the pictures.

    Attributes:
        filter: The name of a filter; None for the colours as they were taken, without adjustments either.
        picks: The shots that are meant; none for the whole film.
        start_ms: Where on the timeline it begins, or None for all of the shots; shots are cut in two there.
        end_ms: Where it ends, or None for the end of the film.
    """

    filter: Filter | None
    picks: tuple[Pick, ...] = ()
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Adjust:
    """Brightness, contrast and saturation of the pictures.

    Attributes:
        amounts: Pairs of `brightness`, `contrast` or `saturation` and −1…1.
        picks: The shots that are meant; none for the whole film.
        relative: Whether the amounts are added to what is set.
        start_ms: Where on the timeline it begins, or None for all of the shots; shots are cut in two there.
        end_ms: Where it ends, or None for the end of the film.
    """

    amounts: tuple[tuple[str, float], ...]
    picks: tuple[Pick, ...] = ()
    relative: bool = True
    start_ms: int | None = None
    end_ms: int | None = None

    def is_wish_after(self, remark: Adjust) -> bool:
        """Whether it says what is to be done about the same thing: `it is a bit dark, make it brighter`."""
        same = [name for name, _ in self.amounts] == [name for name, _ in remark.amounts]
        here = (self.picks, self.start_ms, self.end_ms) == (remark.picks, remark.start_ms, remark.end_ms)
        return same and here and self.relative and remark.relative


@dataclass(frozen=True, slots=True)
class SetCanvas:
    """Shape and size of the picture.

    Attributes:
        aspect: A shape such as `9:16`, or None to keep the shape.
        short_side: Pixels of the shorter side, or None to keep it.
        platform: What the shape is for, as people call it.
        size: Width and height in pixels, which go before the other two; or None.
        fills: Whether wide pictures fill a tall shape where nothing was said of that; else they are fitted as before.
    """

    aspect: str | None = None
    short_side: int | None = None
    platform: str = ""
    size: tuple[int, int] | None = None
    fills: bool = True


@dataclass(frozen=True, slots=True)
class PrepareExport:
    """What is asked for in a chat as an export: the size is set, the export itself is a command.

    Attributes:
        short_side: Pixels of the shorter side, or None to keep the size.
        format: The file's ending, or empty for a video as usual.
        at_ms: The moment that a still was asked for, or None; it is chosen on export.
    """

    short_side: int | None = None
    format: str = ""
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class PlaceMusic:
    """When on the timeline the music is heard; it begins as it did before.

    Attributes:
        start_ms: Where it begins; None for where it does now.
        end_ms: Where it ends; None for where it does now.
        last_ms: In place of both: only so much of the end of the video has music.
        loop: Whether a song that is shorter than the pictures comes again, where no time is given.
    """

    start_ms: int | None = None
    end_ms: int | None = None
    last_ms: int | None = None
    loop: bool = False


@dataclass(frozen=True, slots=True)
class CutToBeat:
    """Cuts the pictures on the timeline anew, to the beat of its music.

    Attributes:
        pace: How fast the cuts follow; its factor counts against what there is now where `relative`.
        relative: Whether the pace is meant against the current cut.
        another: Whether other stretches of the clips are wanted; the pace then stays.
        arrange: Order of the clips; `uploaded` leaves it.
        without: Ids of uploads that are not seen any more.
        first: Ids of uploads that come first, in this order.
    """

    pace: Pace = USUAL_PACE
    relative: bool = False
    another: bool = False
    arrange: Arrangement = "uploaded"
    without: tuple[str, ...] = ()
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MoveShots:
    """Puts shots elsewhere in the order. An upload that is not on the timeline yet is added there.

    Attributes:
        pick: Which shots.
        to: `start`, `end`, or `before` or `after` those of `target`.
        target: Where to; only for `before` and `after`.
    """

    pick: Pick
    to: Place
    target: Pick | None = None


@dataclass(frozen=True, slots=True)
class CopyShots:
    """Shows a shot several times, one after another, or once more elsewhere.

    Attributes:
        pick: Which shots.
        times: How often they are seen then.
        to: Where they are seen once more: `start`, `end`, `before` or `after` those of `target`; None for beside them.
        target: Where to; only for `before` and `after`.
    """

    pick: Pick
    times: int = 2
    to: Place | None = None
    target: Pick | None = None


@dataclass(frozen=True, slots=True)
class UseSong:
    """An uploaded song as the music, in place of what is there.

    A film that is cut to music is cut again to this one and lasts as long as it; other pictures stay as they are, with
    the song under them.

    Attributes:
        song: Id of the song; None for the one on the timeline, else the newest.
        part: Where it begins, by what is heard; goes before `in_ms`.
        in_ms: Where in the song it begins, in milliseconds; None for its start.
        out_ms: Where in the song it ends; None for its end.
        length_ms: How much of it is used, where no end was said.
        loop: Whether a song that is shorter than the pictures comes again.
        under: Whether it is meant as background for pictures that keep their sound.
        volume: 0–1, or None for what suits.
    """

    song: str | None = None
    part: SongPart | None = None
    in_ms: int | None = None
    out_ms: int | None = None
    length_ms: int | None = None
    loop: bool = False
    under: bool = False
    volume: float | None = None


@dataclass(frozen=True, slots=True)
class AddMusic:
    """Composed background music under the whole video, in place of other music.

    Attributes:
        mood: A key of `MOODS`; None for what suits the pictures.
        bpm: Tempo that was asked for, or None.
        tempo: Slow or fast for its mood, where no number was said.
        volume: 0–1; None keeps that of composed music before, or takes what suits the clips' own sound.
        duck: Whether it gives way where a clip is heard.
        cuts: `keep` bends its tempo so that beats fall on the cuts, `anew` cuts the pictures to its beats.
        another: Whether another piece of the same kind is wanted.
        alone: Whether music without any pictures is meant too.
        length_ms: Length where there are no pictures to follow.
        every: Beats in a shot where the pictures are cut anew; None to choose by loudness.
        factor: Length of these shots against the usual one.
        kind: The word for a kind of music that cannot be composed, where the mood is the nearest to it; else empty.
        instrument: The word for an instrument that was asked for; what a mood is played by is not chosen.
        key: A key that was asked for, which is not chosen either.
    """

    mood: str | None = None
    bpm: float | None = None
    tempo: Tempo = "usual"
    volume: float | None = None
    duck: bool = False
    cuts: Literal["keep", "anew"] = "keep"
    another: bool = False
    alone: bool = False
    length_ms: int | None = None
    every: int | None = None
    factor: float = 1.0
    kind: str = ""
    instrument: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class SplitShot:
    """Cuts a shot in two, or shots into several parts.

    Attributes:
        at_ms: Where: on the timeline, or from the start of the shot where one is named; None for parts of one length.
        pick: Which shot; None for the one that is seen at that time.
        into_scenes: Whether clips are cut wherever a scene within them ends, instead.
        parts: How many parts of one length: of the shots that are named, else of the whole film.
    """

    at_ms: int | None = None
    pick: Pick | None = None
    into_scenes: bool = False
    parts: int = 2


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Plays clips faster or slower; the film's length follows, unless it is cut to music.

    Attributes:
        factor: Source seconds in a second; times the present speed where `relative`.
        pick: Which shots.
        relative: Whether the factor is one of the present speed.
        start_ms: Where on the timeline it begins, or None for all of the shots.
        end_ms: Where it ends, or None for the end of the film.
    """

    factor: float
    pick: Pick = ALL
    relative: bool = False
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class TrimShots:
    """Makes single shots shorter or longer, or moves what is seen of them; what follows moves.

    Attributes:
        pick: Which shots.
        part: `start` or `end`: so much goes there; `to`: it lasts so long; `last`: so much of its end stays;
            `by`: so much longer (or shorter); `only`: from `ms` to `end_ms` of the clip is seen.
        ms: Milliseconds.
        end_ms: For `only`.
    """

    pick: Pick
    part: Literal["start", "end", "to", "last", "by", "only"]
    ms: int
    end_ms: int = 0


@dataclass(frozen=True, slots=True)
class AddTitle:
    """Words over the picture.

    Attributes:
        text: The words; lines may be parted by a newline. Empty for the name of the video.
        when: When they are seen; three seconds from the start where nothing is said.
        look: How they look.
        says: In place of words: the `name` or the `artist` of the song, both, or the name of its `file`.
    """

    text: str
    when: When = ANY_TIME
    look: Look = USUAL_LOOK
    says: Says = "words"


@dataclass(frozen=True, slots=True)
class CopyTitle:
    """The same words in the same look once more.

    Attributes:
        which: The title that is meant; of several the newest.
        when: When the copy is seen; at the end, as long as the first one, where nothing is said.
    """

    which: Which = NEWEST
    when: When = ANY_TIME


@dataclass(frozen=True, slots=True)
class ChangeTitle:
    """Other words, another time or another look for titles.

    Attributes:
        text: New words; empty to keep them.
        which: The titles that are meant; new words or a time are for the newest of them only.
        when: When it is seen from now on.
        look: How it looks from now on.
        later_ms: How much later it is seen; negative for earlier.
        longer_ms: How much longer it is seen; negative for shorter.
    """

    text: str = ""
    which: Which = ALL_TITLES
    when: When = ANY_TIME
    look: Look = USUAL_LOOK
    later_ms: int = 0
    longer_ms: int = 0

    def then(self, other: ChangeTitle) -> ChangeTitle:
        """Both changes, one after the other, of the same titles."""
        return ChangeTitle(
            other.text or self.text,
            self.which,
            other.when if other.when.is_given else self.when,
            other.look.over(self.look),
            self.later_ms + other.later_ms,
            self.longer_ms + other.longer_ms,
        )


@dataclass(frozen=True, slots=True)
class SetTransition:
    """Transitions at cuts.

    Attributes:
        kind: What is seen at the cut; None for hard cuts.
        length_ms: Length in milliseconds, or None for the usual one.
        before: Shots that the transition leads out of; none for any.
        after: Shots that the transition leads into; none for any.
        cut: Number of the cut, from 1, −1 the last; None for all that the shots leave.
        at_ms: The cut nearest to this time on the timeline.
        at_drop: Whether the cut nearest to the song's first drop is meant; every cut where none is heard.
    """

    kind: Kind | None = "dissolve"
    length_ms: int | None = None
    before: Pick | None = None
    after: Pick | None = None
    cut: int | None = None
    at_ms: int | None = None
    at_drop: bool = False


@dataclass(frozen=True, slots=True)
class FadePicture:
    """The picture comes out of black, or goes into it.

    Attributes:
        in_ms: Length at the start, 0 for none, None to leave it.
        out_ms: Length at the end, likewise.
        with_music: Whether the music fades with it.
    """

    in_ms: int | None = None
    out_ms: int | None = None
    with_music: bool = False


@dataclass(frozen=True, slots=True)
class Trim:
    """Takes a stretch of time out of everything, or keeps only one.

    Attributes:
        part: `first` or `last` n milliseconds go, `keep` the first n stay, `keep-last` the last n stay, `range` start
            to end goes, `only` start to end stays.
        ms: How long, or where the range starts, in milliseconds.
        end_ms: Where the range ends.
    """

    part: Literal["first", "last", "keep", "keep-last", "range", "only"]
    ms: int
    end_ms: int = 0


@dataclass(frozen=True, slots=True)
class FitLength:
    """Gives the film a length: the end goes, or more is shown.

    A film that is cut to music gets more shots, and a song that is too short comes again; a row of clips begins anew.

    Attributes:
        ms: The length in milliseconds; 0 for that of the song.
        at_most: Whether a film that is shorter stays as it is.
        factor: Times the present length, in place of `ms`; or None.
        more_ms: So much is added to the present length, or taken from it, in place of `ms`.
    """

    ms: int = 0
    at_most: bool = False
    factor: float | None = None
    more_ms: int = 0
