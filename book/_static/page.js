/* The page's own controls, in place of the theme's scripts: the two sidebars, the menu of
   downloads, the search field, light and dark, the section being read, copying code.
   The page reads without it; what it alone can serve is hidden until it runs. */
const WIDE = window.matchMedia("(min-width: 992px)");
const DARK = window.matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;
const all = (chosen, within = document) => [...within.querySelectorAll(chosen)];

/* What the reader chose; where nothing can be kept, it holds for this page. */
function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // a browser that keeps nothing
  }
}

/* --- light and dark ------------------------------------------------------- */

function showTheme(mode) {
  const theme = mode === "auto" ? (DARK.matches ? "dark" : "light") : mode;
  root.dataset.mode = mode;
  root.dataset.theme = theme;
  for (const button of all(".theme-switch-button")) {
    button.setAttribute("aria-label", `Colours: ${mode}`);
    button.title = `Colours: ${mode}`;
  }
}

function nextTheme() {
  const order = DARK.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
  const mode = order[(order.indexOf(root.dataset.mode) + 1) % order.length];
  keep("mode", mode);
  showTheme(mode);
}

function armTheme() {
  showTheme(root.dataset.mode || "auto");
  DARK.addEventListener("change", () => showTheme(root.dataset.mode));
  all(".theme-switch-button").forEach((b) => b.addEventListener("click", nextTheme));
}

/* --- search: Ctrl+K ------------------------------------------------------- */

function openSearch() {
  const own = document.querySelector("main form.bd-search input");
  const dialog = document.getElementById("pst-search-dialog");
  if (own) {
    own.focus();
    own.select();
  } else if (dialog.open) {
    dialog.close();
  } else {
    dialog.showModal();
    dialog.querySelector("input").select();
  }
}

function armSearch() {
  all(".search-button__button").forEach((b) => b.addEventListener("click", openSearch));
  window.addEventListener("keydown", (event) => {
    const only = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    if (only && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openSearch();
    }
  });
  closeBeside(document.getElementById("pst-search-dialog"));
}

function closeBeside(dialog) {
  dialog?.addEventListener("click", (event) => {
    const box = dialog.getBoundingClientRect();
    const beside =
      event.clientX < box.left ||
      event.clientX > box.right ||
      event.clientY < box.top ||
      event.clientY > box.bottom;
    if (event.detail && beside) dialog.close();
  });
}

/* --- sidebars: beside the text, or over it where there is no room ---------- */

function moveInto(from, to) {
  to.append(...from.childNodes);
  to.classList.add(...from.classList);
  from.className = "";
}

function showCurrentChapter() {
  const sidebar = document.getElementById("pst-primary-sidebar");
  const here = sidebar?.querySelector("a.current, li.current > a");
  const below = here && here.getBoundingClientRect().bottom - sidebar.clientHeight;
  if (below > 0) sidebar.scrollTop = below + sidebar.clientHeight / 2;
}

function armSidebar(name) {
  const button = document.querySelector(`.${name}-toggle`);
  const sidebar = document.getElementById(`pst-${name}-sidebar`);
  const dialog = document.getElementById(`pst-${name}-sidebar-modal`);
  if (!button || !sidebar || !dialog) return;
  const back = () => moveInto(dialog, sidebar);
  button.addEventListener("click", () => {
    if (name === "primary" && WIDE.matches) {
      const hidden = sidebar.classList.toggle("pst-sidebar-hidden");
      button.setAttribute("aria-expanded", String(!hidden));
      return;
    }
    moveInto(sidebar, dialog);
    dialog.showModal();
  });
  dialog.addEventListener("close", back);
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("a[href*='#']")) dialog.close();
  });
  closeBeside(dialog);
}

/* --- the menu of downloads ------------------------------------------------- */

function armMenu(button) {
  const menu = button.nextElementSibling;
  const items = all("a, button", menu);
  const show = (open) => {
    menu.classList.toggle("show", open);
    button.setAttribute("aria-expanded", String(open));
  };
  const isOpen = () => menu.classList.contains("show");
  button.addEventListener("click", () => show(!isOpen()));
  button.parentElement.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen()) {
      show(false);
      button.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      show(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      const here = items.indexOf(document.activeElement);
      const last = here < 0 && step < 0 ? 0 : here;
      items[(last + step + items.length) % items.length].focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!button.contains(event.target)) show(false);
  });
  menu.querySelector(".btn-download-pdf-button")?.addEventListener("click", () => {
    show(false);
    window.print();
  });
}

/* --- the section being read ------------------------------------------------ */

function armContents() {
  const places = all("#pst-page-toc-nav a[href^='#']")
    .map((link) => [document.getElementById(link.hash.slice(1)), link])
    .filter(([place]) => place);
  if (!places.length) return;
  let waiting = false;
  let shown = null;
  const mark = () => {
    waiting = false;
    const line = window.innerHeight / 3;
    const atEnd = root.scrollHeight - window.innerHeight - window.scrollY < 2;
    const passed = places.filter(([place]) => place.getBoundingClientRect().top < line);
    const [, link] = (atEnd && window.scrollY ? places : passed).at(-1) ?? [null, null];
    if (link === shown) return;
    shown?.classList.remove("active");
    shown?.removeAttribute("aria-current");
    link?.classList.add("active");
    link?.setAttribute("aria-current", "true");
    shown = link;
  };
  const soon = () => {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(mark);
    }
  };
  window.addEventListener("scroll", soon, { passive: true });
  window.addEventListener("resize", soon);
}

/* --- boxes that scroll are stops for the tab key; boxes that fit are none ---- */

function letWideBoxesBeScrolled() {
  const boxes = all("pre, .cell_output > .output, .pst-scrollable-table-container");
  const wide = boxes.map(
    (box) => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight,
  );
  boxes.forEach((box, index) => {
    if (wide[index]) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
}

function armBoxes() {
  let waiting = 0;
  const later = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(letWideBoxesBeScrolled);
  };
  letWideBoxesBeScrolled();
  window.addEventListener("load", later);
  window.addEventListener("resize", later);
  document.addEventListener("toggle", later, true);
  document.addEventListener("course-code", later);
}

/* --- copying code: the first button of a section is a stop, arrows reach the others - */

async function copyCode(button) {
  const code = button.previousElementSibling;
  const said = await navigator.clipboard.writeText(code.textContent.trimEnd()).then(
    () => "Copied",
    () => "Not copied",
  );
  button.setAttribute("aria-label", said);
  button.classList.toggle("success", said === "Copied");
  setTimeout(() => {
    button.setAttribute("aria-label", "Copy");
    button.classList.remove("success");
  }, 1500);
}

function moveAmong(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const button = event.target.closest(".copybtn");
  if (!step || !button) return;
  const seen = all(".copybtn").filter((one) => one.getClientRects().length);
  const next = seen[seen.indexOf(button) + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}

function armCopying() {
  if (!navigator.clipboard) return;
  const stops = new Set();
  for (const code of all("div.highlight > pre")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copybtn";
    button.setAttribute("aria-label", "Copy");
    button.title = "Copy";
    const section = code.closest("section");
    const folded = code.closest("details, .cell_output");
    if (folded || stops.has(section)) button.tabIndex = -1;
    else stops.add(section);
    code.after(button);
  }
  const article = document.querySelector("article");
  article?.addEventListener("keydown", moveAmong);
  article?.addEventListener("click", (event) => {
    const button = event.target.closest(".copybtn");
    if (button) copyCode(button);
  });
}

armTheme();
showCurrentChapter();
armSearch();
armSidebar("primary");
armSidebar("secondary");
all(".article-header-buttons .dropdown-toggle").forEach(armMenu);
armContents();
armCopying();
if (document.readyState === "complete") armBoxes();
else window.addEventListener("load", armBoxes);
