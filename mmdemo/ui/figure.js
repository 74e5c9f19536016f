// The map on the Attention tab: a click on a place asks which words looked there. `element` holds the figure.
element.addEventListener('click', (event) => {
  const stage = event.target.closest('.mm-stage[data-grid]');
  if (!stage) return;
  const [rows, columns] = stage.dataset.grid.split(',').map(Number);
  const frame = stage.getBoundingClientRect();
  const at = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  const row = at((event.clientY - frame.top) / frame.height, rows);
  const column = at((event.clientX - frame.left) / frame.width, columns);
  let mark = stage.querySelector('.mm-place');
  if (!mark) {
    mark = document.createElement('i');
    mark.className = 'mm-place';
    stage.append(mark);
  }
  mark.style.cssText = `left:${100 * column / columns}%;top:${100 * row / rows}%;`
    + `width:${100 / columns}%;height:${100 / rows}%`;
  trigger('select', {row: row, column: column});
});
