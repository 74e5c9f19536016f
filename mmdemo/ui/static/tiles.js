// Small maps to choose from: press one, tell the server which method, layer and head. `element` holds the tiles. They
// may still be coming in, one after the other, and each time all are drawn anew: what was pressed meanwhile stays so.
let held = null; // the tile that was pressed, until the last ones have come
const press = () => {
  for (const tile of element.querySelectorAll('.mm-tile')) {
    const same = ['method', 'layer', 'head'].every((name) => tile.dataset[name] === held[name]);
    if (tile.getAttribute('aria-pressed') !== String(same)) tile.setAttribute('aria-pressed', String(same));
  }
};
new MutationObserver(() => {
  if (!held) return;
  press();
  if (!element.closest('#attention-parts')?.matches('[aria-busy]')) held = null;
}).observe(element, {childList: true, subtree: true});
element.addEventListener('click', (event) => {
  const tile = event.target.closest('.mm-tile');
  if (!tile) return;
  held = {...tile.dataset};
  press();
  const number = (text) => (text === undefined ? null : Number(text));
  trigger('click', {
    method: tile.dataset.method, layer: number(tile.dataset.layer), head: number(tile.dataset.head),
  });
});
