/* On paper nothing can be opened: what is folded is shown, and formulas are set even if
   the page has just come. Folded code stays away: paper has the idea. */
function openFolds() {
  for (const fold of document.querySelectorAll("details[data-unfolded]")) {
    fold.open = false;
  }
  const folds = "details:not([open], .quiz-option, .above-input)";
  for (const fold of document.querySelectorAll(folds)) {
    fold.open = true;
    fold.dataset.folded = "";
  }
}

function closeFolds() {
  for (const fold of document.querySelectorAll("details[data-folded]")) {
    fold.open = false;
    delete fold.dataset.folded;
  }
  for (const fold of document.querySelectorAll("details[data-unfolded]")) {
    fold.open = true;
  }
}

function setFormulas() {
  const waiting = document.querySelector(".math:not(:has(mjx-container))");
  if (waiting && window.MathJax?.typeset) {
    MathJax.typeset();
  }
}

window.addEventListener("beforeprint", () => {
  openFolds();
  setFormulas();
});
window.addEventListener("afterprint", closeFolds);
