(() => {
  const box = document.getElementById('ID'), data = DATA, times = {};
  const says = box.querySelector('[role=status]'), kinds = Object.keys(data.bars);
  const count = () => Number(box.querySelector('input:checked').value);
  const bar = ([x, y], lying) => {
    const [wide, high] = lying ? [28, 9] : [9, 28];
    return `M${x - wide / 2} ${y - high / 2}h${wide}v${high}h-${wide}z`;
  };
  const draw = (panel, at) => {
    const { kind } = panel.dataset, places = data.places[at][kind];
    const group = panel.querySelector('g'), ring = panel.querySelector('.ring');
    const one = group.firstElementChild;
    group.replaceChildren(...data.bars[kind].slice(0, count()).map(([red, lying], i) => {
      const part = one.cloneNode();
      part.setAttribute('class', red ? 'red' : 'green');
      part.setAttribute('d', bar(places[i], lying));
      return part;
    }));
    ring.setAttribute('cx', places[0][0]);
    ring.setAttribute('cy', places[0][1]);
  };
  const tell = () => {
    const means = kinds.filter((kind) => times[kind]?.length).map((kind) => {
      const all = times[kind], mean = all.reduce((a, b) => a + b, 0) / all.length;
      return `${data.titles[kind]}: ${mean.toFixed(1)} s, mean of ${all.length}.`;
    });
    says.textContent = `With ${count()} bars. ${means.join(' ')}`;
  };
  box.querySelectorAll('.panel').forEach((panel) => {
    const button = panel.querySelector('button'), { kind } = panel.dataset;
    let at = 0, start = 0;
    button.hidden = false;
    button.addEventListener('click', () => {
      const running = panel.classList.toggle('running');
      panel.classList.toggle('found', !running);
      if (running) {
        at = (at + 1) % data.places.length;
        draw(panel, at);
        button.textContent = 'Found it';
        start = performance.now();
        return;
      }
      button.textContent = `Again: ${data.titles[kind]}`;
      (times[kind] ??= []).push((performance.now() - start) / 1000);
      tell();
    });
    box.addEventListener('change', () => {
      panel.classList.remove('running', 'found');
      button.textContent = `Start: ${data.titles[kind]}`;
      times[kind] = [];
      draw(panel, at);
    });
  });
  box.querySelector('fieldset').hidden = false;
})();
