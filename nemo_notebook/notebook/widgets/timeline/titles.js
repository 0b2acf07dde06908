// A title that is written where it stands.

/** Let a title be written anew; nothing where the segment is none. */
async function retitle(part, row) {
  if (part.timeline.byTrack.get(row.track).kind !== "text" || part.writing) return;
  part.select(row.id);
  let { text } = row;
  if (text.length >= LONGEST_TEXT) {
    const answer = await part.link.ask("words", { segment: row.id }).catch(() => null);
    if (!answer) return;
    ({ text } = answer.content);
  }
  part.choose(row);
  const field = titleField(part, row);
  part.writing = field;
  field.value = text;
  const close = (isMeant) => {
    if (!part.writing) return;
    part.writing = null;
    field.remove();
    if (isMeant && field.value !== text) part.edits.rename(part.timeline.byId.get(row.id), field.value);
  };
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (isComposing(event)) return; // its Enter chooses among characters
    if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) {
      event.preventDefault();
      close(event.key === "Enter");
      part.list.focus();
    }
  });
  field.addEventListener("blur", () => close(true));
  field.focus();
  field.select();
}

/** A field over a title's block, within what is seen. */
function titleField({ stage, scale, scroller, timeline, tops, say }, row) {
  const field = make("textarea", "nemo-input nemo-timeline-writing", stage);
  field.rows = 1;
  field.setAttribute("aria-label", say("words"));
  const begin = Math.min(Math.max(scale.x(row.start), scale.left), scale.width - 200);
  const left = Math.max(4, begin);
  field.style.left = `${left}px`;
  field.style.top = `${RULER + tops[timeline.byTrack.get(row.track).at] - scroller.scrollTop - 2}px`;
  field.style.width = `${Math.min(Math.max(196, row.length * scale.perMs), scale.width - left - 4)}px`;
  return field;
}
