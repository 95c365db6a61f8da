(() => {
  const box = document.getElementById('ID'), data = DATA;
  const shade = box.querySelector('.shade'), gaze = box.querySelector('.gaze');
  const input = box.querySelector('input'), says = box.querySelector('[role=status]');
  const draw = () => {
    const at = Number(input.value);
    shade.setAttribute('href', data.shades[at]);
    gaze.setAttribute('cx', data.gaze[at][0]);
    gaze.setAttribute('cy', data.gaze[at][1]);
    says.textContent = data.sentences[at];
    input.setAttribute('aria-valuetext', data.positions[at]);
  };
  input.addEventListener('input', draw);
  input.parentElement.hidden = false;
  draw();
})();
