// The dialog: one picture with all that is known of it; a part of pictures.js.
// A file of data is loaded once a picture of it opens: a page from a disk may load scripts, and nothing else.
const loading = new Map();
const load = (shard) => {
  if (!loading.has(shard))
    loading.set(shard, new Promise((done, fail) => {
      const script = el("script", { src: data.shards[shard] });
      script.onload = () => done(window.protoweave[`shard${shard}`]);
      script.onerror = () => fail(new Error(data.shards[shard]));
      document.head.append(script);
    }));
  return loading.get(shard);
};

const explanation = (r, i, shard) => {
  const one = data.runs[r];
  if (one.sees === "patches") return byPatches(r, i);
  if (one.sees === "regions" && shard.regions[one.target]) return byRegions(i, one.target, shard);
  return [el("figure", {}, picture(i))];
};
const columnOf = (side, i, shard) => {
  const select = el("select", { id: `side-${side}` });
  data.runs.forEach((one) => select.append(el("option", { value: one.name }, one.name)));
  select.value = beside[side];
  const r = run(beside[side]), own = shard.names[i % data.size] ?? [], o = run(beside[1 - side]);
  const other = data.runs[o].target === data.runs[r].target && o !== r ? answers(own[o] ?? [], data.runs[o].target) : null;
  select.addEventListener("change", () => {
    beside[side] = select.value;
    show(current).then(() => body.querySelector(`#side-${side}`).focus());
  });
  const [seen, ...more] = explanation(r, i, shard);
  return el("div", {}, el("p", { class: "chosen" }, el("label", { for: select.id }, side ? "Beside run" : "Run"), select, outcome(r, i, own[r] ?? [])), el("div", {}, seen), el("div", {}, bars(r, i, own[r] ?? [], other)), el("div", {}, more, el("p", { class: "note" }, data.runs[r].title)));
};
const near = (i, shard) => {
  const flat = shard.near[i % data.size] ?? [], tiles = [];
  for (let k = 0; k < flat.length; k += 2) {
    const place = flat[k], same = data.classes[i].some((c) => data.classes[place].includes(c));
    const mark = data.classes[i].length ? (same ? "= " : "≠ ") : "";
    const [link, width, height] = data.pictures[place];
    tiles.push(el("li", {}, el("button", { type: "button", "data-place": place, title: title(place) }, el("img", { src: link, width, height, alt: title(place) })), el("span", {}, mark, labels(place, "classes") || labels(place, "tags")), el("span", { class: "note" }, (flat[k + 1] / 1000).toFixed(3))));
  }
  return tiles.length ? el("section", {}, el("h4", {}, i < data.judged ? "Nearest training images" : "Nearest of the training images with a picture"), el("p", { class: "note" }, "Cosine of their vectors around the mean of all", data.classes[i].length ? "; =: of the same class, ≠: of another." : "."), el("ul", { class: "grid" }, tiles)) : "";
};
const about = (i) => {
  const facts = [["split", splits[i]]];
  if (data.names.classes.length) facts.push(["class", labels(i, "classes") || "none"]);
  if (data.names.tags.length) facts.push(["tags", labels(i, "tags") || "none"]);
  for (const [rank, given, suggested, had, has] of data.doubts[i] ?? []) {
    const parts = [given ? `${given} ${percent(had)} %` : "", suggested ? `${given ? "rather " : "also "}${suggested} ${percent(has)} %` : ""];
    facts.push(["in doubt", `${parts.filter(Boolean).join(", ")} (no. ${number(rank)} of its kind, by stage quality)`]);
  }
  if (data.files[i]) facts.push(["file", data.files[i]]);
  return el("dl", {}, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", { dir: "auto" }, value))));
};
const show = async (i) => {
  const another = i !== current || !dialog.open;
  current = i;
  const place = found.indexOf(i);
  dialog.querySelector("h3").textContent = data.ids[i];
  dialog.querySelector(".place").textContent = place < 0 ? "" : `${number(place + 1)} of ${number(found.length)}`;
  dialog.querySelector("[data-do=previous]").disabled = place < 1;
  dialog.querySelector("[data-do=next]").disabled = place < 0 || place + 1 >= found.length;
  dialog.querySelector("[data-do=back]").hidden = !trail.length;
  if (!dialog.open) dialog.showModal();
  history.replaceState(null, "", `#image=${encodeURIComponent(data.ids[i])}`);
  let shard;
  try {
    shard = await load(Math.floor(i / data.size));
  } catch (error) {
    body.replaceChildren(el("p", { class: "warning" }, `${error.message} is not beside this page; copy the whole folder of the report.`));
    return;
  }
  if (current !== i) return;
  const two = data.runs.length && i < data.judged;
  body.replaceChildren(
    el("div", { class: "whole" }, el("figure", {}, picture(i), about(i)), el("div", {}, overview(i, shard), near(i, shard))),
    two ? el("section", {}, el("h4", {}, "Two runs side by side"), el("div", { class: "two" }, columnOf(0, i, shard), columnOf(1, i, shard))) : "",
  );
  if (another) dialog.scrollTop = 0;
};
const open = (i) => {
  const first = run(fields.run.value) >= 0 ? run(fields.run.value) : data.runs.findIndex((one) => one.to.length);
  const one = data.runs[Math.max(0, first)];
  if (one && (fields.run.value || !beside[0])) beside = [one.name, fields.beside.value || data.runs[one.to[0] ?? 0].name];
  trail = [];
  return show(i);
};
const step = (by) => {
  const i = found[found.indexOf(current) + by];
  if (found.includes(current) && i !== undefined) show(i);
};
