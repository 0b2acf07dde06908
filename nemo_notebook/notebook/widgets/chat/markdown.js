// Markdown that grows.

/** Text that grows, below an element. What is finished is drawn once; only the block at the end is drawn anew. */
class Markdown {
  constructor(root, { table = "Table" } = {}) {
    this.root = root;
    this.label = table;
    this.root.classList.add("nemo-md");
    this.set("");
  }

  /** The whole text, in place of what is there. */
  set(text) {
    this.root.replaceChildren();
    this.text = ""; // all of it
    this.rest = ""; // from the begin of the block at the end
    this.isTorn = false; // whether the rest goes on with a paragraph that was cut
    this.open = [];
    this.count = 0;
    this.append(text);
  }

  append(text) {
    if (!text) return;
    this.text += text;
    this.open.forEach((each) => each.remove());
    let rest = this.rest + text;
    let at = 0;
    for (;;) {
      const block = readBlock(rest, at, this.isTorn);
      if (!block || !block.isClosed) break;
      this.#draw(block);
      this.isTorn = Boolean(block.isTorn);
      if (block.lead) {
        rest = block.lead + rest.slice(block.end);
        at = 0;
      } else at = block.end;
    }
    this.rest = rest.slice(at);
    this.open = [];
    let isTorn = this.isTorn;
    for (at = 0; ; ) {
      const block = readBlock(this.rest, at, isTorn);
      if (!block) break;
      this.open.push(this.#draw(block));
      [at, isTorn] = [block.end, Boolean(block.isTorn)];
    }
  }

  #draw(block) {
    const made = block.draw(this.root, 0, this.label);
    this.count += 1;
    if (this.count === 200) this.root.classList.add("nemo-md-long");
    return made;
  }
}
