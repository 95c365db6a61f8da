(() => {
  const box = document.getElementById('ID'), data = DATA;
  const says = box.querySelector('[role=status]');
  const rows = [...box.querySelectorAll('section')];
  const draw = (t) => {
    const [a, b] = data.truth[t];
    rows.forEach((row, k) => {
      const bars = row.querySelectorAll('i'), frame = row.querySelector('.truth');
      bars.forEach((bar, i) => {
        bar.className = data.off[k][t][i] ? 'off' : 'on';
        bar.style.setProperty('--w', data.w[k][t][i] / 1000);
      });
      frame.classList.toggle('none', a === b);
      frame.style.setProperty('--a', a);
      frame.style.setProperty('--b', b);
      row.querySelector('.share').textContent = a === b ? '' : data.shares[t][k];
    });
    says.textContent = data.sentences[t];
  };
  box.querySelector('fieldset').hidden = false;
  box.querySelectorAll('input').forEach((input) =>
    input.addEventListener('change', () => draw(Number(input.value))));
})();
