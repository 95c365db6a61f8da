(() => {
  const box = document.getElementById('ID'), data = DATA;
  const get = (s) => box.querySelector(s), slider = get('[type=range]');
  const panels = [...box.querySelectorAll('.panel')], says = get('[role=status]');
  const most = (row) => row.indexOf(Math.max(...row));
  const alike = (row) => Math.max(...row) - Math.min(...row) < 0.02;
  const say = (words, tables, at) => {
    const looks = tables.map((table) => alike(table[at]) ? 'at all alike'
      : `at “${words[most(table[at])]}” (${Math.max(...table[at]).toFixed(2)})`);
    return `… ${words[words.length - 1]}: “${words[at]}” looks ${looks.join(', then ')}.`;
  };
  const drawPanel = (panel, words, tables, at) => {
    panel.querySelectorAll('svg').forEach((svg, layer) => {
      [...svg.children].forEach((path, key) => {
        const [a, b] = [key + 0.5, at + 0.5];
        path.setAttribute('d', `M0 ${a}C50 ${a} 50 ${b} 100 ${b}`);
        path.style.setProperty('--w', tables[layer][at][key]);
      });
    });
    panel.querySelectorAll('ol').forEach((stage, i) => {
      const row = tables[i]?.[at];
      [...stage.children].forEach((word, j) => {
        word.classList.toggle('q', i > 0 && j === at);
        word.classList.toggle('k', Boolean(row) && !alike(row) && j === most(row));
      });
    });
  };
  const draw = () => {
    const at = Number(slider.value), word = data.words[0][at];
    panels.forEach((panel, i) => drawPanel(panel, data.words[i], data.weights[i], at));
    slider.setAttribute('aria-valuetext', word);
    slider.nextElementSibling.textContent = word;
    const said = panels.map((_, i) => say(data.words[i], data.weights[i], at)).join(' ');
    if (says.textContent !== said) says.textContent = said;
  };
  slider.addEventListener('input', draw);
  panels.forEach((panel) => panel.addEventListener('click', (event) => {
    const word = event.target.closest('li');
    if (!word) return;
    slider.value = [...word.parentElement.children].indexOf(word);
    draw();
  }));
  box.classList.add('live');
  get('.controls').hidden = false;
  draw();
})();
