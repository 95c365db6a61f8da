(() => {
  const box = document.getElementById('ID'), data = DATA;
  const input = box.querySelector('input');
  if (!input) return; // it stands still
  const dot = box.querySelector('circle'), cursor = box.querySelector('.cursor');
  const draw = () => {
    const at = Number(input.value), [x, y] = data.dots[at];
    ['one', 'two'].forEach((name, layer) => {
      const weight = data.pairs[at][layer];
      box.querySelector(`g.${name}`).style.setProperty('--w', weight);
      box.querySelector(`tspan.${name}`).textContent = weight.toFixed(2);
    });
    box.querySelector('.next').style.setProperty('--w', data.right[at]);
    const share = Math.round(100 * data.right[at]);
    box.querySelector('.right').textContent = `${share}% right`;
    box.querySelector('.step').textContent = data.names[at];
    dot.setAttribute('cx', x);
    dot.setAttribute('cy', y);
    cursor.setAttribute('d', cursor.getAttribute('d').replace(/^M[\d.]+/, `M${x}`));
    box.querySelector('label b').textContent = data.names[at].split(' ').pop();
    box.querySelector('[role=status]').textContent = data.sentences[at];
    input.setAttribute('aria-valuetext', data.names[at]);
  };
  input.addEventListener('input', draw);
  input.value = data.pairs.findIndex(([, score]) => score >= 0.5); // half-way
  input.closest('label').hidden = false;
  draw();
})();
