(() => {
  const box = document.getElementById('ID'), data = DATA;
  const input = box.querySelector('input'), model = box.querySelector('select');
  const rows = [...box.querySelectorAll('.sum div')];
  const fill = (row, bits, right) => row.querySelectorAll('i').forEach((cell, i) => {
    cell.textContent = bits[i];
    cell.classList.toggle('off', Boolean(right) && bits[i] !== right[i]);
  });
  const say = (wrong, places) => {
    const begin = `The carry runs through ${places} place${places === 1 ? '' : 's'}: `;
    const left = wrong.at(-1), bits = left === 1 ? '1 bit is' : `${left} bits are`;
    if (left) return `${begin}after ${wrong.length - 1} steps ${bits} wrong.`;
    const first = wrong.findLastIndex((count) => count > 0) + 1;
    return `${begin}all bits are right from step ${first} on.`;
  };
  const draw = () => {
    const at = Number(input.value), right = data.sum[at], places = at + 1;
    const steps = data.steps[model ? model.selectedIndex : 0][at];
    fill(rows[0], data.a[at]);
    fill(rows[1], data.b[at]);
    steps.forEach((bits, t) => fill(rows[t + 2], bits, right));
    const wrong = steps.map((bits) =>
      [...bits].filter((bit, i) => bit !== right[i]).length);
    const words = `${places} place${places === 1 ? '' : 's'}`;
    box.querySelector('label b').textContent = words;
    box.querySelector('[role=status]').textContent = say(wrong, places);
    input.setAttribute('aria-valuetext', words);
  };
  input.addEventListener('input', draw);
  if (model) model.addEventListener('change', draw);
  box.querySelector('.controls').hidden = false;
  draw();
})();
