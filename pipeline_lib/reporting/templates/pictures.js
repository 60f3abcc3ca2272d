"use strict";
// The section of pictures: a form that filters a table of images, a grid of those found, and a dialog that opens one of them.
document.addEventListener("DOMContentLoaded", () => {
  const home = document.getElementById("pictures");
  const form = home.querySelector("form"), grid = home.querySelector(".grid"), more = home.querySelector(".more");
  const status = home.querySelector(".found"), dialog = home.querySelector("dialog"), body = dialog.querySelector(".opened");
  const data = window.protoweave?.images;
  if (!data) {
    status.textContent = "The folder data/ is not beside this page; copy the whole folder of the report.";
    return;
  }
  const AT_ONCE = 60, FIRST = 32, SPAN = 240, SVG = document.querySelector("svg").namespaceURI;
  const fields = form.elements, kinds = { classes: "class", tags: "tag" };
  const splits = data.splits.flatMap(([name, count]) => Array(count).fill(name));
  const byId = new Map(data.ids.map((id, i) => [id, i]));
  const words = data.ids.map((id, i) => `${id}\n${data.files[i]}`.toLowerCase());
  let found = [], drawn = 0, current = -1, trail = [], beside = ["", ""];

  // Elements are made of text, never of markup, so that a name is shown as it is.
  const make = (parent, name, about, children) => {
    for (const [key, value] of Object.entries(about)) if (value !== null && value !== undefined) parent.setAttribute(key, value);
    parent.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
    return parent;
  };
  const el = (name, about = {}, ...children) => make(document.createElement(name), name, about, children);
  const svg = (name, about = {}, ...children) => make(document.createElementNS(SVG, name), name, about, children);
  const percent = (thousandths) => (thousandths / 10).toFixed(1);
  const number = (count) => count.toLocaleString("en");
  const labels = (i, target) => data[target][i].map((j) => data.names[target][j]).join(", ");
  const title = (i) => `${data.ids[i]}: ${labels(i, "classes") || labels(i, "tags") || "no label"}`;
  const run = (name) => data.runs.findIndex((one) => one.name === name);
  const state = (r, i) => (i < data.judged ? data.wrong[r][i] : -1); // 0 right, above: wrong, -1 unknown

{% include "pictures_search.js" %}
{% include "pictures_said.js" %}
{% include "pictures_explained.js" %}
{% include "pictures_opened.js" %}
  // Where it listens.
  const apply = (wanted) => {
    form.reset();
    for (const [name, value] of wanted) if (fields[name]) fields[name].value = value;
    search();
  };
  const follow = () => {
    const wanted = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));
    if (byId.has(wanted.get("image"))) open(byId.get(wanted.get("image")));
  };
  form.addEventListener("input", search);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(search));
  fields.run.addEventListener("change", () => {
    fields.beside.value = data.runs[data.runs[run(fields.run.value)]?.to[0]]?.name ?? "";
  });
  more.addEventListener("click", () => {
    const first = drawn;
    draw(AT_ONCE);
    grid.children[first].querySelector("button").focus();
  });
  grid.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-place]");
    if (button) open(+button.dataset.place);
  });
  body.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-place]");
    if (!button) return;
    trail.push(current);
    show(+button.dataset.place).then(() => dialog.querySelector("[data-do=back]").focus());
  });
  const doing = { close: () => dialog.close(), previous: () => step(-1), next: () => step(1), back: () => show(trail.pop()) };
  dialog.querySelector(".bar").addEventListener("click", ({ target }) => doing[target.closest("button")?.dataset.do]?.());
  dialog.addEventListener("keydown", (event) => {
    if (event.target.matches("select, input") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  dialog.addEventListener("close", () => history.replaceState(null, "", "#pictures"));
  for (const name of document.querySelectorAll("[data-image]")) {
    if (!byId.has(name.dataset.image)) continue;
    if (name.matches("img")) name.classList.add("opens");
    else name.replaceChildren(el("a", { href: `#image=${encodeURIComponent(name.dataset.image)}` }, name.textContent));
  }
  document.addEventListener("click", ({ target }) => {
    if (target.matches("img.opens")) open(byId.get(target.dataset.image));
  });
  for (const link of document.querySelectorAll("[data-look]")) link.addEventListener("click", () => apply(new URLSearchParams(link.dataset.look)));
  addEventListener("hashchange", follow);
  search();
  follow();
});
