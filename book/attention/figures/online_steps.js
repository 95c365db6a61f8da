(() => {
  const box = document.getElementById('ID'), data = DATA;
  const input = box.querySelector('input'), says = box.querySelector('[role=status]');
  const blocks = [...box.querySelectorAll('.block')];
  const rows = [...box.querySelectorAll('.line:not(.head)')];
  const draw = () => {
    const at = Number(input.value);
    const look = (part, i) => {
      part.classList.toggle('now', i === at);
      part.classList.toggle('todo', i > at);
    };
    blocks.forEach(look);
    rows.forEach(look);
    says.textContent = data.said[at];
    input.setAttribute('aria-valuetext', `${at + 1} of ${rows.length}`);
  };
  box.querySelector('button').addEventListener('click', () => {
    input.value = (Number(input.value) + 1) % rows.length;
    draw();
  });
  input.addEventListener('input', draw);
  box.querySelector('.controls').hidden = false;
  draw();
})();
