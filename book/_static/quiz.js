/* Turns the options of a quiz into buttons that answer with a reason. Without this
   script the options are disclosures, which open and read the same. */
function armOption(option, index, quiz) {
  const reason = option.querySelector(".quiz-reason");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiz-choice";
  button.append(...option.querySelector("summary").childNodes);
  button.setAttribute("aria-expanded", "false");
  const answer = document.createElement("div");
  answer.className = "quiz-answer";
  answer.id = `${quiz.id}-answer-${index + 1}`;
  answer.setAttribute("aria-live", "polite");
  button.setAttribute("aria-controls", answer.id);
  const box = document.createElement("div");
  box.className = "quiz-option";
  box.dataset.right = option.dataset.right;
  box.append(button, answer);
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    box.classList.toggle("answered", !open);
    answer.replaceChildren(...(open ? [] : [reason]));
  });
  option.replaceWith(box);
}

function armQuizzes() {
  for (const quiz of document.querySelectorAll(".quiz")) {
    quiz.querySelectorAll("details.quiz-option").forEach((option, index) => {
      armOption(option, index, quiz);
    });
  }
}

armQuizzes();
