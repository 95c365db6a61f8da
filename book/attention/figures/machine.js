(() => {
  const box = document.getElementById('ID'), data = DATA;
  const all = chosen => [...box.querySelectorAll(chosen)];
  const one = chosen => box.querySelector(chosen);
  const slider = one('input[type=range]'), panel = one('.panel');
  const drawn = all('svg'), stage = one('.stage');
  let open = data.open, at = data.start;

  const shape = part => data.shapes[at][data.order.indexOf(part)];

  const fill = () => {
    const part = data.parts[open], post = stage.dataset.order === 'post';
    one('.what').textContent = part.name;
    one('.formula').innerHTML = post && part.post || part.formula;
    const looked = data.looks[at][open];
    one('.size').textContent = 'comes out: ' + shape(open)
      + (looked ? '; weights: ' + looked : '');
    one('.share').textContent = part.share;
    one('.bar > span').style.width = part.width;
    const link = one('.panel a');
    link.href = part.link;
    link.textContent = part.code;
    all('.part').forEach(g => {
      const chosen = g.dataset.part === open;
      g.setAttribute('aria-checked', String(chosen));
    });
    drawn.forEach(svg => {
      const parts = [...svg.querySelectorAll('.part')];
      const first = parts.find(g => g.dataset.part === open);
      parts.forEach(g => g.setAttribute('tabindex', g === first ? '0' : '-1'));
    });
  };

  const write = () => {
    at = Number(slider.value);
    all('[data-t]').forEach(g => {
      const t = Number(g.dataset.t);
      g.classList.remove('past', 'now', 'later');
      g.classList.add(t < at ? 'past' : t > at ? 'later' : 'now');
    });
    all('[data-j]').forEach(g => {
      const weight = data.cross[at][g.dataset.j];
      g.style.setProperty('--w', weight);
      const said = g.querySelector('.weight');
      if (said) said.textContent = weight < 0.045 ? '·'
        : Math.min(weight, 0.99).toFixed(2).slice(1);
    });
    all('[data-shape]').forEach(text => {
      text.textContent = shape(text.dataset.shape);
    });
    one('[role=status]').textContent = data.sentences[at];
    one('.word').textContent = data.written[at];
    slider.setAttribute('aria-valuetext', data.written[at]);
    fill();
  };

  drawn.forEach(svg => {
    svg.setAttribute('role', 'radiogroup');
    svg.setAttribute('aria-label', data.label);
    const parts = [...svg.querySelectorAll('.part')];
    parts.sort((a, b) => data.order.indexOf(a.dataset.part)
      - data.order.indexOf(b.dataset.part));
    parts.forEach((g, i) => {
      g.setAttribute('role', 'radio');
      g.setAttribute('aria-label', data.parts[g.dataset.part].name);
      const choose = chosen => {
        open = chosen.dataset.part;
        fill();
        parts.forEach(p => p.setAttribute('tabindex', p === chosen ? '0' : '-1'));
        chosen.focus();
      };
      g.addEventListener('click', () => choose(g));
      g.addEventListener('keydown', event => {
        const step = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
        if (!step && event.key !== ' ') return;
        event.preventDefault();
        choose(parts[(i + (step || 0) + parts.length) % parts.length]);
      });
    });
  });
  all('[name^=order]').forEach(input => input.addEventListener('change', () => {
    stage.dataset.order = input.value;
    fill();
  }));
  slider.addEventListener('input', write);
  one('.controls').hidden = false;
  panel.setAttribute('aria-live', 'polite');
  write();
})();
