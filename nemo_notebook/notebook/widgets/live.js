/** Interrupt the kernel through the server that this page comes from. Gives whether it was done. */
async function interrupt(kernel) {
  const page = document.getElementById("jupyter-config-data");
  if (!kernel || !page) return false;
  try {
    const base = JSON.parse(page.textContent).baseUrl;
    const xsrf = /(?:^|;\s*)_xsrf=([^;]*)/.exec(document.cookie);
    const answer = await fetch(`${base}api/kernels/${encodeURIComponent(kernel)}/interrupt`, {
      method: "POST",
      headers: xsrf ? { "X-XSRFToken": decodeURIComponent(xsrf[1]) } : {},
    });
    return answer.ok;
  } catch {
    return false;
  }
}

/** What stood below moves up instead of jumping. */
function glide(area, height) {
  if (!area || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  area.animate([{ transform: `translateY(${height}px)` }, { transform: "none" }], { duration: 160, easing: "ease-out" });
}

function make(tag, name, parent) {
  const made = document.createElement(tag);
  made.className = name;
  return parent.appendChild(made);
}

export default () => {
  const begun_ms = performance.now(); // once a turn, however often the line is drawn

  function render({ model, el }) {
    const line = make("div", "nemo-live", el);
    line.dataset.lmSuppressShortcuts = "true"; // Enter and Space are for the button, not for the notebook
    const words = make("span", "nemo-live-words", line);
    words.setAttribute("role", "status");
    words.append(`⏳ ${model.get("working")} `);
    const clock = make("span", "nemo-live-clock", words);
    clock.setAttribute("aria-hidden", "true"); // or a screen reader would count along
    const doing = make("span", "nemo-live-doing", words);
    const button = make("button", "nemo-live-stop", line);
    button.type = "button";
    button.textContent = model.get("stop");

    let area = null;
    const tick = () => {
      area ??= el.closest(".jp-OutputArea");
      const seconds = Math.floor((performance.now() - begun_ms) / 1000);
      clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    };
    const tell = () => {
      doing.textContent = model.get("doing") && ` · ${model.get("doing")}`;
    };
    button.addEventListener("click", async () => {
      button.disabled = true;
      button.textContent = model.get("stopping");
      const done = !model.get("in_background") && (await interrupt(model.get("kernel_id")));
      if (!done) model.send({ do: "stop" });
    });
    tick();
    tell();
    const timer = setInterval(tick, 250);
    model.on("change:doing", tell);

    return () => {
      clearInterval(timer);
      model.off("change:doing", tell);
      glide(area, 26);
    };
  }

  return { render };
};
