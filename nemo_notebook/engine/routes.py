"""The routes of the server in one table: what they are called, where they are, and what they say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RouteDoc:
    """One route.

    Attributes:
        name: The method of the API that answers it.
        method: GET or POST.
        path: With ids in braces.
        title: What it does, in a few words.
        text: What else is to be known.
        body: The properties of the JSON that is sent; None for no body.
        required: Those of them that must be there.
        data: The properties of the data that is answered.
        answers: What else may be answered: `json`, `events` (a stream), `file`, or `page`.
        form: Whether files may be sent as a form instead of JSON.
        bare: Whether the answer is a JSON object without an envelope.
        open: Whether it needs no token.
        codes: The codes of its refusals, beside 1001.
    """

    name: str
    method: str
    path: str
    title: str
    text: str = ""
    body: Schema | None = None
    required: tuple[str, ...] = ()
    data: Schema = field(default_factory=dict)
    answers: str = "json"
    form: bool = False
    bare: bool = False
    open: bool = False
    codes: tuple[int, ...] = ()


STRING: Final = {"type": "string"}
NUMBER: Final = {"type": "number"}
INTEGER: Final = {"type": "integer"}
OBJECT: Final = {"type": "object"}
_FILE: Final = {
    "type": "object",
    "properties": {
        "filename": STRING,
        "file_type": {"type": "string", "enum": ["video", "image", "audio"]},
        "cdn_url": STRING,
        "thumbnail_url": {"type": "string", "description": "a small JPEG; 404 where there is no picture of it"},
        "size": {"type": "integer", "description": "bytes"},
        "duration": {"type": "number", "description": "seconds"},
        "width": INTEGER,
        "height": INTEGER,
        "fps": NUMBER,
        "hash": STRING,
    },
}
_TIMES: Final = {"type": "array", "items": NUMBER, "description": "milliseconds from its beginning"}
_SOUND: Final = {
    "type": "object",
    "description": "what is known of a sound on the timeline: an upload by its hash, composed music by its segment",
    "properties": {
        "hash": STRING,
        "segment": STRING,
        "filename": STRING,
        "duration_ms": NUMBER,
        "tempo": {"type": ["number", "null"], "description": "beats per minute"},
        "beats_ms": _TIMES,
        "downbeats_ms": _TIMES,
        "peaks": {"type": "array", "items": INTEGER, "description": "loudest moments of equal stretches, 0–100"},
    },
}
_PROVENANCE: Final = {
    "type": "object",
    "description": "what the draft came from (skill, media with their SHA-256, prompts, edits); each film has it too",
}
_OUTPUT: Final = {
    "type": "object",
    "properties": {"format": STRING, "quality": STRING, "resolution": STRING, "preview": {"type": "boolean"}},
}
_STATUS: Final = {"type": "string", "enum": ["pending", "processing", "completed", "failed", "cancelled"]}
_UPLOADS: Final = "/api/upload-video/nemo_agent/me/{session_id}"
_RENDERS: Final = "/api/render/proxy/lambda"
_DRAFTS: Final = "/api/drafts/nemo_agent/me/{session_id}"
_VERSION: Final = {
    "type": "object",
    "properties": {
        "number": INTEGER,
        "made_s": {"type": "number", "description": "seconds since 1970; 0 where it is not known"},
        "origin": {"type": "string", "enum": ["chat", "edit", "table", ""]},
        "said": STRING,
        "told": {"type": "string", "description": "what it changed, in words"},
        "edits": {"type": "array", "items": OBJECT, "description": "what made it of the version before"},
        "uploads": {"type": "integer", "description": "how many there were"},
        "language": {"type": ["string", "null"]},
    },
}
_EDITS: Final = "/api/edits/nemo_agent/me/{session_id}"

ROUTES: Final = (
    RouteDoc(
        "anonymous_token",
        "POST",
        "/api/auth/anonymous-token",
        "Get a token",
        "For the client id in the header `X-Client-Id`; the same client is the same user again. It expires.",
        data={"token": STRING, "user_id": STRING, "expires_at": NUMBER, "credits": NUMBER},
        open=True,
        codes=(400, 429),
    ),
    RouteDoc(
        "claim_token",
        "POST",
        "/api/auth/claim-token",
        "Get a token for a browser",
        "It opens one project in the service's web page, and nothing else. The engine has no such page.",
        body={"task_id": STRING, "session_id": STRING},
        required=("session_id",),
        data={"claim_token": STRING},
        codes=(1002,),
    ),
    RouteDoc(
        "create_session",
        "POST",
        "/api/tasks/me/with-session/nemo_agent",
        "Begin a session",
        body={"task_name": STRING, "language": {"type": "string", "description": "en, zh-CN, …"}},
        data={"task_id": STRING, "session_id": STRING, "user_id": STRING},
    ),
    RouteDoc(
        "chat",
        "POST",
        "/run_sse",
        "Say something",
        "One turn, answered as a stream of events in the form of Google ADK; it is over when the stream closes. A turn "
        "goes to its end also when nobody listens. Never send a message twice: look at the state instead.",
        body={
            "app_name": STRING,
            "user_id": STRING,
            "session_id": STRING,
            "new_message": {
                "type": "object",
                "properties": {
                    "parts": {"type": "array", "items": {"type": "object", "properties": {"text": STRING}}},
                },
            },
        },
        required=("session_id", "new_message"),
        answers="events",
        codes=(404, 422, 2001, 429),
    ),
    RouteDoc(
        "upload",
        "POST",
        _UPLOADS,
        "Upload media",
        "Files in the field `files` of a form, or public addresses to fetch them from. All are kept or none.",
        body={"urls": {"type": "array", "items": STRING}, "source_type": STRING},
        data={"files": {"type": "array", "items": _FILE}, "session_state_applied": {"type": "boolean"}},
        form=True,
        codes=(1002, 4001, 4002, 429),
    ),
    RouteDoc(
        "storage",
        "GET",
        "/api/storage/me",
        "Read what is to be told of the room",
        "Which projects went to the trash for want of room, each told once; and, where uploads take more than 90 % of "
        "what they may, how much that is and which project would go first.",
        data={
            "trashed": {"type": "array", "items": STRING},
            "kept_bytes": INTEGER,
            "quota_bytes": INTEGER,
            "first": {"type": ["string", "null"]},
        },
    ),
    RouteDoc(
        "trash",
        "POST",
        "/api/storage/me/{session_id}/trash",
        "Remove a project, or bring it back",
        "It is kept in the trash for a week, but for one that goes `forever`.",
        body={"trashed": {"type": "boolean"}, "forever": {"type": "boolean"}},
        required=("trashed",),
        data={"was_trashed": {"type": "boolean"}, "bytes": INTEGER},
        codes=(1002,),
    ),
    RouteDoc(
        "check_upload",
        "GET",
        f"{_UPLOADS}/{{hash}}",
        "Check an upload",
        "Whether the session has a file of that SHA-256 that is still whole. If not, upload it again: it is replaced.",
        data={"is_whole": {"type": "boolean"}},
        codes=(1002,),
    ),
    RouteDoc(
        "credits",
        "GET",
        "/api/credits/balance/simple",
        "Read the credits",
        data={"available": NUMBER, "frozen": NUMBER, "total": NUMBER},
    ),
    RouteDoc(
        "state",
        "GET",
        "/api/state/nemo_agent/me/{session_id}/latest",
        "Read the timeline",
        "The draft and the uploads of a session, and how many turns are being worked on.",
        data={
            "state": {
                "type": "object",
                "properties": {
                    "draft": {"type": ["object", "null"]},
                    "draft_version": INTEGER,
                    "draft_steps": {"type": "array", "items": INTEGER, "description": "edits to undo, and to redo"},
                    "video_infos": {"type": "array", "items": OBJECT},
                    "generated_media": {"type": "array", "items": OBJECT},
                    "canvas_config": OBJECT,
                    "video_analyses": {"type": "array", "items": _SOUND},
                    "provenance": _PROVENANCE,
                    "turns_running": INTEGER,
                    "read_at": NUMBER,
                },
            }
        },
        codes=(1002,),
    ),
    RouteDoc(
        "drafts",
        "GET",
        _DRAFTS,
        "Read the history",
        "The drafts that can be gone to, the oldest first, without the drafts themselves. Number 0 is the empty "
        "timeline before the first.",
        data={
            "draft_version": INTEGER,
            "current": {"type": "integer", "description": "the number of the draft that holds"},
            "drafts": {"type": "array", "items": _VERSION},
        },
        codes=(1002,),
    ),
    RouteDoc(
        "store_draft",
        "POST",
        f"{_DRAFTS}/edit",
        "Edit the timeline",
        "Keeps a draft that was made from the one of `draft_version`; what was undone before it is let go.",
        body={"draft": OBJECT, "draft_version": INTEGER, "language": STRING},
        required=("draft", "draft_version"),
        data={"draft_version": INTEGER},
        codes=(409, 1002),
    ),
    RouteDoc(
        "edits",
        "GET",
        _EDITS,
        "Read the edits",
        "How the draft that holds was made: its versions, the oldest that is kept first, each with its edits; with its "
        "draft where the edits alone do not lead to it.",
        data={
            "draft_version": INTEGER,
            "versions": {"type": "array", "items": _VERSION},
        },
        codes=(1002,),
    ),
    RouteDoc(
        "explain",
        "POST",
        "/api/explain/nemo_agent/me/{session_id}",
        "Explain a message",
        "How a message would be read: its clauses, the edits and the reply. Nothing is done.",
        body={"message": STRING},
        required=("message",),
        data={
            "clauses": {"type": "array", "items": OBJECT},
            "edits": {"type": "array", "items": OBJECT},
            "reply": STRING,
            "is_unsure": {"type": "boolean"},
        },
        codes=(1002,),
    ),
    RouteDoc(
        "edit",
        "POST",
        _EDITS,
        "Make typed edits",
        "All of them as one step of the history, or none. Refused edits are told by `problems`: place, edit, field, "
        "value, and what is allowed. With `draft_version` only if that is still the version.",
        body={
            "edits": {"type": "array", "items": OBJECT, "description": "see the reference of edits"},
            "draft_version": INTEGER,
            "said": {"type": "string", "description": "what was said for it, for the history"},
            "language": STRING,
        },
        required=("edits",),
        data={"draft_version": INTEGER, "told": {"type": "array", "items": STRING}},
        codes=(409, 1002),
    ),
    RouteDoc(
        "go_to_draft",
        "POST",
        f"{_DRAFTS}/go",
        "Undo and redo",
        "Makes an earlier or a later draft of the history the one that holds, if `draft_version` is still the version.",
        body={"number": INTEGER, "draft_version": INTEGER},
        required=("number", "draft_version"),
        data={"draft_version": INTEGER},
        codes=(409, 1002),
    ),
    RouteDoc(
        "submit",
        "POST",
        _RENDERS,
        "Begin an export",
        "Under an id of your own. It needs the headers `X-Skill-Source`, `X-Skill-Version` and `X-Skill-Platform`. "
        "With `preview` it is small, made to be read in pieces, waits for no other, and ends the session's older one.",
        body={"id": STRING, "sessionId": STRING, "draft": OBJECT, "output": _OUTPUT},
        required=("sessionId", "draft"),
        data={"id": STRING, "status": _STATUS, "progress": NUMBER},
        bare=True,
        codes=(402, 409, 1002, 429),
    ),
    RouteDoc(
        "render_status",
        "GET",
        f"{_RENDERS}/{{job_id}}",
        "Follow an export",
        data={
            "id": STRING,
            "status": _STATUS,
            "progress": {"type": "number", "minimum": 0, "maximum": 100},
            "etaSeconds": {"type": ["number", "null"]},
            "error": STRING,
            "output": OBJECT,
        },
        bare=True,
        codes=(404,),
    ),
    RouteDoc(
        "cancel",
        "POST",
        f"{_RENDERS}/{{job_id}}/cancel",
        "Stop an export",
        data={"id": STRING},
        bare=True,
        codes=(404,),
    ),
    RouteDoc("download", "GET", "/api/render/proxy/{job_id}/download", "Download a film", answers="file", codes=(404,)),
    RouteDoc(
        "file",
        "GET",
        "/files/{key}/{name}",
        "Read a file",
        "An upload, a film or its poster. The key is the permission; parts can be asked for by `Range`.",
        answers="file",
        open=True,
        codes=(404,),
    ),
    RouteDoc(
        "thumbnail",
        "GET",
        "/files/{key}/small/thumbnail.jpg",
        "Read a thumbnail",
        "A small picture of an upload, under the same key. It is made when it is first asked for.",
        answers="file",
        open=True,
        codes=(404,),
    ),
    RouteDoc("openapi", "GET", "/openapi.json", "Read this as OpenAPI 3.1", bare=True, open=True),
    RouteDoc("docs", "GET", "/docs", "Read this as a page", answers="page", open=True),
)
