// A row of small photos, and below it which of the example's sentences: press one, tell the server which. `element` holds
// both; `visit.js` marks what is chosen.
const pick = (example, says) => {
  mm.picks(example.dataset.key);
  trigger('click', {index: Number(example.dataset.index), says});
};
element.addEventListener('click', (event) => {
  const example = event.target.closest('.mm-example'), say = event.target.closest('.mm-say');
  if (example) pick(example, 'true');
  if (say) pick(element.querySelector('.mm-example[aria-pressed="true"]'), say.dataset.says);
});
