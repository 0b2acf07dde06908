// Note how long keys and clicks take from their event to the frame that shows them.
export const watch = () => {
  window.keys_ms = [];
  window.clicks_ms = [];
  const painted = (begun, into) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel(); // heard behind the frame
    port1.onmessage = () => into.push(performance.now() - begun);
    port2.postMessage(0);
  });
  window.addEventListener("keydown", (event) => painted(event.timeStamp, window.keys_ms), true);
  const log = document.querySelector(".nemo-log");
  let clicked = 0;
  window.addEventListener("click", (event) => { clicked = event.timeStamp; }, true);
  new MutationObserver(() => {
    if (clicked) painted(clicked, window.clicks_ms);
    clicked = 0;
  }).observe(log, { childList: true });
  const bare = document.createElement("textarea");
  bare.id = "bare";
  bare.style.cssText = "position: fixed; top: 0; right: 0; z-index: 9999";
  document.body.append(bare);
};

// Count the bytes that the page receives on its websockets, from its beginning on.
export const count = () => {
  window.received = 0;
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        window.received += data.byteLength ?? data.size ?? new TextEncoder().encode(data).length;
      });
    }
  };
};
