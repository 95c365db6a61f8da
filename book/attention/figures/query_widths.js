(() => {
  const box = document.getElementById('ID'), data = DATA;
  const input = box.querySelector('input'), says = box.querySelector('[role=status]');
  const drawings = [...box.querySelectorAll('svg')];
  const softmax = (row) => {
    const top = Math.max(...row), exp = row.map((s) => Math.exp(s - top));
    const sum = exp.reduce((a, b) => a + b, 0);
    return exp.map((e) => e / sum);
  };
  const show = (svg, scores) => {
    const weights = scores.map(softmax);
    const marks = weights.map((w) => {
      const [x, y] = [0, 1].map((c) =>
        w.reduce((sum, a, i) => sum + a * data.values[i][c], 0));
      const [left, top] = [140 + 104 * x, 154 - 104 * y - 5];
      return `M${left.toFixed(1)} ${top.toFixed(1)}l5 5 -5 5 -5 -5z`;
    });
    svg.querySelector('.output').setAttribute('d', marks.join(''));
    svg.querySelector('.score').setAttribute('d', scores.flat().map((s) =>
      `M${(140 + 22 * Math.asinh(s)).toFixed(1)} 288v18`).join(''));
    const all = scores.flat(), mean = all.reduce((a, b) => a + b, 0) / all.length;
    return {
      stuck: weights.filter((w) => Math.max(...w) > 0.95).length,
      variance: all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length,
    };
  };
  const draw = () => {
    const width = data.widths[input.value], scores = data.scores[input.value];
    const raw = show(drawings[0], scores), root = Math.sqrt(width);
    const divided = show(drawings[1], scores.map((row) => row.map((s) => s / root)));
    says.textContent = `Width ${width}: as they are, the scores have a variance of `
      + `${raw.variance.toFixed(1)}, and ${raw.stuck} of ${scores.length} outputs sit `
      + `on a corner. Divided, ${divided.variance.toFixed(1)}, and `
      + `${divided.stuck} do.`;
    input.previousElementSibling.textContent = width;
    input.setAttribute('aria-valuetext', width);
  };
  input.addEventListener('input', draw);
  input.parentElement.hidden = false;
  draw();
})();
