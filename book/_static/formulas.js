/* A formula wider than the page scrolls by itself. This makes it a stop for the tab key,
   so that the arrow keys can scroll it, and says on which side more follows, which the
   style sheet shows. Formulas that fit are left alone. */
function letBeScrolled(formula) {
  const hidden = formula.scrollWidth - formula.clientWidth;
  if (hidden <= 1) {
    for (const name of ["tabindex", "role", "aria-label", "data-more"]) {
      formula.removeAttribute(name);
    }
    return;
  }
  formula.tabIndex = 0;
  formula.setAttribute("role", "group");
  formula.setAttribute("aria-label", "formula, scrolls sideways");
  const sides = [];
  if (formula.scrollLeft > 1) {
    sides.push("left");
  }
  if (formula.scrollLeft < hidden - 1) {
    sides.push("right");
  }
  formula.dataset.more = sides.join(" ");
}

function watchFormulas() {
  const watcher = new ResizeObserver((all) => {
    for (const { target } of all) {
      letBeScrolled(target.closest(".math > .formula"));
    }
  });
  for (const formula of document.querySelectorAll(".math > .formula")) {
    watcher.observe(formula);
    for (const line of formula.children) {
      watcher.observe(line); // grows when the font comes
    }
    formula.addEventListener("scroll", () => letBeScrolled(formula), { passive: true });
  }
}

watchFormulas();
