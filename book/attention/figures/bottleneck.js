(() => {
  const box = document.getElementById('ID'), data = DATA;
  const says = box.querySelector('[role=status]'), label = box.querySelector('label');
  const input = label.querySelector('input'), depth = data.depth;
  const blocks = [...box.querySelectorAll('.route')];
  const dots = [...box.querySelectorAll('.dot')], here = box.querySelector('.here');

  const pour = (svg, n) => {
    const top = 0.36 * depth, low = 0.64 * depth, v = data.vector;
    svg.querySelector('.pour').setAttribute('d',
      `M0 0H${n}L${v} ${top}V${low}L${n} ${depth}H0Z`);
  };
  const link = (svg, links) => {
    svg.innerHTML = links.map(([t, i, w]) =>
      `<path style="--w:${w}" d="M${i + 0.5} 0L${t + 0.5} ${depth}"/>`).join('');
  };
  const write = (row, read, written) => [...row.children].forEach((cell, t) => {
    const wrong = read[t] !== written[t];
    cell.className = wrong ? 'wrong' : '';
    cell.textContent = written[t] || (wrong ? '–' : '');
  });
  const draw = () => {
    const n = Number(input.value), read = data.text.slice(0, n);
    blocks.forEach((block, k) => {
      const route = data.routes[k], written = route.written[n - 2];
      [...block.querySelector('.read').children].forEach((cell, i) =>
        cell.classList.toggle('off', i >= n));
      const svg = block.querySelector('svg');
      if (route.links) link(svg, route.links[n - 2]); else pour(svg, n);
      write(block.querySelector('.written'), read, written);
      const right = [...read].filter((letter, t) => letter === written[t]).length;
      block.querySelector('.right').textContent = `${right} of ${n} right`;
      dots[k].style.setProperty('--x', n);
      dots[k].style.setProperty('--y', route.shares[n - 2]);
    });
    here.style.setProperty('--x', n);
    says.textContent = data.sentences[n - 2];
    input.setAttribute('aria-valuetext', `${n} letters`);
  };
  label.hidden = false;
  input.addEventListener('input', draw);
  draw();
})();
