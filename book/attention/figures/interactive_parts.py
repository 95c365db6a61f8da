"""Style and script of the slider; capitals stand for what is filled in."""

SLIDER_STYLE = """
#ID svg { width: 100%; max-width: 30rem; height: auto }
#ID .axis { stroke: currentColor; stroke-width: 1; fill: none }
#ID .dot { fill: none; stroke: currentColor; opacity: 0.75 }
#ID .truth { stroke: SECOND; stroke-width: 2; stroke-dasharray: 6 4; fill: none }
#ID .line { stroke: COLOR; stroke-width: 3; fill: none; stroke-linejoin: round }
#ID label { display: flex; flex-wrap: wrap; gap: 0.2rem 0.8rem; align-items: center;
  margin: 0.4rem 0 0; max-width: 30rem }
#ID input { flex: 1 1 12rem; min-height: 24px; accent-color: COLOR }
"""
SLIDER_SCRIPT = """
(() => {
  const box = document.getElementById('ID'), data = DATA;
  const line = box.querySelector('.line'), says = box.querySelector('[role=status]');
  const input = box.querySelector('input');
  const draw = () => {
    const at = Number(input.value);
    const places = data.y[at].map((y, i) => data.x[i] + ' ' + y);
    line.setAttribute('d', 'M' + places.join('L'));
    says.textContent = data.sentences[at];
    input.setAttribute('aria-valuetext', data.positions[at]);
  };
  input.addEventListener('input', draw);
  draw();
})();
"""
