// The map on the Attention tab: a click on a place, or the arrow keys, ask which words looked there. `element` holds the
// figure.
const STEPS = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};
const PAUSE = 250; // milliseconds without a key before the server is asked
const at = (place, count) => Math.min(count - 1, Math.max(0, place));
let asking = null;
const point = (stage, row, column, pause) => {
  const [rows, columns] = stage.dataset.grid.split(',').map(Number);
  const place = {row: at(row, rows), column: at(column, columns)};
  let mark = stage.querySelector('.mm-place');
  if (!mark) {
    mark = document.createElement('i');
    mark.className = 'mm-place';
    stage.append(mark);
  }
  mark.dataset.row = place.row;
  mark.dataset.column = place.column;
  mark.style.cssText = `left:${100 * place.column / columns}%;top:${100 * place.row / rows}%;`
    + `width:${100 / columns}%;height:${100 / rows}%`;
  clearTimeout(asking);
  asking = setTimeout(() => { if (stage.isConnected) trigger('select', place); }, pause);
};
element.addEventListener('click', (event) => {
  const stage = event.target.closest('.mm-stage[data-grid]');
  if (!stage) return;
  const [rows, columns] = stage.dataset.grid.split(',').map(Number);
  const frame = stage.getBoundingClientRect();
  const row = Math.floor((event.clientY - frame.top) / frame.height * rows);
  point(stage, row, Math.floor((event.clientX - frame.left) / frame.width * columns), 0);
});
element.addEventListener('keydown', (event) => {
  const stage = event.target.closest('.mm-stage[data-grid]');
  const step = STEPS[event.key];
  if (!stage || !step || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const mark = stage.querySelector('.mm-place');
  const middle = stage.dataset.grid.split(',').map((count) => Math.floor(Number(count) / 2));
  const from = mark ? [Number(mark.dataset.row), Number(mark.dataset.column)] : middle;
  point(stage, from[0] + (mark ? step[0] : 0), from[1] + (mark ? step[1] : 0), PAUSE);
});
