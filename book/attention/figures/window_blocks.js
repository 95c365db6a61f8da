(() => {
  const box = document.getElementById('ID'), n = DATA.n;
  const input = box.querySelector('input'), says = box.querySelector('[role=status]');
  const tables = [...box.querySelectorAll('.table')].map((table) => table.children);
  const draw = () => {
    const window = Number(input.value) + 1;
    let used = 0, computed = 0;
    for (let i = 0; i < n; i += 1) {
      for (let j = 0; j < n; j += 1) {
        const seen = i - window < j && j <= i;
        const behind = Math.floor(i / window) - Math.floor(j / window);
        const made = behind === 0 || behind === 1;
        used += seen;
        computed += made;
        tables[0][i * n + j].className = seen ? 'seen' : 'made';
        tables[1][i * n + j].className = seen ? 'seen' : made ? 'made' : 'left';
      }
    }
    box.querySelector('label b').textContent = window;
    says.textContent = `Window ${window}: ${used} scores are used. As a mask all ${n * n} ` +
      `are computed, by blocks ${computed}.`;
    input.setAttribute('aria-valuetext', `${window} keys`);
  };
  input.closest('label').hidden = false;
  input.addEventListener('input', draw);
  draw();
})();
