/* How much code a reader wants: all of it, the idea (as the author folded it), or none.
   The choice is kept; `layout.html` reads it before the page is drawn. */
const KEY = "course-code";
const FOLDS = "details.hide.above-input";
const SAID = {
  all: "All code is shown.",
  idea: "The main code is shown, the rest is folded.",
  none: "Code is hidden, results stay.",
};

/* The first thing in view must not move when code above it comes or goes. */
function findAnchor() {
  const parts = document.querySelectorAll(
    "article :is(p, h1, h2, h3, li, figure, table, div.cell_output)",
  );
  return [...parts].find(
    (part) => part.getBoundingClientRect().top >= 0 && part.checkVisibility(),
  );
}

function unfold(open) {
  for (const fold of document.querySelectorAll(FOLDS)) {
    if (open && !fold.open) {
      fold.open = true;
      fold.dataset.unfolded = "";
    } else if (!open && "unfolded" in fold.dataset) {
      fold.open = false;
      delete fold.dataset.unfolded;
    }
  }
}

function showCode(choice) {
  const anchor = window.scrollY ? findAnchor() : null;
  const before = anchor?.getBoundingClientRect().top;
  document.documentElement.dataset.code = choice;
  unfold(choice === "all");
  if (anchor) {
    const after = anchor.getBoundingClientRect().top;
    window.scrollBy({ top: after - before, behavior: "instant" });
  }
  document.dispatchEvent(new CustomEvent("course-code"));
}

function armSwitch(choices) {
  const chosen = document.documentElement.dataset.code || "idea";
  const status = choices.querySelector("[role=status]");
  for (const input of choices.querySelectorAll("input")) {
    input.checked = input.value === chosen;
    input.addEventListener("change", () => {
      showCode(input.value);
      status.textContent = SAID[input.value];
      try {
        localStorage.setItem(KEY, input.value);
      } catch {
        // a browser that keeps nothing: the choice holds for this page
      }
    });
  }
  unfold(chosen === "all");
}

document.querySelectorAll(".code-switch").forEach(armSwitch);
