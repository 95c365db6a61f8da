/* On paper nothing can be opened: what is folded is shown. */
function openFolds() {
  // sphinx-togglebutton opens its own
  const folds = "details:not([open], .quiz-option, .toggle-details)";
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
}

window.addEventListener("beforeprint", openFolds);
window.addEventListener("afterprint", closeFolds);
