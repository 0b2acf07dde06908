"""The endpoints of the service's HTTP contract, in one table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint.

    Attributes:
        name: What it is called here.
        method: The HTTP method.
        path: Its path, with ids in braces.
        doing: What a request to it does; completes "… while …".
        repeats: Whether a request may be sent again when its answer was lost: it does nothing, or nothing twice.
    """

    name: str
    method: str
    path: str
    doing: str
    repeats: bool = False

    def at(self, **ids: str) -> Endpoint:
        """The same endpoint with its ids filled in, quoted so that each stays one step of the path."""
        quoted = {name: quote(value, safe="").replace(".", "%2E") for name, value in ids.items()}
        return replace(self, path=self.path.format(**quoted))


_RENDERS: Final = "/api/render/proxy/lambda"
_DRAFTS: Final = "/api/drafts/nemo_agent/me/{session}"
_EDITS: Final = "/api/edits/nemo_agent/me/{session}"

TOKEN: Final = Endpoint("token", "POST", "/api/auth/anonymous-token", "getting an anonymous token", repeats=True)
CLAIM: Final = Endpoint("claim", "POST", "/api/auth/claim-token", "asking for a link", repeats=True)
SESSION: Final = Endpoint("session", "POST", "/api/tasks/me/with-session/nemo_agent", "starting a session")
CHAT: Final = Endpoint("chat", "POST", "/run_sse", "waiting for the reply")
UPLOAD: Final = Endpoint("upload", "POST", "/api/upload-video/nemo_agent/me/{session}", "uploading")
CREDITS: Final = Endpoint("credits", "GET", "/api/credits/balance/simple", "reading the credits", repeats=True)
STATE: Final = Endpoint(
    "state", "GET", "/api/state/nemo_agent/me/{session}/latest", "reading the timeline", repeats=True
)
# Beyond the contract, where the state tells a `draft_version`: the drafts are kept there.
EDIT: Final = Endpoint("edit", "POST", _EDITS, "editing the timeline")
EDITS: Final = Endpoint("edits", "GET", _EDITS, "reading the edits", repeats=True)
EXPLAIN: Final = Endpoint(
    "explain", "POST", "/api/explain/nemo_agent/me/{session}", "reading the message", repeats=True
)
DRAFTS: Final = Endpoint("drafts", "GET", _DRAFTS, "reading the history", repeats=True)
STORE_DRAFT: Final = Endpoint("store draft", "POST", f"{_DRAFTS}/edit", "editing the timeline")
GO_TO_DRAFT: Final = Endpoint("go to draft", "POST", f"{_DRAFTS}/go", "going through the history")
CHECK_UPLOAD: Final = Endpoint(
    "check upload", "GET", "/api/upload-video/nemo_agent/me/{session}/{hash}", "checking an upload", repeats=True
)
STORAGE: Final = Endpoint("storage", "GET", "/api/storage/me?session={session}", "reading the room", repeats=True)
TRASH: Final = Endpoint("trash", "POST", "/api/storage/me/{session}/trash", "removing a project", repeats=True)
SUBMIT: Final = Endpoint("submit", "POST", _RENDERS, "starting the export")
STATUS: Final = Endpoint("status", "GET", f"{_RENDERS}/{{render}}", "following the export", repeats=True)
CANCEL: Final = Endpoint("cancel", "POST", f"{_RENDERS}/{{render}}/cancel", "cancelling the export", repeats=True)
DOWNLOAD: Final = Endpoint(
    "download", "GET", "/api/render/proxy/{render}/download", "downloading the film", repeats=True
)
