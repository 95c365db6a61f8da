(() => {
  const box = document.getElementById('ID'), data = DATA;
  const says = box.querySelector('[role=status]');
  const sections = [...box.querySelectorAll('section')];
  const [models, answer, gone] = data.words;
  const draw = (k) => {
    const section = sections[k];
    const inputs = [...section.querySelectorAll('input')];
    const covers = [...section.querySelectorAll('path')];
    const state = inputs.reduce((sum, input, i) => sum + (input.checked ? 2 ** i : 0), 0);
    inputs.forEach((input, i) => {
      input.closest('label').className = `named ${input.checked ? 'on' : 'off'}`;
      if (covers[i]) covers[i].setAttribute('class', input.checked ? 'on' : 'off');
    });
    const found = data.answers[k].map((row) => (row[state] / 100).toFixed(2));
    section.querySelectorAll('.meter').forEach((meter, m) => {
      meter.querySelector('b').textContent = found[m];
      meter.querySelector('.bar i').style.width = `${100 * found[m]}%`;
    });
    const off = data.parts[k].filter((name, i) => !inputs[i].checked).join(', ');
    says.textContent = `${gone}: ${off || 'nothing'}. ${answer}: `
      + `${models.map((name, m) => `${name} ${found[m]}`).join('; ')}.`;
  };
  sections.forEach((section, k) => {
    const inputs = [...section.querySelectorAll('input')];
    inputs.forEach((input) => {
      input.hidden = false;
      input.addEventListener('change', () => draw(k));
    });
    section.querySelectorAll('path').forEach((cover, i) =>
      cover.addEventListener('click', () => inputs[i].click()));
  });
  const cases = box.querySelector('.cases');
  if (cases) {
    cases.hidden = false;
    cases.addEventListener('change', (event) => {
      const chosen = Number(event.target.value);
      sections.forEach((section, k) => { section.hidden = k !== chosen; });
      draw(chosen);
    });
  }
  box.classList.add('live');
})();
