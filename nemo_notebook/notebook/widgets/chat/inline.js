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
