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

  // The form.
  const fill = (select, names, value = (name) => name) => names.forEach((name, i) => select.append(el("option", { value: value(name, i) }, name)));
  const named = (target) => data.names[target].map((name, j) => [name, j]).sort((a, b) => a[0].localeCompare(b[0]));
  fill(fields.split, data.splits.map(([name]) => name));
  for (const select of [fields.class, fields.as]) named("classes").forEach(([name, j]) => select.append(el("option", { value: j }, name)));
  named("tags").forEach(([name, j]) => fields.tag.append(el("option", { value: j }, data.unseen[j] ? `${name} (unseen)` : name)));
  for (const select of [fields.run, fields.beside]) fill(select, data.runs.map((one) => one.name));
  for (const target of ["classes", "tags"]) fields[kinds[target]].closest(".field").hidden = !data.names[target].length;
  fields.run.closest(".field").hidden = fields.beside.closest(".field").hidden = !data.runs.length;
  fields.show.closest(".field").hidden = fields.order.closest(".field").hidden = !data.runs.length && !Object.keys(data.doubts).length;
  if (!Object.keys(data.patches).length) fields.show.querySelector("[value=patches]").remove();
  if (!Object.keys(data.doubts).length) fields.show.querySelector("[value=doubt]").remove();
  form.hidden = false;

  const settle = () => {
    const r = run(fields.run.value), one = data.runs[r];
    const two = r >= 0 && fields.beside.value !== "";
    for (const value of ["gained", "lost"]) fields.show.querySelector(`[value=${value}]`).disabled = !two;
    if (!two && ["gained", "lost"].includes(fields.show.value)) fields.show.value = "";
    fields.as.closest(".field").hidden = one?.target !== "classes";
    if (one?.target !== "classes") fields.as.value = "";
  };
  const shows = (i, r, b) => {
    const any = r < 0 ? data.runs.map((_, k) => state(k, i)) : [state(r, i)];
    switch (fields.show.value) {
      case "wrong": return any.some((s) => s > 0);
      case "right": return any.some((s) => s === 0) && !any.some((s) => s > 0);
      case "gained": return state(r, i) === 0 && state(b, i) > 0;
      case "lost": return state(r, i) > 0 && state(b, i) === 0;
      case "doubt": return i in data.doubts;
      case "patches": return Object.entries(data.patches).some(([k, of]) => i in of && (r < 0 || +k === r));
      default: return true;
    }
  };
  const worst = (i, r) => {
    if (fields.show.value === "doubt") return -data.doubts[i][0][0]; // its rank
    if (r >= 0) return state(r, i);
    const all = data.runs.map((_, k) => Math.max(0, state(k, i)));
    return 1000 * all.filter(Boolean).length + Math.max(0, ...all); // wrong by many runs, then surely
  };
  const search = () => {
    settle();
    const [wanted, r, b] = [fields.file.value.trim().toLowerCase(), run(fields.run.value), run(fields.beside.value)];
    const is = (select, held) => select.value === "" || held.includes(+select.value);
    found = [];
    for (let i = 0; i < data.ids.length; i++) {
      if (fields.split.value && splits[i] !== fields.split.value) continue;
      if (wanted && !words[i].includes(wanted)) continue;
      if (!is(fields.class, data.classes[i]) || !is(fields.tag, data.tags[i])) continue;
      if (fields.as.value !== "" && (i >= data.judged || data.first[r][i] !== +fields.as.value)) continue;
      if (shows(i, r, b)) found.push(i);
    }
    if (fields.order.value === "worst") found = found.map((i) => [worst(i, r), i]).sort((x, y) => y[0] - x[0] || x[1] - y[1]).map(([, i]) => i);
    drawn = 0;
    grid.replaceChildren();
    draw(FIRST);
    status.textContent = `${number(found.length)} of ${number(data.ids.length)} pictures${found.length ? "" : "; nothing is like that: leave a field at “any”"}`;
  };
  const verdict = (s) => (s > 0 ? ["wrong", "✗"] : s === 0 ? ["right", "✓"] : ["", ""]);
  const said = (r, i) => {
    if (fields.show.value === "doubt") {
      const [, given, suggested] = data.doubts[i][0];
      return el("span", { class: "said" }, `? ${given}${suggested ? ` → ${suggested}` : ""}`);
    }
    if (r < 0 || state(r, i) < 0) return "";
    const [word, mark] = verdict(state(r, i));
    const answer = data.runs[r].target === "classes" ? ` ${data.names.classes[data.first[r][i]]}` : "";
    return el("span", { class: `said ${word}` }, `${mark} ${answer || word}`);
  };
  const tile = (i) => {
    const [link, width, height] = data.pictures[i], r = run(fields.run.value);
    const image = el("img", { src: link, width, height, alt: title(i), loading: "lazy" });
    return el("li", {}, el("button", { type: "button", "data-place": i, title: title(i) }, image), el("span", { dir: "auto" }, data.ids[i]), said(r, i));
  };
  const draw = (count) => {
    const next = found.slice(drawn, drawn + count);
    grid.append(...next.map(tile));
    drawn += next.length;
    more.hidden = drawn >= found.length;
    more.textContent = `${number(Math.min(AT_ONCE, found.length - drawn))} more of ${number(found.length - drawn)} pictures`;
  };

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

  // What the dialog shows.
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
