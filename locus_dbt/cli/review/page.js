"use strict";
(() => {
  const all = [...document.querySelectorAll(".cell")];
  const byId = (id) => document.getElementById(id);
  const filter = byId("filter"), live = byId("live"), tip = byId("tip"), help = byId("help");
  const toggles = [...document.querySelectorAll(".legend button")];
  const texts = new Map(all.map((cell) => [cell, cell.textContent.toLowerCase()]));
  const papers = byId("papers");
  let current = null;

  const shown = () => all.filter((cell) => !cell.hidden);
  const marksOf = (cell) => (cell.dataset.at || "").split(" ").filter(Boolean).map(byId).filter(Boolean);
  const part = (cell, name) => (cell.querySelector("." + name) || {}).textContent || "";
  const inWords = (cell) => {
    const first = part(cell, "column bdi") + " = " + part(cell, "value");
    return [first, part(cell, "badge") + ", score " + (part(cell, "score") || "none"), part(cell, "under")].join("\n");
  };

  // Only the pane is scrolled: the page itself stays where it is.
  function centre(mark) {
    const box = mark.getBoundingClientRect(), pane = papers.getBoundingClientRect();
    papers.scrollTop += box.top + box.height / 2 - pane.top - pane.height / 2;
    papers.scrollLeft += box.left + box.width / 2 - pane.left - pane.width / 2;
    const wide = mark.closest(".scroll");
    if (wide) wide.scrollLeft += box.left - wide.getBoundingClientRect().left - wide.clientWidth / 2;
  }

  function choose(cell, { focus = true, scrollPaper = true, scrollList = true, mark = null } = {}) {
    if (!cell) return;
    if (current) {
      current.removeAttribute("aria-current");
      const opened = current.querySelector("details[data-opened]");
      if (opened) { opened.open = false; delete opened.dataset.opened; }
    }
    document.querySelectorAll(".chosen").forEach((one) => one.classList.remove("chosen"));
    current = cell;
    cell.setAttribute("aria-current", "true");
    const details = cell.querySelector("details");
    if (details && !details.open) { details.open = true; details.dataset.opened = "1"; }
    const marks = marksOf(cell);
    marks.forEach((one) => one.classList.add("chosen"));
    const target = mark || marks[0];
    if (scrollPaper && target) centre(target);
    if (scrollList) cell.scrollIntoView({ block: "nearest" });
    if (focus) cell.querySelector(".pick").focus({ preventScroll: true });
    const cells = shown();
    live.textContent = (cells.indexOf(cell) + 1) + " of " + cells.length + ": " + inWords(cell);
  }

  function move(by) {
    const cells = shown();
    if (!cells.length) return;
    const at = cells.indexOf(current);
    const next = at < 0 ? (by > 0 ? 0 : cells.length - 1) : Math.min(Math.max(at + by, 0), cells.length - 1);
    choose(cells[next]);
  }

  function sift() {
    const wanted = filter.value.toLowerCase().trim();
    const kinds = toggles.filter((one) => one.getAttribute("aria-pressed") === "true").map((one) => one.dataset.verdict);
    for (const cell of all) {
      cell.hidden = !texts.get(cell).includes(wanted) || (kinds.length > 0 && !kinds.includes(cell.dataset.verdict));
    }
    document.querySelectorAll("#cells .group").forEach((group) => {
      group.hidden = group.querySelector(".cell") !== null && group.querySelector(".cell:not([hidden])") === null;
    });
    const count = shown().length;
    byId("nothing").hidden = count > 0 || all.length === 0;
    live.textContent = count + " of " + all.length + " cells";
  }

  function showAll() {
    filter.value = "";
    toggles.forEach((one) => one.setAttribute("aria-pressed", "false"));
    sift();
  }

  for (const cell of all) {
    cell.querySelector(".pick").addEventListener("click", (event) => { event.preventDefault(); choose(cell); });
    cell.querySelectorAll("a.to").forEach((link) => link.addEventListener("click", (event) => {
      event.preventDefault();
      choose(cell, { focus: false, mark: byId(link.getAttribute("href").slice(1)) });
    }));
  }

  document.querySelectorAll(".mark").forEach((mark) => {
    const cells = mark.dataset.cells.split(" ").map(byId);
    mark.addEventListener("click", (event) => {
      event.preventDefault();
      const visible = cells.filter((cell) => !cell.hidden);
      if (!visible.length) { showAll(); visible.push(...cells); }
      const next = visible[(visible.indexOf(current) + 1) % visible.length];
      choose(next, { scrollPaper: false, mark });
    });
    const show = () => {
      const box = mark.getBoundingClientRect();
      tip.textContent = cells.map(inWords).join("\n\n");
      tip.hidden = false;
      const left = Math.min(Math.max(box.left, 4), innerWidth - tip.offsetWidth - 4);
      const below = box.bottom + 8 + tip.offsetHeight < innerHeight;
      tip.style.left = left + "px";
      tip.style.top = (below ? box.bottom + 8 : Math.max(box.top - tip.offsetHeight - 8, 4)) + "px";
    };
    const hide = () => { tip.hidden = true; };
    mark.addEventListener("mouseenter", show);
    mark.addEventListener("focus", show);
    mark.addEventListener("mouseleave", hide);
    mark.addEventListener("blur", hide);
  });

  filter.addEventListener("input", sift);
  toggles.forEach((one) => one.addEventListener("click", () => {
    one.setAttribute("aria-pressed", String(one.getAttribute("aria-pressed") !== "true"));
    sift();
  }));
  byId("next").addEventListener("click", () => move(1));
  byId("previous").addEventListener("click", () => move(-1));
  byId("help-open").addEventListener("click", () => help.showModal());

  const steps = { n: 1, ArrowDown: 1, ArrowRight: 1, p: -1, ArrowUp: -1, ArrowLeft: -1 };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.key === "Escape") { tip.hidden = true; showAll(); if (current) choose(current); return; }
    if (event.target === filter) {
      if (event.key === "Enter" || event.key === "ArrowDown") { event.preventDefault(); choose(shown()[0]); }
      return;
    }
    if (event.key in steps) { event.preventDefault(); move(steps[event.key]); }
    else if (event.key === "Home") { event.preventDefault(); choose(shown()[0]); }
    else if (event.key === "End") { event.preventDefault(); choose(shown().at(-1)); }
    else if (event.key === "f" || event.key === "/") { event.preventDefault(); filter.focus(); filter.select(); }
    else if (event.key === "?") { event.preventDefault(); help.showModal(); }
  });

  const named = all.find((cell) => "#" + cell.id === location.hash);
  choose(named || all[0], { focus: false, scrollList: Boolean(named) });
})();
