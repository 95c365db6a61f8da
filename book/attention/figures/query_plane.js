(() => {
  const box = document.getElementById('ID'), data = DATA;
  const get = (s) => box.querySelector(s), all = (s) => [...box.querySelectorAll(s)];
  const input = (kind) => get(`[name=${kind}]`), says = get('[role=status]');
  const mask = get('[type=checkbox]'), plane = get('.plane'), unit = 72, middle = 140;
  const fixed = (x) => x.toFixed(2).replace(/^-0.00$/, '0.00').replace('-', '−');
  const round = (p) => p.map((x) => x.toFixed(1)).join(' ');
  const path = (points) => 'M' + points.map(round).join('L');
  const place = ([x, y]) => [middle + unit * x, middle - unit * y];
  const corner = ([x, y]) => [middle + 104 * x, middle + 14 - 104 * y];
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1];
  const turned = (degrees, length) => {
    const angle = degrees * Math.PI / 180;
    return [length * Math.cos(angle), length * Math.sin(angle)];
  };
  const answer = (q, state) => {
    const scores = data.keys.map((k) => dot(k, q));
    const seen = scores.map((_, i) => !(state.masked && i === 2));
    const top = Math.max(...scores.filter((_, i) => seen[i]));
    const exp = scores.map((s, i) =>
      seen[i] ? Math.exp((s - top) / state.temperature) : 0);
    const sum = exp.reduce((a, b) => a + b, 0), weights = exp.map((e) => e / sum);
    const output = [0, 1].map((c) =>
      weights.reduce((total, w, i) => total + w * data.values[i][c], 0));
    return { scores, exp, weights, output };
  };
  const say = (state, found) => {
    const w = found.weights.map(fixed);
    if (state.masked) {
      return `Key 3 is masked: its weight is 0, the others are ${w[0]} and ${w[1]}. `
        + 'The output can only move on the side from v₁ to v₂.';
    }
    if (!state.length) {
      return 'A query of length 0: all scores are 0, all weights 0.33.';
    }
    const best = found.weights.indexOf(Math.max(...found.weights));
    return `Weights ${w[0]}, ${w[1]} and ${w[2]}: most of v${'₁₂₃'[best]}. `
      + 'They sum to 1, so the output stays inside the triangle.';
  };
  const set = (part, values) => Object.entries(values).forEach(([name, value]) =>
    part.setAttribute(name, value));
  const drawPlane = (state, q) => {
    const along = turned(state.direction, 1), tip = place(q), size = Math.hypot(
      tip[0] - middle, tip[1] - middle);
    set(get('.turn'), { r: (unit * state.length).toFixed(1) });
    set(get('.line'), { d: path([-1.7, 1.7].map((l) => place(along.map((a) =>
      a * l)))) });
    set(get('.query'), { d: `M${middle} ${middle}L${round(tip)}` });
    set(get('.tip'), { transform: `translate(${round(tip)}) `
      + `rotate(${-state.direction})` });
    const [dx, dy] = size ? tip.map((t) => 22 * (t - middle) / size) : [0, -22];
    set(get('text.q'), { x: (tip[0] + dx).toFixed(1), y: (tip[1] + dy + 5).toFixed(1) });
    all('.key').forEach((key, i) => {
      const foot = place(along.map((a) => a * dot(data.keys[i], along)));
      key.classList.toggle('off', state.masked && i === 2);
      set(key.querySelector('.drop'), { d: path([place(data.keys[i]), foot]) });
      set(key.querySelector('.foot'), { cx: foot[0].toFixed(1), cy: foot[1].toFixed(1) });
    });
  };
  const drawTriangle = (state, found) => {
    const corners = data.values.map(corner), [x, y] = corner(found.output);
    set(get('.kept'), { d: path(corners.slice(0, state.masked ? 2 : 3)) + 'z' });
    all('.rope').forEach((rope, i) => {
      set(rope, { d: path([corners[i], [x, y]]) });
      rope.style.strokeWidth = (9 * found.weights[i]).toFixed(2);
    });
    all('.value').forEach((value, i) => {
      value.classList.toggle('off', state.masked && i === 2);
      set(value.querySelector('.disc'), {
        r: (12 * Math.sqrt(found.weights[i])).toFixed(1) });
    });
    const turns = Array.from({ length: 73 }, (_, i) => turned(5 * i, state.length));
    set(get('.orbit'), { d: path(turns.map((q) => corner(answer(q, state).output))) });
    set(get('.output'), { d: `M${round([x, y - 10])}l10 10 -10 10 -10 -10z` });
    set(get('text.o'), { x: (x + 14).toFixed(1), y: (y + 5).toFixed(1) });
  };
  const drawTable = (state, found) => all('tbody tr').forEach((row, i) => {
    const off = state.masked && i === 2;
    row.className = off ? 'off' : '';
    row.querySelector('s').hidden = !off;
    [found.scores[i], found.exp[i], found.weights[i]].forEach((number, column) => {
      const cell = row.querySelectorAll('td')[column];
      cell.firstElementChild.textContent = fixed(number);
      cell.style.setProperty('--w', column ? number : number / 2.5);
    });
  });
  const draw = () => {
    const state = {
      direction: Number(input('direction').value),
      length: Number(input('length').value),
      temperature: 10 ** (Number(input('temperature').value) / 10),
      masked: mask.checked,
    };
    const q = turned(state.direction, state.length), found = answer(q, state);
    drawPlane(state, q);
    drawTable(state, found);
    drawTriangle(state, found);
    box.dataset.output = JSON.stringify(found.output);
    const shown = { direction: `${state.direction}°`, length: state.length.toFixed(2),
      temperature: String(Number(state.temperature.toFixed(2))) };
    Object.entries(shown).forEach(([kind, text]) => {
      input(kind).previousElementSibling.textContent = text;
      input(kind).setAttribute('aria-valuetext', text);
    });
    const said = say(state, found);
    if (says.textContent !== said) says.textContent = said;
  };
  const follow = (event) => {
    const { x, y } = new DOMPoint(event.clientX, event.clientY)
      .matrixTransform(plane.getScreenCTM().inverse());
    const at = [(x - middle) / unit, (middle - y) / unit];
    const degrees = Math.round(Math.atan2(at[1], at[0]) * 180 / Math.PI);
    input('direction').value = (degrees + 360) % 360;
    input('length').value = Math.hypot(...at);
    draw();
  };
  let dragged = null;
  plane.addEventListener('click', follow);
  get('.grip').addEventListener('touchstart', (event) => event.preventDefault());
  plane.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'touch' && event.target !== get('.grip')) return;
    plane.setPointerCapture(event.pointerId);
    dragged = event.pointerId;
    follow(event);
    if (event.pointerType === 'mouse') event.preventDefault();
  });
  plane.addEventListener('pointermove', (event) => {
    if (dragged === event.pointerId) follow(event);
  });
  plane.addEventListener('lostpointercapture', () => { dragged = null; });
  box.addEventListener('input', draw);
  box.classList.add('live');
  get('.controls').hidden = false;
  draw();
})();
