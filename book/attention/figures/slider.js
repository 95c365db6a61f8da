(() => {
  const box = document.getElementById('ID'), data = DATA;
  const line = box.querySelector('.line'), says = box.querySelector('[role=status]');
  const input = box.querySelector('input');
  const draw = () => {
    const at = Number(input.value);
    const places = data.y[at].map((y, i) => data.x[i] + ' ' + y);
    line.setAttribute('d', 'M' + places.join('L'));
    says.textContent = data.sentences[at];
    input.setAttribute('aria-valuetext', data.positions[at]);
  };
  input.addEventListener('input', draw);
  input.parentElement.hidden = false;
  draw();
})();
