export const harm = (page) => [...page.querySelectorAll("*")].flatMap((each) => [
  ...(/^(script|iframe|img|svg|object|embed|form|input|mjx-container)$/i.test(each.tagName) ? [each.tagName] : []),
  ...[...each.attributes]
    .filter(({ name, value }) => /^on/.test(name) || (name === "href" && !/^(https?:|mailto:|#)/.test(value)))
    .map(({ name, value }) => `${name}=${value}`),
]);
