// Lay out a timeline as plain nodes of a page, which can be dragged and zoomed.
export const peer = ({ tracks, columns, texts, colors }) => {
  const stage = document.getElementById("here");
  stage.style.cssText = "position: relative; height: 240px; overflow: auto;";
  const tops = new Map(tracks.map((track, at) => [track.number, 60 * at]));
  let scale = 0.02;
  const nodes = columns.segment.map((id, at) => {
    const node = document.createElement("div");
    node.textContent = texts[columns.name[at]];
    node.style.cssText = `position: absolute; height: 50px; overflow: hidden; font-size: 12px; border-radius: 4px;
      color: #fff; white-space: nowrap; top: ${tops.get(columns.track[at])}px; background: ${colors.shots[at % 6]}`;
    node.onpointerdown = (event) => {
      node.setPointerCapture(event.pointerId);
      const [from, start] = [event.clientX, columns.start[at]];
      node.onpointermove = ({ clientX }) => { node.style.left = `${start * scale + clientX - from}px`; };
      node.onpointerup = () => { node.onpointermove = null; };
    };
    return stage.appendChild(node);
  });
  const lay = () => nodes.forEach((node, at) => {
    node.style.left = `${columns.start[at] * scale}px`;
    node.style.width = `${columns.length[at] * scale - 1}px`;
  });
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    scale = Math.min(0.3, Math.max(0.001, scale * Math.exp(-event.deltaY * 0.003)));
    lay();
  }, { passive: false });
  lay();
};

// Note when each frame comes, until that is asked for.
export const watch = () => {
  window.frames_ms = [];
  const note = (now) => { window.frames_ms.push(now); window.watching = requestAnimationFrame(note); };
  window.watching = requestAnimationFrame(note);
};

export const seen = () => {
  cancelAnimationFrame(window.watching);
  return window.frames_ms;
};
