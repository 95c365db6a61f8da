(() => {
  const box = document.getElementById('ID'), data = DATA;
  const says = box.querySelector('[role=status]'), choose = box.querySelector('.choose');
  const list = box.querySelector('select');
  const rows = [...box.querySelectorAll('section')];
  const draw = () => {
    const t = list ? list.selectedIndex : 0;
    const m = Number(box.querySelector('input:checked').value);
    const parts = rows.map((row, k) => {
      const heights = data.heights[t][k][m], found = data.found[t][k][m];
      row.querySelectorAll('.words span').forEach((chip, i) => {
        chip.className = data.truth[t][i] ? 'true' : 'other';
        chip.querySelector('b').style.height = `${heights.length ? heights[i] : 0}%`;
        chip.lastChild.textContent = data.words[t][i];
      });
      row.querySelector('.score').textContent = data.scores[t][k][m];
      return found ? `${data.models[k]} ${found[0]} of ${found[1]}`
        : `${data.models[k]} has none`;
    });
    says.textContent = `Text ${t + 1}, by ${data.methods[m]}, true words among the highest: `
      + `${parts.join('; ')}.`;
  };
  choose.hidden = false;
  choose.addEventListener('change', draw);
})();
