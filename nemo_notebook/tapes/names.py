"""What is only of the day of a recording, such as ids and addresses, and the names that stand for it on a tape."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from nemo_notebook import errors
from nemo_notebook.client.service import new_render_id
from nemo_notebook.outside import strike

MEDIA_HOST: Final = "media.tape"
"""Stands for where files lie that came from the backend."""
GIVEN_HOST: Final = "given.tape"
"""Stands for where files lie that the user has named."""
PLACEHOLDER: Final = re.compile(
    r"(?a:(?<!\w)(?:(?:session|task|user|client)-tape-|(?:render|nmv_usr|clm)_tape_)\d{1,6}(?!\w)"
    rf"|https://(?:{re.escape(MEDIA_HOST)}|{re.escape(GIVEN_HOST)})/\d{{1,6}}/[\w.-]*)"
)
_FORMS: Final = {"token": "nmv_usr_tape_", "claim": "clm_tape_", "render": "render_tape_"}
_SECRET: Final = (_FORMS["token"], _FORMS["claim"], "client-tape-")
_KINDS: Final = {
    **{f"{kind}{ending}": kind for kind in ("session", "task", "user", "client") for ending in ("_id", "Id")},
    **dict.fromkeys(("token", "access_token", "accessToken"), "token"),
    **dict.fromkeys(("claim_token", "claimToken"), "claim"),
}
_IN_PATH: Final = (
    ("session", re.compile(r"/nemo_agent/me/([^/?]+)")),
    ("render", re.compile(r"/render/proxy/(?:lambda/([^/?]+)|([^/?]+)/download)")),
)
_ID: Final = re.compile(r"[!#-\[\]-~]{6,4096}")  # shorter ones say nothing of anybody, and stand everywhere
_TOKEN: Final = re.compile(r"(?a:(?P<token>nmv_usr_)|clm_)(?a:[\w~+/=%-]|\.(?=\w)){6,}")
_ADDRESS: Final = re.compile(
    r"https?:(?://|\\/\\/)(?:[^\s\"'<>\\`，。、；：！？（）【】“”‘’「」《》]|\\u0026|\\/)+(?<![.,;:!?)\]}*_])"
)
_HOSTS: Final = (MEDIA_HOST, GIVEN_HOST)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_LONGEST_ADDRESS: Final = 4096  # of one that is looked into; a longer one is named as it is
_NAME_CHARS: Final = 60


class Names:
    """A table of both ways between what is real and what stands for it; a name once given stays.

    Args:
        services: Addresses of the backend: what lies there is named, whatever its address looks like.
    """

    def __init__(self, services: Iterable[str] = ()) -> None:
        self._near = _LOOPBACK | {host for url in services if (host := _host(url))}
        self._names: dict[str, str] = {}
        self._reals: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._lock = threading.RLock()

    def placeholder(self, kind: str, real: str) -> str:
        """The name of an id: `session`, `task`, `user`, `client`, `render`, `token` or `claim`."""
        with self._lock:
            if real in self._reals or not real or PLACEHOLDER.fullmatch(real):
                return real
            if kind not in {"token", "claim"} and not _ID.fullmatch(real):
                return real
            return self._names.get(real) or self._name(kind, real)

    def url(self, real: str, host: str = MEDIA_HOST) -> str:
        """The name of an address, with a file name that is safe; those of each host are counted for themselves."""
        real = real.replace("\\u0026", "&").replace("\\/", "/").replace("&amp;", "&")
        with self._lock:
            if real in self._reals or _host(real) in _HOSTS:
                return real
            if real in self._names:
                return self._names[real]
            last = unquote(_parts(real).path.rpartition("/")[2])
            name = re.sub(r"(?a:[^\w.-])+", "_", self._ids_shown(last))[-_NAME_CHARS:].lstrip(".")
            count = self._counts[host] = self._counts.get(host, 0) + 1
            return self._note(real, f"https://{host}/{count}/{name or 'file'}")

    def new_render_id(self) -> str:
        """The name of an export that is about to begin; `real` gives the id that is sent for it."""
        with self._lock:
            return self._name("render", new_render_id())

    def learn(self, path: str, data: Any) -> None:
        """Name the ids that a request's path and the JSON of its body or of its answer hold."""
        for kind, pattern in _IN_PATH:
            for found in pattern.findall(path):
                real = unquote("".join(found))
                if kind != "render" or real.startswith("render_"):
                    self.placeholder(kind, real)
        waiting = [data]
        while waiting:
            value = waiting.pop()
            if isinstance(value, Mapping):
                for key, item in value.items():
                    if key in _KINDS and (real := _id(item)):
                        self.placeholder(_KINDS[key], real)
                waiting += reversed(list(value.values()))
            elif isinstance(value, (list, tuple)):
                waiting += reversed(value)

    def shown(self, value: Any, *, asked: bool = False) -> Any:
        """A JSON value, or a text, with names for all that is real in it, in keys and values.

        Besides what is known: tokens of the service's form, and addresses on this machine, of the backend, or with
        what may be a signature.

        Args:
            value: The value.
            asked: Whether it is of a request. An address that is not known yet is the user's then, and must get the
                same name when the tape is played, where nothing is known from answers.

        Raises:
            TapeError: It is nested too deep.
        """
        host = GIVEN_HOST if asked else MEDIA_HOST
        return _changed(value, lambda text: self._text_shown(text, host), self._number_shown)

    def real(self, value: Any) -> Any:
        """The way back, but for tokens: nobody has to send one in a body or an address.

        Raises:
            TapeError: It is nested too deep.
        """
        return _changed(value, lambda text: PLACEHOLDER.sub(self._real, text), lambda _, item: item)

    def secrets(self) -> tuple[str, ...]:
        """The tokens, claims and client ids that have names: whatever is saved may hold none of them."""
        with self._lock:
            return tuple(real for real, name in self._names.items() if name.startswith(_SECRET))

    def _name(self, kind: str, real: str) -> str:
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        return self._note(real, f"{_FORMS.get(kind) or f'{kind}-tape-'}{count}")

    def _note(self, real: str, name: str) -> str:
        self._names[real], self._reals[name] = name, real
        return name

    def _real(self, found: re.Match[str]) -> str:
        with self._lock:
            name = found[0]
            if name.startswith(_FORMS["token"]):
                return name
            return self._reals.get(name, name)

    def _number_shown(self, key: str, item: Any) -> Any:
        if key in _KINDS and type(item) is int and (real := _id(item)):
            return self.placeholder(_KINDS[key], real)
        return item

    def _text_shown(self, text: str, host: str) -> str:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # no halves of characters
        if "://" in text or ":\\/" in text:
            text = _ADDRESS.sub(lambda found: self._address_shown(found[0], host), text)
        return self._ids_shown(text)

    def _address_shown(self, url: str, host: str) -> str:
        shown = self._ids_shown(url) if len(url) <= _LONGEST_ADDRESS else ""
        return self.url(url, host) if not shown or _host(url) in self._near or strike(shown) != shown else url

    def _ids_shown(self, text: str) -> str:
        with self._lock:
            known = sorted((real for real in self._names if real in text), key=len, reverse=True)
            if known:
                ids = "|".join(re.escape(real) for real in known)
                text = re.sub(rf"(?a:(?<!\w)(?:{ids})(?!\w))", lambda found: self._names[found[0]], text)
        return _TOKEN.sub(self._token_shown, text) if "nmv_usr_" in text or "clm_" in text else text

    def _token_shown(self, found: re.Match[str]) -> str:
        if PLACEHOLDER.fullmatch(found[0]):
            return found[0]
        return self.placeholder("token" if found["token"] else "claim", found[0])


def _parts(url: str) -> Any:
    """The parts of an address; of an empty one where it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname
    except ValueError:
        return urlsplit("")
    return parts


def _host(url: str) -> str:
    return _parts(url).hostname or ""


def _id(value: object) -> str:
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return text if _ID.fullmatch(text) else ""


def _changed(value: Any, text: Callable[[str], str], other: Callable[[str, Any], Any]) -> Any:
    def walk(item: Any, key: str) -> Any:
        if isinstance(item, str):
            return text(item)
        if isinstance(item, Mapping):
            return {text(name): walk(below, name) for name, below in item.items()}
        if isinstance(item, (list, tuple)):
            return [walk(below, "") for below in item]
        return other(key, item)

    try:
        return walk(value, "")
    except RecursionError:
        raise errors.TapeError("A value is nested too deep.") from None
