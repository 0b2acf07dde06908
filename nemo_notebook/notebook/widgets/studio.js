export default {
  render({ model, el }) {
    const { body, end } = begin({ model, el }, "header");
    const [name, id] = [model.get("name"), model.get("session_id")];
    const heading = make("div", "nemo-header-heading", body, null, { role: "heading", "aria-level": "2" });
    heading.title = id;
    make("span", "nemo-header-title", heading, model.get("title"));
    if (name !== id) make("span", "nemo-header-name nemo-quiet", heading, name); // who has given none knows no number
    const reader = model.get("model_name");
    const where = reader ? "model" : model.get("is_local") ? "local" : "cloud";
    make("span", "nemo-header-where nemo-quiet", body, say(model, where, { model: reader }));
    return end;
  },
};
