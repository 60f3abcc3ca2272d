"use strict";
// Everything can be read without this: it sorts tables, says which of them go on at the side, and names pictures and the marks of a plane.
const value = (cell) => cell.dataset.v ?? cell.textContent.trim();
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
