// Rows of the Fusion tab: press one, tell the server which. `element` holds the answer with the rows in it.
element.addEventListener('click', (event) => {
  const row = event.target.closest('button.mm-fusion');
  if (!row) return;
  trigger('click', {fusion: row.dataset.fusion});
  if (!matchMedia('(max-width: 900px)').matches) return;
  // On a phone what changes stands below the screen: "One fusion, closer" is brought into view.
  document.getElementById('fusion-closer-button')?.click();
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  document.getElementById('fusion-parts').scrollIntoView({block: 'start', behavior: calm ? 'auto' : 'smooth'});
});
