// What regions, exemplars and patches have to do with an answer; a part of pictures.js.
const byPatches = (r, i) => {
  const of = data.patches[r]?.[i];
  if (!of) return [el("figure", {}, picture(i), el("figcaption", {}, "Patches were kept of a few test images; “with patches of labels” finds them."))];
  const [seen, side, list] = of, [width, height] = sizes(i);
  const [x, y] = [(seen[0] * width) / 1000, (seen[1] * height) / 1000];
  const [w, h] = [((seen[2] - seen[0]) * width) / 1000 / side, ((seen[3] - seen[1]) * height) / 1000 / side];
  const shade = svg("g", { class: "shaded" }), caption = el("span", {});
  const choose = ([label, ...patches], button) => {
    const kept = new Set(patches), dark = [];
    for (let k = 0; k < side * side; k++) if (!kept.has(k)) dark.push(svg("rect", { x: x + (k % side) * w, y: y + Math.floor(k / side) * h, width: w, height: h }));
    shade.replaceChildren(...dark);
    for (const one of buttons.children) one.setAttribute("aria-pressed", one === button);
    caption.textContent = `${patches.length} of ${side * side} patches`;
  };
  const carried = new Set(data.tags[i]);
  const buttons = el("div", { class: "choices" }, list.map((one) => {
    const button = el("button", { type: "button", "data-label": one[0] }, `${carried.has(one[0]) ? "✓ " : ""}${data.names.tags[one[0]]}`);
    button.choose = () => choose(one, button); // and by the run beside, where it has the label too
    button.addEventListener("click", () => body.querySelectorAll(`[data-label="${one[0]}"]`).forEach((same) => same.choose()));
    return button;
  }));
  choose(list[0], buttons.children[0]);
  return [el("figure", {}, picture(i, null, shade), el("figcaption", {}, "Bright: what the label is recognised by, ", caption, ". ✓: carried."), buttons)];
};
const byRegions = (i, target, shard) => {
  const [boxes, tags, matches] = shard.regions[target][i % data.size], [width, height] = sizes(i);
  const carried = new Set(data.tags[i]), shapes = [], numbers = [], notes = new Map();
  for (let k = 0; k < boxes.length; k += 10) {
    const points = scaled(boxes.slice(k, k + 8), width, height), [tag, p] = boxes.slice(k + 8, k + 10), n = k / 10 + 1;
    const text = `region ${n}: ${data.names.tags[tag]} ${percent(p)} %`;
    shapes.push(svg("polygon", { points: points.join(" "), class: carried.has(tag) ? "right" : null }, svg("title", {}, text)));
    const middle = [0, 1].map((c) => points.reduce((sum, point) => sum + point[c], 0) / 4);
    numbers.push(svg("text", { x: middle[0], y: middle[1] + 4 }, String(n)));
    const [, top, list] = notes.get(tag) ?? [tag, 0, []];
    notes.set(tag, [tag, Math.max(p, top), [...list, n]]);
  }
  const named = [...notes.values()].sort((a, b) => b[1] - a[1]);
  const lines = [];
  for (let k = 0; k < tags.length; k += 3) lines.push(el("tr", {}, el("th", { scope: "row" }, carried.has(tags[k]) ? el("b", {}, data.names.tags[tags[k]]) : data.names.tags[tags[k]]), el("td", {}, percent(tags[k + 1])), el("td", {}, percent(tags[k + 2]))));
  const head = el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "tag"), el("th", { scope: "col" }, "raw"), el("th", { scope: "col" }, "refined")));
  return [
    el("figure", { class: "overlay" }, picture(i, null, shapes, numbers), el("figcaption", {}, "Regions; thick: the likeliest tag is right. ", named.map(([tag, p, list], k) => [k ? "; " : "", carried.has(tag) ? el("b", {}, data.names.tags[tag]) : data.names.tags[tag], el("small", {}, ` ${percent(p)} % (${list.join(", ")})`)]))),
    exemplars(matches, target),
    lines.length ? el("details", {}, el("summary", {}, "Tags of regions, raw and refined by exemplars"), el("table", { class: "plain" }, el("caption", {}, "%, the highest of any region; bold: carried."), head, el("tbody", {}, lines))) : "",
  ];
};
const exemplars = (matches, target) => {
  const parts = [];
  for (let k = 0; k < matches.length; k += 2) {
    const [tag, retained, size, majority, share, members] = data.exemplars[target][matches[k]];
    const crops = members.map(([place, ...corners]) => {
      const points = scaled(corners, ...sizes(place));
      const [xs, ys] = [0, 1].map((c) => points.map((point) => point[c]));
      const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)];
      return el("button", { type: "button", "data-place": place, title: title(place) }, picture(place, box));
    });
    const held = majority >= 0 ? `, ${percent(share)} % ${data.names.classes[majority]}` : "";
    parts.push(el("div", { class: "exemplar" }, el("div", { class: "strip" }, crops), el("p", { class: "note" }, `${data.names.tags[tag]}, ${retained ? "exemplar" : "discarded prototype"} of ${number(size)} regions${held}; similarity ${(matches[k + 1] / 1000).toFixed(2)}`)));
  }
  return parts.length ? el("div", {}, el("h5", {}, "Matched with"), parts) : "";
};
