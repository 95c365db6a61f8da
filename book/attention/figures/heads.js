(() => {
  const box = document.getElementById('ID'), data = DATA, n = data.text.length;
  const get = (s) => box.querySelector(s), all = (s) => [...box.querySelectorAll(s)];
  const slider = get('[type=range]'), says = get('[role=status]');
  const switches = all('.ask input'), far = Math.max(...data.offsets);
  const lines = all('.letters');
  const paths = all('.arcs path'), heads = data.back.map((_, i) => i);
  const state = () => switches.reduce(
    (sum, one) => sum + (one.checked ? 1 << one.value : 0), 0);
  const say = (now) => {
    const off = heads.filter((i) => !(now >> i & 1));
    const which = off.length
      ? `Without head${off.length > 1 ? 's' : ''} ${off.map((i) => i + 1).join(', ')}`
      : 'All on';
    return which + ': right on new examples ' + data.offsets.map((offset, j) =>
      `${offset} back ${data.right[now][j].toFixed(2)}`).join(', ') + '.';
  };
  const drawArcs = (now, letter) => {
    get('.arcs').className = 'arcs' + heads.map((i) =>
      now >> i & 1 ? '' : ` off${i}`).join('');
    paths.forEach((path, i) => path.classList.toggle('at', i % n === letter));
    all('.arcs i').forEach((badge) => {
      const head = Number(badge.textContent) - 1;
      const back = data.back[head][letter];
      badge.style.left = 100 * Math.max(0.5, letter + 0.5 - back / 2) / n + '%';
      badge.style.bottom = 94 * Math.min(1, Math.sqrt(back / far)) + '%';
      badge.classList.toggle('off', !(now >> head & 1));
    });
  };
  const drawRow = (row, j, now, letter) => {
    const said = data.answers[now][j], right = data.right[now][j].toFixed(2);
    const on = row.querySelector('input').checked;
    row.classList.toggle('off', !on);
    row.querySelector('u').textContent = on ? '' : ', off';
    const score = row.querySelector('.score');
    score.textContent = right;
    score.style.setProperty('--w', right);
    [...row.querySelector('.letters').children].forEach((b, i) => {
      b.textContent = said[i];
      const wanted = data.text[(i - data.offsets[j] + n) % n];
      b.className = (i === letter ? 'at ' : '') + (said[i] === wanted ? '' : 'no');
    });
  };
  const draw = () => {
    const now = state(), letter = Number(slider.value);
    drawArcs(now, letter);
    all('.ask').forEach((row, j) => drawRow(row, j, now, letter));
    [...lines[0].children].forEach((b, i) => b.classList.toggle('at', i === letter));
    slider.nextElementSibling.textContent = letter + 1;
    slider.setAttribute('aria-valuetext', `${letter + 1}, “${data.text[letter]}”`);
    const said = say(now);
    if (says.textContent !== said) says.textContent = said;
  };
  const line = get('.line');
  const pick = (event) => {
    const { left, width } = line.getBoundingClientRect();
    slider.value = Math.floor((event.clientX - left) / width * n);
    draw();
  };
  line.addEventListener('pointerdown', (event) => {
    line.setPointerCapture(event.pointerId);
    pick(event);
  });
  line.addEventListener('pointermove', (event) => {
    if (line.hasPointerCapture(event.pointerId)) pick(event);
  });
  slider.addEventListener('input', draw);
  switches.forEach((one) => {
    one.hidden = false;
    one.addEventListener('change', draw);
  });
  box.classList.add('live');
  get('.controls').hidden = false;
  draw();
})();
