// Buttons in a row (the crosses on the photos of the matrix, example questions): a press tells the server which one.
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-index]');
  if (button) trigger('click', {index: Number(button.dataset.index)});
});
