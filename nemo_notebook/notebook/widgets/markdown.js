// Words with bold, italic, code and links, drawn as elements. It stands before blocks.js.

const DEEPEST = 6;
const INLINE =
  /(?<ticks>`+)|\\(?<escaped>[!-/:-@[-`{-~])|(?<mark>\*{1,3}|_{1,3}|~~)|(?<bracket>!?\[)|<(?<angled>https:\/\/[^\s<>]{1,2000})>|(?<bare>https:\/\/[^\s<>"'`|\\^{}\u3000-\u303f\uff00-\uffef]{1,2000})|\n/gi;
const ADDRESS = /\([ \t]*(https:\/\/(?:[^\s()<>"\\]|\([^\s()<>"\\]{0,200}\)){1,2000})(?:[ \t]+"[^"\n]{0,300}")?[ \t]*\)/iy;

/** Words with bold, italic, code and links. */
function fill(parent, text, depth = 0, inLink = false) {
  const token = new RegExp(INLINE);
  const missing = new Set(); // marks that have no end from here on: looked for once
  let shown = 0;
  const until = (end) => end > shown && parent.append(text.slice(shown, end));
  for (let found; (found = token.exec(text)); ) {
    const made = readInline(parent, text, found, missing, depth, inLink, () => until(found.index));
    if (made === null) continue;
    shown = token.lastIndex = made;
  }
  until(text.length);
}

/** Draws what is found; gives where it ends, or null if it is nothing. `before` draws what stands before it. */
function readInline(parent, text, found, missing, depth, inLink, before) {
  const { ticks, escaped, mark, bracket, angled, bare } = found.groups;
  const after = found.index + found[0].length;
  if (ticks) {
    const end = missing.has(ticks) ? -1 : closing(text, after, ticks, () => true);
    if (end < 0) return lost(missing, ticks);
    before();
    make("code", "", parent, text.slice(after, end).replace(/^ (.*\S.*) $/s, "$1"));
    return end + ticks.length;
  }
  if (escaped) {
    before();
    parent.append(escaped);
    return after;
  }
  if (mark) return readEmphasis(parent, text, found, missing, depth, inLink, before);
  if (bracket && !inLink) return readLink(parent, text, after, missing, depth, before);
  if ((angled || bare) && !inLink) {
    const address = angled ?? bare.replace(bare.includes("(") ? /[.,:;!?*_~\]]+$/ : /[.,:;!?*_~\])]+$/, "");
    before();
    if (!anchor(parent, address, (made) => made.append(address), address)) parent.append(angled ? found[0] : address);
    return angled ? after : found.index + address.length;
  }
  if (found[0] !== "\n") return null;
  before();
  make("br", "", parent);
  return after;
}

function lost(missing, mark) {
  missing.add(mark);
  return null;
}

/** Where a run of one sign, exactly so long, stands next. */
function closing(text, from, mark, fits) {
  for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at + mark.length)) {
    let end = at + mark.length;
    while (text[end] === mark[0]) end += 1;
    if (end === at + mark.length && fits(at)) return at;
    at = end - mark.length;
  }
  return -1;
}

function readEmphasis(parent, text, found, missing, depth, inLink, before) {
  const { mark } = found.groups;
  const after = found.index + mark.length;
  const isWord = (sign) => sign !== undefined && /[\p{L}\p{N}_]/u.test(sign);
  const isOpen = /\S/.test(text[after] ?? " ") && text[after] !== mark[0];
  if (!isOpen || depth > DEEPEST || missing.has(mark) || (mark[0] === "_" && isWord(text[found.index - 1]))) return null;
  const fits = (at) => at > after && /\S/.test(text[at - 1]) && !(mark[0] === "_" && isWord(text[at + mark.length]));
  const end = closing(text, after, mark, fits);
  if (end < 0) return lost(missing, mark);
  before();
  const outer = make(mark === "~~" ? "s" : mark.length === 1 ? "em" : "strong", "", parent);
  fill(mark.length === 3 ? make("em", "", outer) : outer, text.slice(after, end), depth + 1, inLink);
  return end + mark.length;
}

function readLink(parent, text, after, missing, depth, before) {
  const end = missing.has("](") ? -1 : text.indexOf("](", after);
  if (end < 0) return lost(missing, "](");
  ADDRESS.lastIndex = end + 1;
  const address = end - after <= 1000 && ADDRESS.exec(text);
  const words = text.slice(after, end);
  if (!address || words.includes("[")) return null;
  const behind = ADDRESS.lastIndex;
  before();
  const shown = words.trim() || address[1];
  const isLink = anchor(parent, address[1], (made) => fill(made, shown, depth + 1, true), shown);
  if (!isLink) parent.append(shown);
  return behind;
}

/** A link to the web, whose host is to be seen. Gives whether there is one. */
function anchor(parent, address, name, shown) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return false;
  }
  if (url.protocol !== "https:") return false;
  const made = make("a", "", parent);
  made.href = url.href;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  made.title = url.href.slice(0, 300);
  name(made);
  const own = `https://${url.host}`;
  const isSeen = shown.startsWith(own) && (shown.length === own.length || "/?#".includes(shown[own.length]));
  if (!isSeen) make("span", "nemo-md-host", parent, ` (${url.host})`);
  return true;
}

// The blocks of Markdown, each drawn as elements: nothing of it is ever read as markup. It stands behind inline.js and before markdown.js.

const BLOCK = 6_000; // characters of a block, which is cut behind them: what comes later is drawn again and again
const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})[ \t]*([^\n]*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+|$)/;
const RULE = /^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}>[ \t]?/;
const ITEM = /^([ \t]{0,8})([-*+]|(\d{1,9})[.)])(?:[ \t]{1,4}|$)/;
const TABLE_RULE = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*){0,60}\|?[ \t]*$/;

/** The line at an index: its text, where the next one begins, and whether its end has come. */
function lineAt(text, at) {
  const end = text.indexOf("\n", at);
  return end < 0 ? { line: text.slice(at), next: text.length, isWhole: false } : { line: text.slice(at, end), next: end + 1, isWhole: true };
}

/** Where to cut a text that is too long: behind a space, else anywhere but within a character. */
function cutBefore(text, begin, end) {
  const space = text.lastIndexOf(" ", end);
  if (space > begin + BLOCK / 2) return space + 1;
  const code = text.charCodeAt(end - 1);
  return code >= 0xd800 && code < 0xdc00 ? end - 1 : end;
}

const begins = (line) => FENCE.test(line) || HEADING.test(line) || QUOTE.test(line) || RULE.test(line);

/** The line below the head of a table, if a line is one. */
function tableRule(text, { line, next, isWhole }) {
  if (!isWhole || !line.includes("|") || line.length > BLOCK) return null;
  const rule = lineAt(text, next);
  return rule.line.length < 1000 && rule.line.includes("-") && TABLE_RULE.test(rule.line) ? rule : null;
}

/** The block that begins at an index, or null. `isClosed`: what comes later does not change it. */
function readBlock(text, at, isTorn) {
  let first = lineAt(text, at);
  while (!first.line.trim()) {
    if (!first.isWhole) return null;
    [at, isTorn] = [first.next, false];
    first = lineAt(text, at);
  }
  const line = first.line.length > 400 ? first.line.slice(0, 400) : first.line;
  if (!isTorn) {
    const fence = FENCE.exec(line);
    if (fence) return readFence(text, first, fence);
    const heading = HEADING.exec(line);
    if (heading) return readHeading(text, at, first, heading);
    if (RULE.test(line)) return { end: first.next, isClosed: first.isWhole, draw: (parent) => make("hr", "", parent) };
    if (QUOTE.test(line)) return readQuote(text, at);
    if (ITEM.test(line)) return readList(text, at);
    const rule = tableRule(text, first);
    if (rule) return readTable(text, at, first, rule);
  }
  return readParagraph(text, at, first, isTorn);
}

function readFence(text, first, [, mark, info]) {
  const begin = first.next;
  let at = begin;
  const closes = (line) => line.length < 400 && line.trim().length >= mark.length && !line.trim().replaceAll(mark[0], "");
  const code = (end) => ({
    draw: (parent) => {
      const block = make("pre", "nemo-md-code", parent);
      make("code", "", block, text.slice(begin, end).replace(/\n$/, ""));
      return block;
    },
  });
  while (at < text.length) {
    const { line, next, isWhole } = lineAt(text, at);
    if (closes(line)) return { end: next, isClosed: isWhole, ...code(at) };
    if (next - begin > BLOCK) {
      const end = line.length > BLOCK ? cutBefore(text, at, at + BLOCK) : isWhole ? next : at;
      return { end, isClosed: true, lead: `${mark}${info}\n`, ...code(end) };
    }
    at = next;
  }
  return { end: text.length, isClosed: false, ...code(text.length) };
}

function readHeading(text, at, first, [marks, level]) {
  const begin = at + marks.length;
  const isLong = first.next - begin > BLOCK;
  const end = isLong ? cutBefore(text, begin, begin + BLOCK) : first.next;
  const words = text.slice(begin, end).replace(/[ \t]+#*[ \t]*\n?$/, "").trim();
  // Below the headings of the page, and of the notebook.
  const draw = (parent) => {
    const made = make("div", `nemo-md-heading nemo-md-h${level.length}`, parent, null, { role: "heading" });
    made.setAttribute("aria-level", String(Math.min(level.length + 3, 6)));
    made.dir = "auto";
    fill(made, words);
    return made;
  };
  return { end, isClosed: first.isWhole || isLong, isTorn: isLong, draw };
}

function readParagraph(text, begin, first, isTorn) {
  let { next: at, isWhole } = first;
  let isClosed = false;
  while (isWhole && at - begin <= BLOCK) {
    const line = lineAt(text, at);
    const head = line.line.slice(0, 400);
    const item = ITEM.exec(head);
    const isItem = item && (!item[3] || item[3] === "1") && head.trim().length > item[2].length;
    if (!head.trim() || begins(head) || isItem || tableRule(text, line)) {
      isClosed = line.isWhole;
      break;
    }
    [at, isWhole] = [line.next, line.isWhole];
  }
  const isLong = at - begin > BLOCK;
  const end = isLong ? cutBefore(text, begin, begin + BLOCK) : at;
  const draw = (parent, depth = 0) => {
    const made = make("p", isTorn ? "nemo-md-torn" : "", parent);
    made.dir = "auto";
    fill(made, text.slice(begin, end).trim(), depth);
    return made;
  };
  return { end, isClosed: isClosed || isLong, isTorn: isLong, draw };
}

function readQuote(text, begin) {
  let at = begin;
  let isClosed = false;
  let lead = "";
  while (at < text.length) {
    const { line, next, isWhole } = lineAt(text, at);
    if (!QUOTE.test(line.slice(0, 10))) {
      isClosed = isWhole;
      break;
    }
    if (next - begin > BLOCK) {
      isClosed = true;
      if (at === begin || line.length > BLOCK) {
        at = cutBefore(text, at, at + BLOCK);
        lead = "> ";
      }
      break;
    }
    at = next;
  }
  const draw = (parent, depth, label) => {
    const made = make("blockquote", "", parent);
    const inside = text.slice(begin, at).split("\n").map((line) => line.replace(QUOTE, ""));
    drawAll(made, inside.join("\n"), depth + 1, label);
    return made;
  };
  return { end: at, isClosed, lead, draw };
}

const indent = (line) => /^[ \t]*/.exec(line)[0].replaceAll("\t", "    ").length;

function readList(text, begin) {
  const items = [];
  let at = begin;
  let [isBlank, isClosed, isTorn] = [false, false, false];
  const kind = ITEM.exec(text.slice(begin, begin + 400))[2].slice(-1);
  while (at < text.length) {
    let { line, next, isWhole } = lineAt(text, at);
    if (next - begin > 2 * BLOCK && next - at > BLOCK) {
      next = cutBefore(text, at, at + BLOCK);
      line = text.slice(at, next);
      isTorn = true;
    }
    const head = line.slice(0, 400);
    const found = RULE.test(head) ? null : ITEM.exec(head);
    const item = items.at(-1);
    const isNew = found && (!item || indent(head) < item.inside);
    if (isNew && (found[2].slice(-1) !== kind || next - begin > BLOCK) && item) {
      isClosed = isWhole || next - begin > BLOCK;
      break;
    }
    if (isNew) items.push({ inside: Math.max(found[0].length, indent(head) + 2), number: found[3], lines: [line.slice(found[0].length)] });
    else if (!head.trim()) item.lines.push("");
    else if (indent(head) >= Math.min(item.inside, 4)) item.lines.push(line.slice(Math.min(/^[ \t]*/.exec(line)[0].length, item.inside)));
    else if (!isBlank && !begins(head)) item.lines.push(line.trimStart());
    else {
      isClosed = isWhole;
      break;
    }
    isBlank = !head.trim();
    at = next;
    if (isTorn || at - begin > 3 * BLOCK) {
      isClosed = isTorn || isWhole;
      if (isClosed) break;
    }
  }
  const draw = (parent, depth, label) => {
    const made = make(items[0].number ? "ol" : "ul", "", parent);
    if (items[0].number) made.start = Number(items[0].number);
    for (const each of items) drawAll(make("li", "", made), each.lines.join("\n"), depth + 1, label);
    return made;
  };
  return { end: at, isClosed, isTorn, draw };
}

const cells = (line) =>
  line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "")
    .split(/(?<!\\)\|/, 60)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));

function readTable(text, begin, first, rule) {
  const rows = [];
  let at = rule.next;
  let isClosed = false;
  let lead = "";
  while (at < text.length) {
    const { line, next, isWhole } = lineAt(text, at);
    if (!line.includes("|")) {
      isClosed = isWhole;
      break;
    }
    if (next - begin > BLOCK && rows.length) {
      [isClosed, lead] = [true, `${first.line}\n${rule.line}\n`];
      break;
    }
    rows.push(line);
    at = next;
  }
  const sides = cells(rule.line).map((each) => (each.endsWith(":") ? (each.startsWith(":") ? "center" : "end") : ""));
  const draw = (parent, depth, label) => {
    const scroll = make("div", "nemo-md-table", parent, null, { role: "group", "aria-label": label });
    const table = make("table", "", scroll);
    const row = (line, tag, into) => {
      const made = make("tr", "", into);
      const found = cells(line);
      sides.forEach((side, column) => {
        const cell = make(tag, "", made);
        if (side) cell.style.textAlign = side;
        cell.dir = "auto";
        fill(cell, found[column] ?? "");
      });
    };
    row(first.line, "th", make("thead", "", table));
    const body = make("tbody", "", table);
    rows.forEach((line) => row(line, "td", body));
    return scroll;
  };
  return { end: at, isClosed, lead, draw };
}

/** Blocks within a block. */
function drawAll(parent, text, depth, label) {
  if (depth > DEEPEST) return void make("p", "", parent, text.trim());
  let [at, isTorn, rest] = [0, false, text];
  for (;;) {
    const block = readBlock(rest, at, isTorn);
    if (!block) return;
    block.draw(parent, depth, label);
    isTorn = Boolean(block.isTorn);
    if (block.lead) [rest, at] = [block.lead + rest.slice(block.end), 0];
    else at = block.end;
  }
}

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
