(() => {
  const box = document.getElementById('ID'), data = DATA;
  const controls = box.querySelector('.controls');
  const names = [...box.querySelectorAll('.name')];
  const rows = [...box.querySelectorAll('.dots')].map((row) => row.children);
  const [at, layers] = ['at', 'layers'].map((name) => box.querySelector(`[name=${name}]`));
  const chosen = (index) => Number(
    box.querySelectorAll('fieldset')[index].querySelector(':checked').value);
  const draw = () => {
    const k = chosen(0), doubling = chosen(1), here = Number(at.value);
    const gaps = Array.from({length: Number(layers.value)}, (_, i) => doubling ? 2 ** i : 1);
    const levels = [new Set([here])], lines = [];
    let ways = [1];
    for (let layer = gaps.length; layer > 0; layer--) {
      const gap = gaps[layer - 1], y = data.layers + 0.5 - layer, behind = new Set();
      for (const t of [...levels[0]].sort((a, b) => a - b)) {
        for (let j = 0; j < k && t - j * gap >= 0; j++) {
          behind.add(t - j * gap);
          lines.push(`M${t + 0.5} ${y}L${t - j * gap + 0.5} ${y + 1}`);
        }
      }
      levels.unshift(behind);
    }
    for (const gap of gaps) {
      const longer = Array.from({length: ways.length + (k - 1) * gap}, () => 0);
      ways.forEach((count, lag) => {
        longer[lag] += count;
        for (let j = 0; j < k; j++) { longer[lag + j * gap] += count; }
      });
      ways = longer;
    }
    rows.slice(0, -1).forEach((row, i) => {
      const layer = data.layers - i, lit = levels[layer];
      names[i].textContent = !lit ? '' : layer ? `gap ${gaps[layer - 1]}` : 'input';
      [...row].forEach((dot, t) => {
        dot.className = !lit ? '' : t > here ? 'later' : !lit.has(t) ? 'dark' :
          layer === gaps.length ? 'top' : 'lit';
      });
    });
    const most = Math.log2(1 + Math.max(...ways));
    [...rows.at(-1)].forEach((bar, t) => {
      bar.style.setProperty('--w', Math.log2(1 + (ways[here - t] ?? 0)) / most);
    });
    box.querySelector('path').setAttribute('d', lines.join(''));
    const sum = gaps.reduce((a, b) => a + b, 0), field = ways.length;
    const seen = [...levels[0]], lost = field - 1 - here;
    const gone = lost > 0 ? ` ${lost} of the field's places lie before the start.` : '';
    box.querySelector('[role=status]').textContent =
      `${k} taps, gaps ${gaps.join(', ')}: receptive field ` +
      `1 + ${k - 1} · ${sum} = ${field}. Output ${here} sees inputs ` +
      `${Math.min(...seen)} to ${Math.max(...seen)}.${gone} Ways, if a residual ` +
      `passes each layer: to the newest input ${ways[0]}, to the one ${field - 1} back ${ways.at(-1)}.`;
    at.setAttribute('aria-valuetext', `output ${here}`);
    layers.setAttribute('aria-valuetext', `${gaps.length} layers`);
  };
  controls.hidden = false;
  controls.addEventListener('input', draw);
  draw();
})();
