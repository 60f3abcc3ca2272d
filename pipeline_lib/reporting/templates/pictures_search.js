// What the form finds, and the pictures of it; a part of pictures.js.
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
