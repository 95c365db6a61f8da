(() => {
  const box = document.getElementById('ID'), data = DATA;
  const shade = box.querySelector('.shade'), gaze = box.querySelector('.gaze');
  const input = box.querySelector('input'), says = box.querySelector('[role=status]');
  const play = document.createElement('button');
  let playing = 0;
  const draw = () => {
    const at = Number(input.value);
    shade.setAttribute('href', data.shades[at]);
    gaze.setAttribute('cx', data.gaze[at][0]);
    gaze.setAttribute('cy', data.gaze[at][1]);
    says.textContent = data.sentences[at];
    input.setAttribute('aria-valuetext', data.positions[at]);
  };
  const stop = () => {
    clearInterval(playing);
    playing = 0;
    play.textContent = '▶ play';
    says.setAttribute('aria-live', 'polite'); // says the last sentence, not each
    draw();
  };
  const step = () => {
    input.value = Number(input.value) + 1;
    if (input.value === input.max) stop();
    else draw();
  };
  play.type = 'button';
  play.addEventListener('click', () => {
    if (playing) return stop();
    if (input.value === input.max) input.value = 0;
    says.setAttribute('aria-live', 'off');
    play.textContent = '■ stop';
    draw();
    playing = setInterval(step, 4000 / data.sentences.length);
  });
  input.addEventListener('input', stop);
  input.parentElement.hidden = false;
  input.parentElement.after(play);
  stop();
})();
