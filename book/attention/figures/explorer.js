(() => {
  const box = document.getElementById('ID'), data = DATA;
  const get = (s) => box.querySelector(s), all = (s) => [...box.querySelectorAll(s)];
  const slider = get('[type=range]'), says = get('[role=status]');
  const bytes = atob(data.scores), n = data.queries.length, m = data.keys.length;
  const score = (i) => {
    const c = [0, 1, 2].reduce((sum, b) => sum * 256 + bytes.charCodeAt(3 * i + b), 0);
    return c === 0xffffff ? -Infinity : (c + data.low) * data.step;
  };
  const chosen = (name) => get(`select[name=${name}]`)?.selectedIndex ?? 0;
  const fixed = (x) => x === -Infinity ? '−∞'
    : x.toFixed(2).replace(/^-0.00$/, '0.00').replace('-', '−');
  const quote = (list, i) => `“${list[i]}”`
    + (list.filter((t) => t === list[i]).length > 1 ? ` (no. ${i + 1})` : '');
  const softmax = (row, t) => {
    if (data.shares) return row.map(Math.exp);
    const top = Math.max(...row);
    const e = row.map((s) => s === -Infinity ? 0 : Math.exp((s - top) / t));
    const sum = e.reduce((a, b) => a + b, 0);
    return e.map((x) => sum ? x / sum : 0);
  };
  const say = (from, c, to, w, byKey) => {
    const who = quote(from, c), order = w.map((_, i) => i).sort((i, j) => w[j] - w[i]);
    const one = (k, i) => `${k} ${quote(to, i)} (${fixed(w[i])})`;
    const [first, second, ...rest] = order, prep = byKey ? 'from' : 'to';
    const total = (list) => list.reduce((sum, i) => sum + w[i], 0);
    if (!w[first]) return byKey ? `${who} gets nothing.` : `${who} attends to nothing.`;
    let said = who + one(byKey ? ' gets most from' : ' attends most to', first);
    if (second !== undefined && w[second] >= 0.005) {
      said += one(`, then ${prep}`, second);
      if (!byKey && total(rest) >= 0.005) {
        said += `; the others share ${fixed(total(rest))}`;
      }
    }
    return said + (byKey ? `; its column sums to ${fixed(total(order))}.` : '.');
  };
  const draw = () => {
    const byKey = chosen('by') === 1, mask = data.masks[chosen('mask')];
    const t = slider ? data.temperatures[slider.value] : 1;
    const base = (chosen('layer') * data.heads + chosen('head')) * n * m;
    const c = all('.token input').findIndex((r) => r.checked);
    const seen = (q, k) => !mask || mask[q * m + k] === '1';
    const row = (q) => softmax(data.keys.map((_, k) =>
      seen(q, k) ? score(base + q * m + k) : -Infinity), t);
    const w = byKey ? data.queries.map((_, q) => row(q)[c]) : row(c);
    const lines = all('path');
    all('tbody tr').forEach((line, i) => {
      const [q, k] = byKey ? [i, c] : [c, i], [name, number, weight] = line.children;
      line.className = seen(q, k) ? '' : 'off';
      name.querySelector('i').hidden = seen(q, k);
      number.textContent = fixed(score(base + q * m + k));
      weight.textContent = fixed(w[i]);
      const a = data.row * (c + 0.5), b = data.row * (i + 0.5);
      lines[i].setAttribute('d', `M0 ${a} C50 ${a} 50 ${b} 100 ${b}`);
      for (const part of [weight, lines[i]]) part.style.setProperty('--w', w[i]);
    });
    if (slider) {
      slider.nextElementSibling.textContent = t;
      slider.setAttribute('aria-valuetext', t);
    }
    const lists = [data.queries, data.keys];
    const said = say(lists[+byKey], c, lists[+!byKey], w, byKey);
    if (says.textContent !== said) says.textContent = said;
  };
  const fill = (place, count, each) => place.replaceChildren(
    ...Array.from({ length: count }, (_, i) => {
      const part = place.firstElementChild.cloneNode(true);
      each(part, i);
      return part;
    }));
  const turn = () => {
    const byKey = chosen('by') === 1, lists = [data.queries, data.keys];
    const from = lists[+byKey], to = lists[+!byKey];
    const labels = byKey ? data.turned : data.labels;
    fill(get('fieldset div'), from.length, (part, i) => {
      part.firstElementChild.checked = i === 0;
      part.querySelector('b').textContent = from[i];
    });
    fill(get('tbody'), to.length, (part, i) => {
      part.querySelector('u').textContent = to[i];
    });
    fill(get('svg'), to.length, () => {});
    get('legend').textContent = labels[0];
    get('thead th').textContent = labels[1];
    draw();
  };
  const choose = (event) => {
    const radio = event.target.closest('.token')?.firstElementChild;
    if (!radio || radio.checked) return;
    radio.checked = true;
    draw();
  };
  get('fieldset').addEventListener('pointerover', (event) => {
    if (event.pointerType === 'mouse') choose(event);
  });
  get('fieldset').addEventListener('focusin', choose);
  get('fieldset').addEventListener('change', draw);
  get('.controls').addEventListener('change', (event) =>
    event.target.name === 'by' ? turn() : draw());
  slider?.addEventListener('input', draw);
  all('.token input').forEach((radio) => { radio.disabled = false; });
  get('.controls').hidden = !get('.controls').children.length;
  draw();
})();
