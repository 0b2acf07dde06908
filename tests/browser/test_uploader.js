// Text, or a picture of the page itself, which a browser gives as a file too; gives whether any of it was taken.
export const dragOwn = (zone) => {
  const drag = (types, ...names) => names.map((name) => {
    const event = new DragEvent(name, { bubbles: true, cancelable: true });
    Object.defineProperty(event, "dataTransfer", { value: { types, items: [], files: [new File(["x"], "x.png")] } });
    zone.dispatchEvent(event);
    return name !== "dragstart" && (event.defaultPrevented || zone.closest(".nemo").classList.contains("nemo-over"));
  });
  const taken = drag(["text/plain"], "dragenter", "drop");
  taken.push(drag(["text/html", "Files"], "dragstart", "dragenter")[1]);
  drag(["Files"], "dragend");
  return taken.some(Boolean);
};

export const dragBeside = () => {
  const event = new DragEvent("dragover", { bubbles: true, cancelable: true });
  Object.defineProperty(event, "dataTransfer", { value: { types: ["Files"], dropEffect: "copy" } });
  document.querySelector(".jp-Notebook").dispatchEvent(event);
  return event.defaultPrevented && event.dataTransfer.dropEffect === "none";
};

export const paste = (zone, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  zone.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: data }));
};

// What a page sends: noted, and, where a test wants it, damaged or held back.
export const watch = () => {
  const send = WebSocket.prototype.send;
  window.sent = [];
  window.release = () => {
    const held = window.held;
    window.held = undefined;
    held.forEach(([socket, data]) => send.call(socket, data));
  };
  WebSocket.prototype.send = function (data) {
    const size = data.byteLength ?? data.length;
    window.sent.push(size);
    if (size > 1e6 && window.damage) {
      window.damage -= 1;
      data = data.slice(0);
      new Uint8Array(data)[size - 1000] ^= 1;
    }
    if (size > 1e6 && window.held) window.held.push([this, data]);
    else send.call(this, data);
  };
};
