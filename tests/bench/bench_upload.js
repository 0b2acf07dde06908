// Sends each chosen file by both ways; notes when a row was painted, and the kernel and the session had it, in ms.
(address) => setTimeout(async () => {
  const part = document.querySelector(".nemo-uploader");
  const rows = (list) => [...part.querySelectorAll(`.nemo-files-${list} > li`)];
  const frame = () => new Promise(requestAnimationFrame);
  const send = async (file) => {
    const begun = performance.now();
    await fetch(address, { method: "POST", mode: "no-cors", body: new Blob([file]) });
    return performance.now() - begun;
  };
  const drop = async (file) => {
    const before = rows("media").length;
    const data = { types: ["Files"], items: [{}], files: [file] };
    const event = new DragEvent("drop", { bubbles: true, cancelable: true });
    Object.defineProperty(event, "dataTransfer", { value: data });
    const begun = performance.now();
    const until = (isSo) => new Promise((done) => {
      const look = () => isSo() && (watcher.disconnect(), done(performance.now() - begun));
      const watcher = new MutationObserver(look);
      watcher.observe(part, { subtree: true, childList: true, characterData: true });
      look();
    });
    part.querySelector(".nemo-drop").dispatchEvent(event);
    while (!rows("transfers").length) await frame();
    await frame();
    const painted = performance.now() - begun;
    const taken = await until(() => rows("media").length > before || part.textContent.includes("Handing it"));
    const there = await until(() => rows("media").length > before && !rows("transfers").length);
    return { painted, taken, there };
  };
  window.runs = [];
  for (const file of document.getElementById("bench").files) {
    window.runs.push({ fetched: await send(file), ...(await drop(file)) });
  }
  setInterval(() => (document.title = "bench-done"), 100); // JupyterLab has titles of its own
}, 1500)
