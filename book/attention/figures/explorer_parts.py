"""Style and script of the attention explorer; capitals stand for what is filled in."""

STYLE = """
#ID .controls:not([hidden]) { display: flex; flex-wrap: wrap; gap: 0.3rem 1.1rem;
  align-items: center; margin: 0 0 0.5rem }
#ID .controls label { display: flex; align-items: center; gap: 0.4rem; margin: 0 }
#ID .controls span { min-width: 2em; font-variant-numeric: tabular-nums }
#ID select { font: inherit; color: inherit; background: transparent; padding: 2px 6px;
  border: 1px solid currentColor; border-radius: 4px; max-width: 12rem;
  min-height: 28px }
#ID option { color: #111; background: #fff }
#ID [type=range] { width: 8rem; min-height: 28px; accent-color: COLOR }
#ID .grid { display: grid; margin: 0; max-width: 40rem; align-items: start;
  grid-template-columns: fit-content(34%) minmax(1.5rem, 1fr) minmax(0, 2.6fr) }
#ID fieldset { border: 0; margin: 0; padding: 0; min-width: 0 }
#ID legend { float: none; width: 100%; margin: 0; padding: 0 6px; font-size: inherit;
  box-sizing: border-box; text-align: right;
  height: 28px; line-height: 28px; opacity: 0.85; white-space: nowrap }
#ID .lines { padding-top: 28px }
#ID .token { display: block; position: relative; margin: 0; cursor: pointer;
  height: var(--row) }
#ID .token input { position: absolute; opacity: 0; inset: 0; margin: 0;
  width: 100%; height: 100%; cursor: pointer }
#ID .token span { display: flex; box-sizing: border-box; height: var(--row);
  align-items: center; justify-content: flex-end; padding: 0 6px; text-align: right;
  border: 2px solid transparent; border-radius: 6px; line-height: 1.2 }
#ID .token b, #ID tbody b { font-weight: inherit; overflow: hidden;
  display: -webkit-inline-box; -webkit-box-orient: vertical; vertical-align: middle;
  -webkit-line-clamp: var(--lines); max-height: calc(1.2em * var(--lines)) }
#ID .token input:checked + span { border-color: COLOR; font-weight: 600 }
#ID .token input:focus-visible + span { outline: 3px solid currentColor;
  outline-offset: -1px }
#ID table { border-collapse: collapse; border: 0; margin: 0; width: 100%;
  table-layout: fixed;
  font-size: inherit; color: inherit }
#ID tr, #ID thead { background: none; border: 0 }
#ID th, #ID td { box-sizing: border-box; height: 28px; padding: 0 6px; border: 0;
  line-height: 24px; font-weight: 400; white-space: nowrap; vertical-align: middle;
  text-align: right; font-variant-numeric: tabular-nums; color: inherit; width: 19% }
#ID th:first-child { text-align: left; width: 44%; overflow: hidden;
  text-overflow: ellipsis }
#ID th:last-child, #ID td:last-child { width: 37% }
#ID thead th { opacity: 0.85; line-height: 28px }
#ID tbody tr > * { height: var(--row) }
#ID tbody th { white-space: normal; line-height: 1.2; overflow-wrap: anywhere }
#ID tbody td:last-child { background: padding-box no-repeat
    linear-gradient(COLOR88, COLOR88) 0 50% / calc(100% * var(--w)) 24px }
#ID tbody .off td:last-child { background: no-repeat 0 50% / calc(100% - 3.2em) 20px
    repeating-linear-gradient(135deg, transparent 0 5px,
    color-mix(in srgb, currentColor 50%, transparent) 5px 6px) }
#ID u { text-decoration: none }
#ID .off u, #ID .off td:nth-child(2) { text-decoration: line-through }
#ID i { font-style: normal; margin-right: 0.3em }
#ID i span { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%) }
#ID path { stroke: COLOR; fill: none; vector-effect: non-scaling-stroke;
  stroke-width: calc(1px + 5px * var(--w)); opacity: calc(2.5 * var(--w)) }
#ID .note { margin: 0.4rem 0 0; font-size: 0.85rem }
@media (max-width: 600px) {
  #ID .grid { grid-template-columns: fit-content(30%) minmax(1.25rem, 1fr)
    minmax(0, 6fr) }
  #ID { font-size: 0.88rem }
  #ID th, #ID td { padding: 0 3px; width: 32% }
  #ID th:first-child { width: 38% }
  #ID th:last-child, #ID td:last-child { width: 30% } }
@media (prefers-reduced-motion: no-preference) {
  #ID tbody td { transition: background-size 0.2s }
  #ID path { transition: stroke-width 0.2s, opacity 0.2s } }
"""
SCRIPT = """
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
    fill(get('fieldset div'), from.length, (part, i) => {
      part.firstElementChild.checked = i === 0;
      part.querySelector('b').textContent = from[i];
    });
    fill(get('tbody'), to.length, (part, i) => {
      part.querySelector('u').textContent = to[i];
    });
    fill(get('svg'), to.length, () => {});
    get('legend').textContent = data.labels[+byKey];
    get('thead th').textContent = data.labels[+!byKey];
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
"""
