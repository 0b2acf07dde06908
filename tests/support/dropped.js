// Called with the zone and what is dropped, files and folders that hold some; gives whether the zone took it.
(zone, dropped) => {
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
}
