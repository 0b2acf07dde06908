// A part with a button for each thing that parts do; it follows the module that all of them share.
export default { render({ model, el }) {
  const { body, link, end } = begin({ model, el }, "probe");
  const out = make("output", "", body);
  const field = make("input", "nemo-input", body);
  field.setAttribute("aria-label", "field");
  const add = (name, work) => button(body, "", name, { text: true }).addEventListener("click", async () => {
    out.textContent = `${name}: ${await work().catch((error) => error.message)}`;
  });
  add("leave", async () => (body.querySelectorAll("button")[0].remove(), "gone"));
  Object.assign(make("div", "", body), { tabIndex: 0 }).style.visibility = "hidden"; // takes room, but no focus
  add("double", async () => {
    const { content, buffers } = await link.ask("double", { word: "ab" }, [new Uint8Array([1, 2]).buffer]);
    return `${content} ${new Uint8Array(buffers[0].buffer ?? buffers[0]).join()}`;
  });
  add("fail", async () => link.ask("fail"));
  add("urgent", async () => (await link.ask("double", { word: "u" }, [], { urgent: true })).content);
  add("slow", async () => (await link.ask("double", { word: "s" })).content);
  add("file", async () => String(await fileAddress(model, "film.bin", 5)));
  add("wrong", async () => String(await fileAddress(model, "film.bin", 6)));
  add("above", async () => String(await fileAddress(model, "../../etc/passwd", 6)));
  return end;
} };
