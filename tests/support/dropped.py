"""Files that are dropped onto a page, with what browsers tell of them."""

from __future__ import annotations

import base64
import mimetypes
from pathlib import Path
from typing import Any, Final

# Called with the zone and what is dropped, files and folders that hold some; gives whether the zone took it.
DROP: Final = """(zone, dropped) => {
  const fileOf = ({ name, type, base64, text, size }) => {
    const data = base64 ? Uint8Array.from(atob(base64), (mark) => mark.charCodeAt(0)) : text ?? "something";
    const file = new File([data], name, { type });
    if (size) Object.defineProperty(file, "size", { value: size });
    return file;
  };
  const entryOf = (each) => {
    if (!each.holds) return { name: each.name, isFile: true, file: (done) => done(fileOf(each)) };
    const left = each.holds.map((one) => [entryOf(one)]); // one at a time, then nothing
    const reader = { readEntries: (done) => done(left.shift() ?? []) };
    return { name: each.name, isDirectory: true, createReader: () => reader };
  };
  const panel = zone.closest(".nemo-studio") ?? zone.closest(".nemo");
  const isPlain = !dropped.some((each) => each.holds);
  const data = {
    types: ["Files"],
    items: dropped.map((each) => ({ webkitGetAsEntry: () => (isPlain ? null : entryOf(each)) })),
    files: isPlain ? dropped.map(fileOf) : [],
  };
  return ["dragenter", "dragover", "drop"].every((name) => {
    const event = new DragEvent(name, { bubbles: true, cancelable: true });
    Object.defineProperty(event, "dataTransfer", { value: data });
    zone.dispatchEvent(event);
    return event.defaultPrevented && panel.classList.contains("nemo-over") === (name !== "drop");
  });
}"""


def dropped(path: Path) -> dict[str, Any]:
    """A file of this machine, as `DROP` takes it."""
    kind = mimetypes.guess_type(path.name)[0] or ""
    return {"name": path.name, "type": kind, "base64": base64.b64encode(path.read_bytes()).decode("ascii")}
