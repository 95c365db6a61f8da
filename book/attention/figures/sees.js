(() => {
  const box = document.getElementById('ID'), data = DATA;
  const input = box.querySelector('input'), rows = box.querySelectorAll('tr');
  const draw = () => {
    const at = Number(input.value), word = data.words[at];
    rows.forEach((row, model) => row.querySelectorAll('td').forEach((cell, i) => {
      const seen = data.sees[model][at][i] === '1';
      cell.className = (seen ? 'seen' : 'unseen') + (i === at ? ' at' : '');
    }));
    const counts = data.names.map((name, model) =>
      `${name} ${data.sees[model][at].split('1').length - 1}`);
    box.querySelector('label b').textContent = word;
    box.querySelector('[role=status]').textContent =
      `At “${word}” a state has read, of ${data.words.length} words: ${counts.join('; ')}.`;
    input.setAttribute('aria-valuetext', word);
  };
  box.querySelector('table').addEventListener('click', (event) => {
    const cell = event.target.closest('td');
    if (cell) { input.value = cell.cellIndex - 1; draw(); }
  });
  input.addEventListener('input', draw);
  input.closest('label').hidden = false;
  draw();
})();
