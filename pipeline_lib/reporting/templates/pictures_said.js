// Pictures, and what runs say of one; a part of pictures.js.
// Drawings are SPAN units wide or high, so that lines and numbers are of one size over pictures of any.
const sizes = (i) => {
  const [, width, height] = data.pictures[i], scale = SPAN / Math.max(width, height);
  return [width * scale, height * scale];
};
const picture = (i, box, ...over) => {
  const [width, height] = sizes(i), [x, y, w, h] = box ?? [0, 0, width, height];
  const image = svg("image", { href: data.pictures[i][0], width, height });
  return svg("svg", { viewBox: `${x} ${y} ${w} ${h}`, role: "img", "aria-label": title(i) }, image, over);
};
const scaled = (corners, width, height) => {
  const points = [];
  for (let k = 0; k < 8; k += 2) points.push([(corners[k] * width) / 1000, (corners[k + 1] * height) / 1000]);
  return points;
};
const answers = (flat, target) => {
  const list = [];
  for (let k = 0; k + 2 < flat.length; k += 3) list.push({ j: flat[k], name: data.names[target][flat[k]], p: flat[k + 1], decided: flat[k + 2] & 1, carried: flat[k + 2] & 2, unjudged: flat[k + 2] & 4 });
  return list;
};
const kindOf = (one, target) => {
  if (one.unjudged && (one.decided || one.carried)) return ["unjudged", "·", one.carried ? "carried, not judged" : "not judged"];
  if (one.decided) return one.carried ? ["right", "✓", "right"] : ["wrong", "✗", "wrong"];
  return one.carried && target === "tags" ? ["wrong", "○", "missed"] : ["", "", one.carried ? "given" : ""];
};
const summary = (r, i, flat) => {
  const one = data.runs[r];
  if (state(r, i) < 0 && !flat.length) return el("span", { class: "note" }, "not scored");
  const list = answers(flat, one.target).filter((a, k) => (one.target === "classes" ? k < 2 : a.decided || (a.carried && !a.unjudged)));
  if (!list.length) return el("span", { class: "note" }, "no tag found");
  return list.map((a, k) => {
    const [word, mark, text] = kindOf(a, one.target);
    return [k ? ", " : "", el("span", { class: word, title: text }, mark ? `${mark} ` : "", a.name), el("small", {}, ` ${percent(a.p)} %${text === "missed" ? " missed" : ""}`)];
  });
};
const outcome = (r, i, flat) => {
  const [word, mark] = verdict(state(r, i)), one = data.runs[r];
  if (one.target === "classes" || !mark) return el("span", { class: word }, mark ? `${mark} ${word}` : "");
  const list = answers(flat, one.target).filter((a) => !a.unjudged), count = (test) => list.filter(test).length;
  const more = count((a) => a.decided && !a.carried);
  return el("span", { class: word }, `${mark} ${count((a) => a.decided && a.carried)} of ${count((a) => a.carried)} found${more ? `, ${more} wrong` : ""}`);
};
const overview = (i, shard) => {
  const own = shard.names[i % data.size];
  const rows = data.runs.map((one, r) => {
    return el("tr", {}, el("th", { scope: "row", dir: "auto" }, one.name), el("td", { class: "mark" }, outcome(r, i, own?.[r] ?? [])), el("td", { class: "words" }, summary(r, i, own?.[r] ?? [])));
  });
  if (i >= data.judged) return el("p", { class: "note" }, "A training image: runs learned from it, and do not score it.");
  return el("table", { class: "plain" }, el("caption", {}, "What every run says: its two likeliest classes, or the tags above their thresholds."), el("tbody", {}, rows));
};
const bars = (r, i, flat, other) => {
  const one = data.runs[r], list = answers(flat, one.target), left = flat.length % 3 ? flat.at(-1) : 0;
  const theirs = new Set((other ?? []).filter((a) => a.decided).map((a) => a.j));
  const lines = list.map((a) => {
    const [word, , text] = kindOf(a, one.target);
    const alone = other && a.decided && !theirs.has(a.j) ? "only here" : "";
    const unseen = one.target === "tags" && data.unseen[a.j] ? "unseen" : "";
    const notes = [text, unseen, alone].filter(Boolean).join(", ");
    return el("tr", { class: word }, el("th", { scope: "row" }, a.decided ? el("b", {}, a.name) : a.name), el("td", { class: "share", style: `--v:${a.p / 10}` }, percent(a.p)), one.cuts.length ? el("td", { class: "note cut" }, percent(one.cuts[a.j])) : "", el("td", { class: "words" }, notes ? el("span", { class: alone ? "note alone" : "note" }, notes) : ""));
  });
  const head = ["", "probability, %", one.cuts.length ? "threshold, %" : null, ""].filter((text) => text !== null).map((text) => (text ? el("th", { scope: "col" }, text) : el("td")));
  return [el("table", { class: "plain bold" }, el("caption", {}, "Bold: decided for."), el("thead", {}, el("tr", {}, head)), el("tbody", {}, lines)), left ? el("p", { class: "note" }, `Not listed: ${left}.`) : ""];
};
