(() => {
  const box = document.getElementById('ID'), data = DATA;
  const says = box.querySelector('[role=status]'), root = box.querySelector('.window');
  const [place, width] = box.querySelectorAll('input');
  const scores = [...box.querySelectorAll('.low > i')];
  const weights = [...box.querySelectorAll('.bars:not(.low) > i')];
  const bell = box.querySelector('path');
  const draw = () => {
    const k = Number(width.value), at = Number(place.value);
    const p = at / data.per, d = data.widths[k];
    const before = data.before[k][at], after = data.after[k][at];
    root.style.setProperty('--p', p);
    root.style.setProperty('--d', d);
    scores.forEach((bar, i) => {
      bar.className = Math.abs(i - p) <= d ? 'on' : 'off';
    });
    weights.forEach((bar, i) => {
      bar.style.setProperty('--w', before[i] / 1000);
      bar.style.setProperty('--v', after[i] / 1000);
    });
    bell.setAttribute('d', data.bells[k]);
    bell.setAttribute('transform', `translate(${p + 0.5} 0)`);
    const left = after.reduce((sum, weight) => sum + weight, 0) / 1000;
    says.textContent = `p = ${p.toFixed(2)}, D = ${d}: the window reaches from ` +
      `${(p - d).toFixed(2)} to ${(p + d).toFixed(2)}. The softmax in it sums to 1; ` +
      `times the Gaussian ${left.toFixed(2)} is left.`;
    place.setAttribute('aria-valuetext', `p = ${p.toFixed(2)}`);
    width.setAttribute('aria-valuetext', `D = ${d}`);
  };
  box.querySelector('.controls').hidden = false;
  place.addEventListener('input', draw);
  width.addEventListener('input', draw);
  draw();
})();
