(() => {
  const box = document.getElementById('ID'), data = DATA, z = data.logits;
  const inputs = [...box.querySelectorAll('input')], says = box.querySelector('[role=status]');
  const bars = [...box.querySelectorAll('.bars span')], decades = 5;
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  const apply = ({ heat, k, p }) => {
    const exps = z.map((logit) => Math.exp((logit - z[0]) / heat));
    const total = sum(exps), first = sum(exps.slice(0, k));
    let before = 0;
    const kept = exps.map((x, i) => {
      const stays = i < k && (i === 0 || p >= 1 || before < p);
      before += x / first;
      return stays;
    });
    return [exps.map((x) => x / total), kept];
  };
  const rise = (p) => Math.max(0, 100 * (1 + Math.log10(Math.max(p, 1e-12)) / decades));
  const draw = () => {
    const [heat, k, p] = inputs.map((input) => Number(input.value));
    const at = { heat: data.heats[heat], k: k + 1, p: data.masses[p] };
    const [shares, kept] = apply(at), mass = sum(shares.filter((x, i) => kept[i]));
    const shown = shares.map((x, i) => kept[i] ? x / mass : x);
    bars.forEach((bar, i) => {
      const last = i === bars.length - 1;
      const own = last ? sum(shown.slice(i)) : shown[i];
      bar.classList.toggle('cut', !kept[i]);
      bar.firstChild.style.height = `${rise(own).toFixed(1)}%`;
    });
    const left = kept.filter(Boolean).length;
    const first = shares.slice(0, Math.min(3, left)).map((x, i) =>
      `${data.names[i]} ${(x / mass).toFixed(2)}`).join(', ');
    const values = [String(at.heat), String(at.k), at.p.toFixed(2)];
    inputs.forEach((input, i) => {
      input.setAttribute('aria-valuetext', values[i]);
      input.nextSibling.textContent = values[i];
    });
    says.textContent = `τ = ${values[0]}, k = ${at.k}, p = ${values[2]}: ${left} of `
      + `${z.length} are left, with ${(100 * mass).toFixed(0)}% of the probability. `
      + `Drawn from now: ${first}${left > 3 ? ' …' : ''}`;
  };
  inputs.forEach((input) => input.addEventListener('input', draw));
  box.querySelector('.set').hidden = false;
  draw();
})();
