/* A formula wider than the page scrolls by itself. This makes it a stop for the tab key,
   so that the arrow keys can scroll it; formulas that fit are none. */
function letWideFormulasBeScrolled() {
  for (const formula of document.querySelectorAll('mjx-container[display="true"]')) {
    const wide = formula.scrollWidth > formula.clientWidth;
    if (wide) {
      formula.setAttribute("tabindex", "0");
      formula.setAttribute("role", "group");
      formula.setAttribute("aria-label", "formula, scrolls sideways");
    } else {
      formula.removeAttribute("tabindex");
      formula.removeAttribute("role");
      formula.removeAttribute("aria-label");
    }
  }
}

window.addEventListener("load", () => {
  const math = window.MathJax;
  if (math && math.startup && math.startup.promise) {
    math.startup.promise.then(letWideFormulasBeScrolled);
    window.addEventListener("resize", letWideFormulasBeScrolled);
  }
});
