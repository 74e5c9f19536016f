// A row of small photos: press one, tell the server which. `element` holds the row.
element.addEventListener('click', (event) => {
  const button = event.target.closest('.mm-example');
  if (button) trigger('click', {index: Number(button.dataset.index)});
});
