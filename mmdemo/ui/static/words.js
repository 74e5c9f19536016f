// Words of the Attention tab: press one, tell the server which. `element` is the row of words.
element.addEventListener('click', (event) => {
  const button = event.target.closest('.mm-word');
  if (!button) return;
  for (const other of element.querySelectorAll('.mm-word')) {
    other.setAttribute('aria-pressed', String(other === button));
  }
  trigger('click', {word: button.dataset.word === undefined ? null : Number(button.dataset.word)});
});
