// What did not come: a few have rows, the others are counted in a line, and one button takes all of them away.

const MOST_ROWS = 3;

function canRetry({ row, file }) {
  return row.state === "stopped" && !row.is_final && (row.can_retry || Boolean(file));
}

/** Whether nothing will come of it: what can be tried again is none of these, but addresses can be typed again. */
function isOver(item) {
  const { state, has_file: isAddress } = item.row;
  return state === "refused" || (state === "stopped" && (isAddress || !canRetry(item)));
}

/** The line below the rows of what is on its way; `onClear` is to take all of them away. */
function refusalsLine(model, body, onClear) {
  const root = make("div", "nemo-left-out", body);
  const words = make("span", "nemo-quiet", root);
  const clear = button(root, "close", say(model, "clear"), { text: true });
  clear.addEventListener("click", onClear);
  root.hidden = true;
  return {
    /** Of all items, show no more than a few that were left out, and tell of the others. */
    tell(items) {
      const over = items.filter(isOver);
      const rest = over.slice(MOST_ROWS);
      items.forEach((item) => (item.view.root.hidden = false));
      rest.forEach((item) => (item.view.root.hidden = true));
      words.textContent = rest.length ? leftOutWords(model, "more left out", rest) : "";
      root.hidden = over.length < 2;
    },
  };
}

/** What comes of a drop or an address, for who cannot see it. */
function outcomeWords(model, items) {
  const refused = items.filter(isOver);
  const count = items.length - refused.length;
  const lines = count ? [say(model, count === 1 ? "said begun one" : "said begun", { count })] : [];
  if (refused.length === 1) lines.push(say(model, "said refused", { name: refused[0].row.name, error: refused[0].row.error }));
  else if (refused.length) lines.push(leftOutWords(model, "said left out", refused));
  return lines.join(" ");
}

/** How many were left out, and why. */
function leftOutWords(model, key, items) {
  const counts = new Map();
  for (const { row } of items) {
    const why = row.is_lost ? "lost" : row.why ?? "other";
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  const of = counts.size > 1 ? "reason of" : "reason";
  const reasons = [...counts].map(([why, count]) => say(model, of, { count, why: say(model, `why ${why}`) }));
  const count = items.length;
  return say(model, count === 1 ? `${key} one` : key, { count, why: reasons.join(say(model, "and")) });
}

/** Scroll a list, and nothing else, to where the elements are; where they do not fit, to the first of them. */
function reveal(list, elements) {
  const shown = elements.filter((each) => each.isConnected && !each.hidden);
  if (!shown.length) return;
  const frame = list.getBoundingClientRect();
  const [first, last] = [shown[0].getBoundingClientRect(), shown.at(-1).getBoundingClientRect()];
  if (last.bottom > frame.bottom) list.scrollTop += Math.min(last.bottom - frame.bottom, first.top - frame.top);
  else if (first.top < frame.top) list.scrollTop -= frame.top - first.top;
}
