// Rows of the Fusion tab: press one, tell the server which. `element` holds the answer with the rows in it.
element.addEventListener('click', (event) => {
  const row = event.target.closest('button.mm-fusion');
  if (row) trigger('click', {fusion: row.dataset.fusion});
});
