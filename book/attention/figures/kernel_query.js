(() => {
  const box = document.getElementById('ID'), data = DATA;
  const get = (s) => box.querySelector(s), dots = [...box.querySelectorAll('.dot')];
  const says = get('[role=status]'), svg = get('svg'), [low, high] = data.heights;
  const query = get('[name=query]'), width = get('[name=width]');
  const first = data.grid[0], last = data.grid[data.grid.length - 1];
  const fixed = (x) => x.toFixed(2).replace(/^-0.00$/, '0.00').replace('-', '−');
  const across = (x) => 34 + 678 * (x - first) / (last - first);
  const up = (y) => 330 - 318 * (y - low) / (high - low);
  const join = (xs, ys) => 'M' + xs.map((x, i) =>
    `${across(x).toFixed(1)} ${ys[i].toFixed(1)}`).join('L');
  const weigh = (q, w) => {
    const scores = data.x.map((x) => -(((q - x) / w) ** 2) / 2);
    const top = Math.max(...scores), exp = scores.map((s) => Math.exp(s - top));
    const sum = exp.reduce((a, b) => a + b, 0);
    return exp.map((e) => e / sum);
  };
  const mix = (weights) => weights.reduce((sum, a, i) => sum + a * data.y[i], 0);
  const draw = () => {
    const q = Number(query.value), w = data.widths[width.value];
    const weights = weigh(q, w), most = Math.max(...weights), output = mix(weights);
    const fit = data.grid.map((x) => mix(weigh(x, w)));
    dots.forEach((dot, i) => {
      dot.setAttribute('r', (3 + 5 * weights[i] / most).toFixed(1));
      dot.style.fillOpacity = (weights[i] / most).toFixed(3);
    });
    const bell = data.grid.map((x) => 330 - 110 * Math.exp(-(((x - q) / w) ** 2) / 2));
    get('.bell').setAttribute('d', `${join(data.grid, bell)}V330H34.0z`);
    get('.fit').setAttribute('d', join(data.grid, fit.map(up)));
    const x = across(q).toFixed(1), y = up(output);
    get('.up').setAttribute('d', `M${x} 330L${x} ${y.toFixed(1)}`);
    get('.output').setAttribute('d',
      `M${x} ${(y - 10).toFixed(1)}l10 10 -10 10 -10 -10z`);
    get('.asked').setAttribute('transform', `translate(${x} 330)`);
    const order = [...weights].sort((a, b) => b - a);
    let sum = 0;
    const needed = order.filter((a) => (sum += a) < 0.9).length + 1;
    const error = fit.reduce((all, f, i) => all + (f - data.truth[i]) ** 2, 0);
    says.textContent = `Width ${fixed(w)}: the query at x = ${fixed(q)} takes 90% of `
      + `its output from ${needed} of ${data.x.length} pairs, and the output is `
      + `${fixed(output)}. Test error of this width: `
      + `${(error / fit.length).toFixed(3)}.`;
    query.setAttribute('aria-valuetext', fixed(q));
    width.setAttribute('aria-valuetext', fixed(w));
    box.dataset.output = output;
  };
  const follow = (event) => {
    const { x } = new DOMPoint(event.clientX, event.clientY)
      .matrixTransform(svg.getScreenCTM().inverse());
    query.value = first + (x - 34) / 678 * (last - first);
    draw();
  };
  svg.addEventListener('click', follow);
  let before = query.value;
  svg.addEventListener('pointercancel', () => {
    query.value = before; // it was a swipe that scrolls the page
    draw();
  });
  svg.addEventListener('pointerdown', (event) => {
    before = query.value;
    svg.setPointerCapture(event.pointerId);
    if (event.pointerType !== 'mouse') return;
    follow(event);
    event.preventDefault();
  });
  svg.addEventListener('pointermove', (event) => {
    if (svg.hasPointerCapture(event.pointerId)) follow(event);
  });
  box.addEventListener('input', draw);
  get('.controls').hidden = false;
  draw();
})();
