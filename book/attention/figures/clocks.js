(() => {
  const box = document.getElementById('ID'), data = DATA, n = data.letters.length;
  const all = (s) => [...box.querySelectorAll(s)], get = (s) => box.querySelector(s);
  const [add, rope] = all('[type=radio]'), both = get('[type=checkbox]');
  const ranges = all('[type=range]'), outputs = all('.range b'), letters = all('.text b');
  const clocks = all('.dials > div'), says = get('[role=status]');
  const top = data.sizes.reduce((sum, x) => sum + x, 0), seen = new Set();
  const clip = (x) => Math.min(n - 1, Math.max(0, x));
  const fixed = (x) => x.toFixed(2).replace(/^-0.00$/, '0.00').replace('-', '−');
  const parts = (p, r) => data.w.map((w, i) => rope.checked
    ? data.sizes[i] * Math.cos(data.q[i] + w * p - data.k[i] - w * r)
    : Math.cos(w * (p - r)));
  const sum = (list) => list.reduce((total, x) => total + x, 0);
  const spot = (step, total) => [step, (-total).toFixed(2)].join(' ');
  const degrees = (angle) => (angle * 180 / Math.PI % 360).toFixed(2);
  const at = ranges.map((range) => Number(range.value));
  let mode = false;
  const drawClocks = () => clocks.forEach((clock, i) => {
    ['p', 'r'].forEach((name, j) => {
      const turned = data.w[i] * at[j];
      const angle = rope.checked
        ? Math.PI / 2 - turned - [data.q, data.k][j][i] : turned;
      clock.querySelector('.' + name)
        .setAttribute('transform', `rotate(${degrees(angle)})`);
    });
    const value = parts(...at)[i];
    clock.querySelector('b').textContent =
      (value > -0.005 ? '+' : '') + fixed(value);
  });
  const drawCurve = () => {
    const now = at[1] - at[0], total = sum(parts(...at));
    const steps = Array.from({ length: 2 * n - 1 }, (_, i) => i - n + 1);
    const place = (step) => spot(step, sum(parts(0, step)));
    get('.curve').setAttribute('d', 'M' + steps.map(place).join('L'));
    if (mode !== rope.checked) seen.clear();
    mode = rope.checked;
    seen.add(now);
    get('.seen').setAttribute('d',
      [...seen].map((step) => `M${place(step)}h0`).join(''));
    const dot = get('.now').style;
    dot.left = 100 * (now + n - 1) / (2 * n - 2) + '%';
    dot.top = 100 * (top - total) / (1.15 * top) + 'px';
  };
  const say = () => {
    const [p, r] = at, total = fixed(sum(parts(p, r))), far = Math.abs(p - r);
    if (rope.checked) {
      return `q at place ${p}, k at place ${r}: `
        + (far ? `${far} ${r < p ? 'back' : 'ahead'}` : 'the same place')
        + `. Score ${total}, wherever the two stand at this distance.`;
    }
    const names = at.map((i) => `${i} “${data.letters[i]}”`).join(' and ');
    return `Places ${names}: ${far} apart. The cosines add up to ${total}, `
      + `as at any two places ${far} apart.`;
  };
  const draw = () => {
    box.classList.toggle('rope', rope.checked);
    ranges.forEach((range, j) => {
      range.value = outputs[j].textContent = at[j];
      range.setAttribute('aria-valuetext', `${at[j]}, letter “${data.letters[at[j]]}”`);
      range.previousElementSibling.textContent =
        [['place p', 'place r'], ['place of q', 'place of k']][+rope.checked][j];
      get('.stripes i.' + 'pr'[j]).style.left = 100 * (at[j] + 0.5) / n + '%';
    });
    letters.forEach((b, i) => {
      b.className = i === at[0] ? 'p' : i === at[1] ? 'r' : '';
    });
    get('.none').hidden = !rope.checked;
    get('.cover').setAttribute('x', at[0] + 1);
    get('.cover').setAttribute('width', n - 1 - at[0]);
    get('.what').textContent = rope.checked ? 'score of q and k' : 'sum of the cosines';
    all('.ends span').forEach((end, i) => {
      end.textContent = [[`r is ${n - 1} before p`, 'same place', `${n - 1} after p`],
        [`k is ${n - 1} before q`, 'same place', `${n - 1} after q`]][+rope.checked][i];
    });
    drawClocks();
    drawCurve();
    const said = say();
    if (says.textContent !== said) says.textContent = said;
  };
  const move = (j, to) => {
    const step = clip(to) - at[j], other = at[1 - j] + step;
    if (both.checked && other !== clip(other)) return draw();
    at[j] += step;
    if (both.checked) at[1 - j] = other;
    draw();
  };
  ranges.forEach((range, j) =>
    range.addEventListener('input', () => move(j, Number(range.value))));
  [add, rope].forEach((radio) => radio.addEventListener('change', draw));
  const strip = get('.stripes');
  const under = (event) => {
    const { left, width } = strip.getBoundingClientRect();
    return Math.floor((event.clientX - left) / width * n);
  };
  let held = -1;
  strip.addEventListener('pointerdown', (event) => {
    const to = under(event);
    held = Math.abs(to - at[1]) < Math.abs(to - at[0]) ? 1 : 0;
    strip.setPointerCapture(event.pointerId);
    if (!both.checked) move(held, to);
  });
  strip.addEventListener('pointermove', (event) => {
    if (held >= 0) move(held, under(event));
  });
  ['pointerup', 'pointercancel'].forEach((name) =>
    strip.addEventListener(name, () => { held = -1; }));
  box.classList.add('live');
  get('.controls').hidden = false;
  draw();
})();
