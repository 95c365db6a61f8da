(() => {
  const box = document.getElementById('ID'), data = DATA;
  const bytes = atob(data.weights), grid = box.querySelector('.grid');
  const cells = grid.querySelectorAll('i'), input = box.querySelector('input');
  const bars = Array.from(box.querySelectorAll('tbody tr'), (row) =>
    row.querySelectorAll('td span'));
  const weight = (head, side, key) => {
    const at = 2 * ((head * 2 + side) * data.keys + key);
    return (bytes.charCodeAt(at) * 256 + bytes.charCodeAt(at + 1)) / 10000;
  };
  const say = (head) => {
    const both = data.names.map((name, side) => `${name}: ` + data.words.map((word, i) =>
      `${word} ${weight(head, side, data.marked[i]).toFixed(2)}`).join(', ')).join('; ');
    const how = { 1: 'turns the right way', '-1': 'turns the wrong way',
      0: 'does not turn' };
    return `Layer ${Math.floor(head / data.heads)}, head ${head % data.heads}, ${both}. `
      + `It ${how[data.turns[head]]}.`;
  };
  const draw = () => {
    const head = Number(input.value);
    cells.forEach((cell, i) => cell.classList.toggle('on', i === head));
    bars.forEach((pair, key) => pair.forEach((bar, side) => {
      const share = weight(head, side, key);
      bar.firstChild.style.width = `${(75 * share).toFixed(1)}%`;
      bar.lastChild.textContent = share.toFixed(2);
    }));
    const name = `layer ${Math.floor(head / data.heads)}, head ${head % data.heads}`;
    box.querySelector('label b').textContent = name;
    input.setAttribute('aria-valuetext', name);
    box.querySelector('[role=status]').textContent = say(head);
  };
  grid.addEventListener('click', (event) => {
    const head = [...cells].indexOf(event.target.closest('i'));
    if (head >= 0) { input.value = head; draw(); }
  });
  input.addEventListener('input', draw);
  input.closest('label').hidden = false;
  draw();
})();
