"""Someone who asks an engine over HTTP, without our own client."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

SKILL = {"X-Skill-Source": "from-music", "X-Skill-Version": "1.0.0", "X-Skill-Platform": "unknown"}


def ask_token(url: str, client_id: str = "a") -> httpx.Response:
    return httpx.post(f"{url}/api/auth/anonymous-token", headers={"X-Client-Id": client_id})


class Visitor(httpx.Client):
    """A client with a token, one of its own if none is given."""

    def __init__(self, url: str, token: str = "", client_id: str = "a") -> None:
        token = token or ask_token(url, client_id).json()["data"]["token"]
        super().__init__(base_url=url, headers={"Authorization": f"Bearer {token}", **SKILL}, timeout=60)

    def begin(self) -> str:
        """Begin a session."""
        return str(self.post("/api/tasks/me/with-session/nemo_agent", json={}).json()["data"]["session_id"])

    def upload(self, session: str, data: bytes, name: str = "clip.mp4") -> httpx.Response:
        return self.post(f"/api/upload-video/nemo_agent/me/{session}", files={"files": (name, data)})

    def say(self, session: str, words: str) -> httpx.Response:
        return self.post("/run_sse", json={"session_id": session, "new_message": {"parts": [{"text": words}]}})

    def events(self, session: str, words: str) -> list[dict[str, Any]]:
        """What a turn tells."""
        lines = self.say(session, words).text.split("\n")
        return [json.loads(line[6:]) for line in lines if line.startswith("data: ")]

    def state(self, session: str) -> dict[str, Any]:
        return dict(self.get(f"/api/state/nemo_agent/me/{session}/latest").json()["data"]["state"])

    def submit(self, session: str, job: str, size: tuple[int, int] = (160, 90), **output: str) -> httpx.Response:
        """Begin an export of the draft that holds, which is made small."""
        draft = self.state(session)["draft"]
        draft["m"].update(width=size[0], height=size[1])
        body = {"id": job, "sessionId": session, "draft": draft, "output": {"quality": "low", **output}}
        return self.post("/api/render/proxy/lambda", json=body)

    def job(self, job: str) -> dict[str, Any]:
        return dict(self.get(f"/api/render/proxy/lambda/{job}").json()["data"])

    def ended(self, job: str, limit_s: float = 120) -> dict[str, Any]:
        """An export once it is over."""
        deadline_s = time.monotonic() + limit_s
        while (data := self.job(job))["status"] in {"pending", "processing"}:
            assert time.monotonic() < deadline_s, data
            time.sleep(0.02)
        return data
