// Small maps to choose from: press one, tell the server which method, layer and head. `element` holds the tiles.
element.addEventListener('click', (event) => {
  const tile = event.target.closest('.mm-tile');
  if (!tile) return;
  for (const other of element.querySelectorAll('.mm-tile')) {
    other.setAttribute('aria-pressed', String(other === tile));
  }
  const number = (text) => (text === undefined ? null : Number(text));
  trigger('click', {
    method: tile.dataset.method, layer: number(tile.dataset.layer), head: number(tile.dataset.head),
  });
});
