/* On paper nothing can be opened: what is folded is shown. Folded code stays away:
   paper has the idea. */
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

window.addEventListener("beforeprint", openFolds);
window.addEventListener("afterprint", closeFolds);
