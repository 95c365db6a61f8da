(() => {
  const box = document.getElementById('ID'), data = DATA;
  const input = box.querySelector('input'), says = box.querySelector('[role=status]');
  const cells = box.querySelectorAll('.state i'), boxes = box.querySelectorAll('.pairs i');
  const dot = box.querySelector('.dot'), n = boxes.length;
  const [rows, columns] = data.sides;
  const draw = () => {
    const at = Number(input.value), written = at + 1;
    cells.forEach((cell, i) => {
      cell.style.setProperty('--a', parseInt(data.tones[at][i], 16) / 10);
    });
    boxes.forEach((one, j) => {
      one.className = j > at ? 'todo' : data.right[at][j] === '1' ? 'yes' : 'no';
    });
    const right = data.right[at].split('1').length - 1;
    dot.style.setProperty('--x', written / n);
    dot.style.setProperty('--y', right / n);
    says.textContent = `${written} pairs written, ${right} recalled ` +
      `(${Math.round(100 * right / written)}%) from ${rows * columns} numbers. A cache ` +
      `would hold ${written * (rows + columns)} numbers, and a softmax over it recalls all.`;
    input.setAttribute('aria-valuetext', `${written} pairs, ${right} recalled`);
  };
  input.closest('label').hidden = false;
  input.addEventListener('input', draw);
  draw();
})();
