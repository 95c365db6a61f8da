window.attention_explorer = (box, data) => {
  const get = (s, at = box) => at.querySelector(s);
  const all = (s, at = box) => [...at.querySelectorAll(s)];
  const slider = get('[type=range]'), says = get('[role=status]'), grid = get('.grid');
  const bytes = atob(data.scores), n = data.queries.length, m = data.keys.length;
  const panes = all('.pane'), lines = all('.lines svg'), maps = all('.map svg');
  let at = all('.token input').findIndex((radio) => radio.checked);
  let glance = null, pinned = false, open = false, tables = [];
  const score = (i) => {
    let code = 0;
    for (let b = 0; b < data.bytes; b++) {
      code = code * 256 + bytes.charCodeAt(data.bytes * i + b);
    }
    return code === 256 ** data.bytes - 1 ? -Infinity : (code + data.low) * data.step;
  };
  const chosen = (name) => get(`select[name=${name}]`)?.selectedIndex;
  const fixed = (x) => x === -Infinity ? '−∞'
    : x.toFixed(2).replace(/^-0.00$/, '0.00').replace('-', '−');
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  const quote = (list, i) => `“${list[i]}”`
    + (list.filter((t) => t === list[i]).length > 1 ? ` (no. ${i + 1})` : '');
  const byKey = () => chosen('by') === 1;
  const softmax = (row, t) => {
    if (data.shares) return row.map(Math.exp);
    const top = Math.max(...row);
    const e = row.map((s) => s === -Infinity ? 0 : Math.exp((s - top) / t));
    return e.map((x) => sum(e) ? x / sum(e) : 0);
  };
  const rank = (w) => w.map((_, i) => i).sort((i, j) => w[j] - w[i]);
  const say = (from, c, to, w) => {
    const who = quote(from, c), [first, second, ...rest] = rank(w);
    const one = (k, i) => `${k} ${quote(to, i)} (${fixed(w[i])})`;
    const prep = byKey() ? 'from' : 'to', others = sum(rest.map((i) => w[i]));
    if (!w[first]) return who + (byKey() ? ' gets nothing.' : ' attends to nothing.');
    let said = who + one(byKey() ? ' gets most from' : ' attends most to', first);
    if (second !== undefined && w[second] >= 0.005) {
      said += one(`, then ${prep}`, second);
      if (!byKey() && others >= 0.005) said += `; the others share ${fixed(others)}`;
    }
    return said + (byKey() ? `; its column sums to ${fixed(sum(w))}.` : '.');
  };
  const compute = () => {
    const mask = data.masks[chosen('mask') ?? 0];
    const t = slider ? data.temperatures[slider.value] : 1;
    tables = panes.map((_, p) => {
      const other = chosen(`beside${p}`);
      let [layer, head] = data.at[p];
      layer = (data.beside === 'layer' ? other : chosen('layer')) ?? layer;
      head = (data.beside === 'head' ? other : chosen('head')) ?? head;
      const base = (layer * data.heads + head) * n * m;
      const scores = Array.from({ length: n }, (row, q) =>
        Array.from({ length: m }, (cell, k) => score(base + q * m + k)));
      const seen = scores.map((row, q) => row.map((s, k) =>
        (data.shares || s > -Infinity) && (!mask || mask[q * m + k] === '1')));
      const weights = scores.map((row, q) =>
        softmax(row.map((s, k) => seen[q][k] ? s : -Infinity), t));
      const name = data.names[{ layer, head }[data.beside]];
      return { scores, seen, weights, name, keys: data.headKeys[head] ?? data.keys };
    });
    if (slider) {
      slider.nextElementSibling.textContent = t;
      slider.setAttribute('aria-valuetext', t);
    }
    maps.forEach(paint);
    draw();
  };
  const paint = (map, p) => {
    const { seen, weights } = tables[p], sheet = document.createElement('canvas');
    const pen = sheet.getContext('2d');
    [sheet.width, sheet.height] = [4 * m, 4 * n];
    for (let q = 0; q < n; q++) for (let k = 0; k < m; k++) {
      pen.fillStyle = `rgba(42,120,184,${Math.min(weights[q][k], 1) ** 0.7})`;
      if (seen[q][k]) { pen.fillRect(4 * k, 4 * q, 4, 4); continue; }
      pen.fillStyle = 'rgba(128,129,130,0.6)';
      for (let i = 0; i < 4; i++) pen.fillRect(4 * k + i, 4 * q + (4 - i) % 4, 1, 1);
    }
    get('image', map).setAttribute('href', sheet.toDataURL());
  };
  const column = (table, c) => table.map((row) => row[c]);
  const draw = () => {
    const c = glance ?? at, turned = byKey(), said = [];
    tables.forEach(({ scores, seen, weights, name, keys }, p) => {
      const [s, may, w] = [scores, seen, weights].map((t) =>
        turned ? column(t, c) : t[c]);
      const to = turned ? data.queries : keys, from = turned ? keys : data.queries;
      show(panes[p], to, s, may, w, lines[p]);
      said.push((name ? `${name}: ` : '') + say(from, c, to, w));
      const pick = maps[p] && get('.pick', maps[p]);
      const frame = turned ? [c, 0, 1, n] : [0, c, m, 1];
      ['x', 'y', 'width', 'height'].forEach((key, i) =>
        pick?.setAttribute(key, frame[i]));
    });
    all('.token').forEach((token, i) => token.classList.toggle('on', i === c));
    box.classList.toggle('pinned', pinned && glance === null);
    if (says.textContent !== said.join('\n')) says.textContent = said.join('\n');
    place();
  };
  const show = (pane, to, s, may, w, svg) => {
    const best = new Set(rank(w).slice(0, 3)), long = w.length > 12;
    const kept = w.map((x, i) => !long || (may[i] && (x >= 0.01 || best.has(i))));
    const tiny = kept.flatMap((x, i) => !x && may[i] ? [i] : []);
    if (tiny.length === 1) kept[tiny[0]] = true;
    all('tbody tr', pane).forEach((row, i) => {
      const [name, number, weight] = row.children;
      row.className = may[i] ? '' : 'off';
      row.hidden = !kept[i] && !open;
      get('i', name).hidden = may[i];
      get('u', name).textContent = to[i];
      number.textContent = fixed(s[i]);
      weight.textContent = fixed(w[i]);
      weight.style.setProperty('--w', w[i]);
      svg.children[i].style.setProperty('--w', w[i]);
    });
    const [small, masked] = all('tfoot tr', pane);
    const few = w.filter((_, i) => !kept[i] && may[i]);
    const none = may.filter((x, i) => !kept[i] && !x).length;
    small.hidden = !few.length && !(none && open);
    masked.hidden = !none || open;
    get('span', small).textContent =
      few.length ? `${few.length} other${few.length > 1 ? 's' : ''}` : 'fold';
    small.lastElementChild.textContent = few.length ? fixed(sum(few)) : '';
    small.lastElementChild.style.setProperty('--w', sum(few));
    get('span', masked).textContent = `✕ ${none} masked`;
    all('button', pane).forEach((b) => b.setAttribute('aria-expanded', open));
  };
  const place = () => lines.forEach((svg, p) => {
    const { top, height } = svg.getBoundingClientRect();
    const middle = (part) => {
      const b = part.getBoundingClientRect();
      return (b.top + b.bottom) / 2 - top;
    };
    if (!height) return;
    svg.setAttribute('viewBox', `0 0 100 ${height}`);
    const a = middle(all('.token')[glance ?? at]);
    const [near, far] = lines.length > 1 && !p ? [100, 0] : [0, 100];
    all('tbody tr', panes[p]).forEach((row, i) => {
      const path = svg.children[i], b = row.hidden ? 0 : middle(row);
      path.toggleAttribute('hidden', row.hidden);
      path.setAttribute('d', `M${near} ${a} C50 ${a} 50 ${b} ${far} ${b}`);
    });
  });
  const fill = (list, count) => list.replaceChildren(
    ...Array.from({ length: count }, () => list.firstElementChild.cloneNode(true)));
  const turn = () => {
    const turned = byKey(), labels = turned ? data.turned : data.labels;
    const [from, to] = turned ? [data.keys, data.queries] : [data.queries, data.keys];
    fill(get('fieldset div'), from.length);
    all('.token').forEach((token, i) => {
      get('input', token).checked = i === 0;
      get('b', token).textContent = from[i];
    });
    panes.forEach((pane) => fill(get('tbody', pane), to.length));
    lines.forEach((svg) => fill(svg, to.length));
    box.classList.toggle('turned', turned);
    [[get('legend'), labels[0], turned], ...panes.map((pane) =>
      [get('th', pane), labels[1], !turned])].forEach(([head, label, key]) => {
      get('b', head).textContent = label;
      get('.mark', head).className = `mark ${key ? 'k' : 'q'}`;
      get('.mark', head).textContent = key ? 'k' : 'q';
    });
    [at, glance, pinned] = [0, null, false];
    compute();
    grid.scrollTop = 0;
  };
  const look = (index) => {
    if (index === glance || (pinned && index !== null)) return;
    glance = index;
    draw();
  };
  const pin = (index, keep = true) => {
    pinned = keep;
    [at, glance] = [index, null];
    all('.token input')[index].checked = true;
    draw();
  };
  const reveal = () => {
    const token = all('.token')[at].getBoundingClientRect();
    const view = grid.getBoundingClientRect();
    if (token.top < view.top) grid.scrollTop -= view.top - token.top;
    if (token.bottom > view.bottom) grid.scrollTop += token.bottom - view.bottom;
  };
  const indexOf = (event) => all('.token').indexOf(event.target.closest('.token'));
  const tokens = get('fieldset');
  tokens.addEventListener('pointerover', (event) => {
    const index = indexOf(event);
    if (event.pointerType === 'mouse' && index >= 0) look(index);
  });
  tokens.addEventListener('pointerleave', () => look(null));
  let before = -1;  // what was pinned when the pointer came down: a second click frees
  tokens.addEventListener('pointerdown', () => { before = pinned ? at : -1; });
  tokens.addEventListener('focusin', (event) => {
    if (indexOf(event) !== at) pin(indexOf(event), pinned);
  });
  tokens.addEventListener('click', (event) => {
    if (event.target.type !== 'radio') return;
    pin(indexOf(event), !event.detail || before !== indexOf(event));
    if (!event.detail) reveal();
  });
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    pinned = false;
    draw();
  });
  for (const map of maps) {
    const under = (event) => {
      const b = map.getBoundingClientRect(), size = byKey() ? m : n;
      const part = byKey() ? (event.clientX - b.left) / b.width
        : (event.clientY - b.top) / b.height;
      return Math.max(0, Math.min(size - 1, Math.floor(part * size)));
    };
    map.addEventListener('pointerdown', (event) => {
      map.setPointerCapture(event.pointerId);
      pin(under(event));
      reveal();
    });
    map.addEventListener('pointermove', (event) => {
      if (event.buttons) { pin(under(event)); reveal(); }
      else if (event.pointerType === 'mouse') look(under(event));
    });
    map.addEventListener('pointerleave', () => look(null));
  }
  box.addEventListener('change', (event) => {
    if (event.target.name === 'by') turn();
    else if (event.target.matches('select')) compute();
  });
  box.addEventListener('click', (event) => {
    if (!event.target.closest('button')) return;
    open = !open;
    draw();
  });
  slider?.addEventListener('input', compute);
  grid.addEventListener('scroll', place);
  new ResizeObserver(place).observe(grid);
  for (const word of all('tfoot span')) {
    const button = document.createElement('button');
    button.type = 'button';
    word.replaceWith(button);
    button.append(word);
  }
  const ground = () => {  // headings hide what is scrolled below them
    let part = box, color = '';
    while (part && /^$|transparent|, 0\)/.test(color)) {
      color = getComputedStyle(part).backgroundColor;
      part = part.parentElement;
    }
    box.style.setProperty('--ground', color);
  };
  new MutationObserver(ground).observe(document.documentElement, { attributes: true });
  ground();
  for (const radio of all('.token input')) radio.disabled = false;
  for (const part of all('.hint, .name label')) part.hidden = false;
  for (const name of all('.name:has(label) strong')) name.hidden = true;
  get('.controls').hidden = !get('.controls').children.length;
  box.classList.add('live');
  compute();
  reveal();
};
