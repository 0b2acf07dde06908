// Whether the notebook on the page has a kernel that answers, idle or perhaps busy, and Lab runs its cells.
export const listens = (busy) => {
  const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
  const kernel = context?.isReady && context.session?.kernel;
  return kernel?.connectionStatus === "connected" && (kernel.status === "idle" || busy)
    && window.jupyterapp.commands.isEnabled("notebook:run-cell");
};

// Lab scrolls on when it has measured what came into view: bring a part there, and wait until it stays for some frames.
export const stays = (part) => new Promise((done) => {
  part.scrollIntoView({ block: "center" });
  let [was, frames] = [NaN, 0];
  const look = () => {
    const { top } = part.getBoundingClientRect();
    frames = top === was ? frames + 1 : 0;
    was = top;
    if (frames === 20) done();
    else requestAnimationFrame(look);
  };
  look();
});

export const textsOfShown = (all) =>
  all.filter((each) => each.getBoundingClientRect().height > 0).map((each) => each.innerText);
