(() => {
  const box = document.getElementById('ID'), data = DATA;
  const input = box.querySelector('input');
  if (!input) return; // it stands still
  const bytes = atob(data.hits), size = data.heads, right = [];
  const bit = (i) => bytes.charCodeAt(i >> 3) >> (7 - (i & 7)) & 1;
  data.lucky.forEach((most, n) => {
    right.push(Array.from({ length: size }, (_, head) =>
      bit(n * size + head) + (n ? right[n - 1][head] : 0)));
  });
  const [cone, panel] = box.querySelectorAll('svg');
  const dots = panel.querySelectorAll(':scope > circle');
  const mark = panel.querySelector('.leader'), band = panel.querySelector('.band');
  const [top, bottom] = data.scale, up = (share) => bottom - share * (bottom - top);
  const percent = (share) => `${Math.floor(100 * share + 0.5)}%`;
  const name = (head) => {
    const each = size / data.layers;
    return `${Math.floor(head / each)}.${head % each}`;
  };
  const findBest = (counts) => counts.indexOf(Math.max(...counts));
  const last = findBest(right.at(-1));
  const say = (n) => {
    const shares = right[n - 1].map((count) => count / n);
    const wise = shares.filter((share) => share >= data.wise).length;
    const best = findBest(right[n - 1]);
    const equals = shares.filter((share) => share === shares[best]).length;
    const who = equals > 1 ? `are ${equals} heads` : `is ${name(best)}`;
    return `After ${n} sentence${n > 1 ? 's' : ''} ${wise || 'none'} of ${size} heads `
      + `look${wise < 2 ? 's' : ''} wise: right in three quarters or more. The `
      + `best ${who} with ${percent(shares[best])}; luck alone takes the best of `
      + `${size} coins up to ${percent(data.lucky[n - 1] / n)}.`;
  };
  const draw = () => {
    const at = Number(input.value), n = data.stops[at], high = data.lucky[n - 1] / n;
    const words = `${n} sentence${n > 1 ? 's' : ''}`;
    dots.forEach((dot, head) => {
      const share = right[n - 1][head] / n;
      dot.setAttribute('cy', up(share).toFixed(1));
      dot.classList.toggle('wise', share >= data.wise);
    });
    const x = dots[last].getAttribute('cx'), y = dots[last].getAttribute('cy');
    mark.setAttribute('transform', `translate(${x} ${y})`);
    mark.querySelector('text').setAttribute('y', y < top + 20 ? 22 : -11);
    band.setAttribute('y', up(high).toFixed(1));
    band.setAttribute('height', (up(1 - high) - up(high)).toFixed(1));
    const edge = `M${data.cursor[at]} ${top}V${bottom}`;
    cone.querySelector('.cursor').setAttribute('d', edge);
    panel.querySelector('.name').textContent = `after ${words}`;
    box.querySelector('label b').textContent = n;
    box.querySelector('[role=status]').textContent = say(n);
    input.setAttribute('aria-valuetext', words);
  };
  input.addEventListener('input', draw);
  input.value = 0;
  input.closest('label').hidden = false;
  draw();
})();
