"""python3 /tmp/h19/check.py FILE.toml … : checks the form of conversations and that their expressions can be evaluated."""

import sys, tomllib

sys.path.insert(0, "/tmp/h19")
from facts import *

KINDS = {
    "single",
    "several",
    "reference",
    "correction",
    "takeback",
    "title",
    "question",
    "complaint",
    "impossible",
    "talk",
}
STARTS = {"empty", "video", "titled", "voiced", "slides", "row", "vertical"}
film = Film(
    60.0,
    "16:9",
    [Shot("a.mp4", False, 0, 10), Shot("b.mp4", False, 10, 20, filter="bw"), Shot("c.jpg", True, 20, 60)],
    [Title("Hi", 0, 3), Title("Bye", 50, 53)],
    [Sound("song", "s.mp3", 0, 60), Sound("speech", "v.m4a", 0, 10), Sound("composed", "", 0, 60, mood="jazz", bpm=90)],
    ["", "dissolve"],
    "bars",
    "fire",
)
bad = 0
turns = 0
conv = 0
kinds = {}
ids = set()
for name in sys.argv[1:]:
    try:
        data = tomllib.load(open(name, "rb"))
    except Exception as e:
        print(name, "is no TOML:", e)
        bad += 1
        continue
    for c in data.get("conversation", []):
        conv += 1
        where = f"{name} {c.get('id')}"
        for key in ("id", "who", "language", "material", "start", "turn"):
            if key not in c:
                print(where, "has no", key)
                bad += 1
        if c.get("id") in ids:
            print(where, "twice")
            bad += 1
        ids.add(c.get("id"))
        if c.get("language") not in ("en", "zh", "mixed"):
            print(where, "language")
            bad += 1
        if c.get("start") not in STARTS:
            print(where, "start", c.get("start"))
            bad += 1
        for k in set(c) - {"id", "who", "language", "material", "start", "turn"}:
            print(where, "unknown key", k)
            bad += 1
        for n, t in enumerate(c.get("turn", []), 1):
            turns += 1
            at = f"{where} turn {n}"
            for k in set(t) - {"say", "kind", "must", "changes", "instead", "says", "wishes", "why"}:
                print(at, "unknown key", k)
                bad += 1
            if not t.get("say", "").strip():
                print(at, "says nothing")
                bad += 1
            if t.get("kind") not in KINDS:
                print(at, "kind", t.get("kind"))
                bad += 1
            kinds[t.get("kind")] = kinds.get(t.get("kind"), 0) + 1
            for a in t.get("changes", []):
                if a not in ASPECTS and a != "everything":
                    print(at, "unknown aspect", a)
                    bad += 1
            for a in t.get("instead", []):
                if a not in ("ask", "refuse", "answer"):
                    print(at, "instead", a)
                    bad += 1
            w = t.get("wishes", [])
            for each in w:
                if set(each) != {"must", "about"}:
                    print(at, "a wish has must and about")
                    bad += 1
            ex = [*t.get("must", []), *(e for each in w for e in each.get("must", []))]
            if not ex and not t.get("instead"):
                print(at, "neither must nor wishes nor instead")
                bad += 1
            if ex and t.get("kind") == "several" and len(w) < 2:
                print(at, "several wishes need [[conversation.turn.wishes]], one each")
                bad += 1
            for e in ex:
                for now, was in ((film, film), (Film(), Film()), (film, Film()), (Film(), film)):
                    try:
                        holds(e, was, now, "reply")
                    except Exception as err:
                        print(at, "expression", e, "->", repr(err))
                        bad += 1
                        break
            for s in t.get("says", []):
                if s != s.lower():
                    print(at, "says in lower case", s)
                    bad += 1
print(conv, "conversations", turns, "turns", kinds, "|", bad, "problems")
