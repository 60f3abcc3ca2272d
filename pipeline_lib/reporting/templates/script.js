"use strict";
// Everything can be read without this: it sorts tables, says which of them go on at the side, and names pictures and the marks of a plane.
const value = (cell) => cell.dataset.v ?? cell.textContent.trim().replaceAll(",", "");
const compare = (a, b) => (a === "" || b === "" || isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b);

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.ariaSort ? head.ariaSort === "ascending" : column > 0;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => (down ? -1 : 1) * compare(value(a.cells[column]), value(b.cells[column])));
      table.tBodies[0].append(...rows);
    });
  });
}

document.addEventListener("pointerover", ({ target }) => {
  if (target.matches("img[alt]")) target.title ||= target.alt;
});

const widths = new ResizeObserver((entries) => {
  for (const { target } of entries) target.classList.toggle("wide", target.scrollWidth > target.clientWidth + 1);
});
for (const box of document.querySelectorAll(".scroll")) widths.observe(box);

// The list of contents marks where the page is, and unfolds the section in view; on a phone it is a menu.
const nav = document.querySelector("nav"), contents = nav.querySelector(".contents"), list = contents.querySelector("ol");
const beside = matchMedia("(min-width: 70rem)");
const places = [...nav.querySelectorAll("a")].map((link) => [document.getElementById(link.hash.slice(1)), link]);
const end = document.getElementById("main").appendChild(document.createElement("span"));
let current, unfolded;

const visible = (place) => place.getClientRects().length > 0;
const height = (place) => place.getBoundingClientRect().top;
const inView = () => {
  const last = (line) => places.findLast(([place]) => visible(place) && height(place) <= line) ?? places[0];
  if (height(end) > innerHeight + 2) return last(0.3 * innerHeight);
  const asked = places.find(([place]) => place.matches(":target"));
  return asked && height(asked[0]) >= 0 ? asked : last(innerHeight);
};
const unfold = (parts) => {
  if (parts === unfolded || parts?.open) return;
  if (unfolded && !unfolded.contains(document.activeElement)) unfolded.open = false;
  unfolded = parts;
  if (parts) parts.open = true;
};
const follow = () => {
  const link = inView()?.[1];
  if (!link || link === current) return;
  current?.removeAttribute("aria-current");
  link.setAttribute("aria-current", "location");
  current = link;
  const section = link.closest(".contents > ol > li");
  contents.querySelector(".here").textContent = section.querySelector("a").textContent;
  unfold(section.querySelector("details"));
  const [at, box] = [link, list].map((one) => one.getBoundingClientRect());
  if (at.top < box.top || at.bottom > box.bottom) list.scrollTop += at.top - box.top - box.height / 2;
};
const fold = () => (contents.open = beside.matches);
nav.classList.add("follows");
fold();
beside.addEventListener("change", fold);
nav.addEventListener("click", (event) => event.target.closest("a") && fold());
nav.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || beside.matches) return;
  contents.open = false;
  contents.querySelector("summary").focus();
});
const following = new IntersectionObserver(follow, { rootMargin: "0px 0px -70% 0px" });
places.forEach(([place]) => following.observe(place));
new IntersectionObserver(follow).observe(end);

for (const plane of document.querySelectorAll(".plane")) {
  const groups = plane.querySelectorAll("g[data-group]");
  const name = (event) => {
    const mark = event.target.closest("use");
    if (mark?.firstElementChild) plane.querySelector("output").textContent = mark.textContent;
  };
  plane.addEventListener("pointerover", name);
  plane.addEventListener("click", name);
  for (const entry of plane.querySelectorAll("li")) {
    const dim = (on) => groups.forEach((g) => g.classList.toggle("dim", on && g.dataset.group !== entry.dataset.group));
    entry.addEventListener("pointerenter", () => dim(true));
    entry.addEventListener("pointerleave", () => dim(false));
  }
}
