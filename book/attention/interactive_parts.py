"""Style and script of the interactive figures; capitals stand for what is filled in."""

STYLE = """
#ID { margin: 0 0 1rem; color: var(--pst-color-text-base, currentColor);
  font-size: 0.95rem; line-height: 1.35 }
#ID figcaption { font-weight: 600; margin: 0 0 0.4rem; text-align: left;
  color: inherit }
#ID [role=status] { margin: 0.5rem 0 0; min-height: 2.7em }
#ID svg { display: block; overflow: visible }
#ID svg text { fill: currentColor; font: 13px system-ui, sans-serif }
"""
EXPLORER_STYLE = """
#ID .grid { display: grid; margin: 0; max-width: 34rem; align-items: start;
  grid-template-columns: fit-content(45%) minmax(1.5rem, 1fr) minmax(8rem, 2fr) }
@media (max-width: 600px) { #ID .grid {
  grid-template-columns: fit-content(40%) minmax(1.5rem, 1fr) minmax(8rem, 5fr) } }
#ID fieldset { border: 0; margin: 0; padding: 0; min-width: 0 }
#ID .head, #ID legend { height: 28px; line-height: 28px; margin: 0; padding: 0;
  font-size: inherit; opacity: 0.85; white-space: nowrap }
#ID label.token { display: block; position: relative; margin: 0; cursor: pointer;
  height: 28px }
#ID label.token input { position: absolute; opacity: 0; inset: 0; margin: 0;
  width: 100%; height: 100%; cursor: pointer }
#ID .token span, #ID li { display: block; box-sizing: border-box; height: 28px;
  line-height: 24px; margin: 0; padding: 0 6px; border: 2px solid transparent;
  border-radius: 6px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
#ID .token span { text-align: right }
#ID .token input:checked + span { border-color: COLOR; font-weight: 600 }
#ID .token input:focus-visible + span { outline: 3px solid currentColor;
  outline-offset: -1px }
#ID ol { list-style: none; margin: 0; padding: 0 }
#ID li { display: flex; justify-content: space-between; gap: 0.5rem;
  border-radius: 0; border-width: 2px 0; background: padding-box no-repeat
    linear-gradient(COLOR66, COLOR66) 0 0 / calc(100% * var(--w)) 100% }
#ID li b { font-weight: 400; overflow: hidden; text-overflow: ellipsis }
#ID li span { font-variant-numeric: tabular-nums }
#ID path { stroke: COLOR; fill: none; vector-effect: non-scaling-stroke;
  stroke-width: calc(1px + 5px * var(--w)) }
#ID select { font: inherit; color: inherit; background: transparent; padding: 2px 6px;
  border: 1px solid currentColor; border-radius: 4px }
#ID option { color: #111; background: #fff }
"""
EXPLORER_SCRIPT = """
(() => {
  const box = document.getElementById('ID'), data = DATA;
  const all = (s) => [...box.querySelectorAll(s)];
  const radios = all('input'), items = all('li'), paths = all('path');
  const says = box.querySelector('[role=status]'), head = box.querySelector('select');
  const draw = () => {
    const h = head ? head.selectedIndex : 0, q = radios.findIndex((r) => r.checked);
    data.weights[h][q].forEach((w, k) => {
      items[k].style.setProperty('--w', w);
      items[k].lastElementChild.textContent = w.toFixed(2);
      paths[k].style.setProperty('--w', w);
      paths[k].style.opacity = Math.sqrt(w);
      paths[k].setAttribute('d', data.curve.replace('A', data.row * (q + 0.5))
        .replace('A', data.row * (q + 0.5)).replaceAll('B', data.row * (k + 0.5)));
    });
    says.textContent = data.sentences[h][q];
  };
  radios.forEach((r) => {
    r.addEventListener('change', draw);
    r.parentElement.addEventListener('pointerenter', (e) => {
      if (e.pointerType === 'mouse') { r.checked = true; draw(); }
    });
  });
  if (head) head.addEventListener('change', draw);
  draw();
})();
"""
CURVE = "M0 A C50 A 50 B 100 B"
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
