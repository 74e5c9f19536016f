// The chain: a press on one of its boxes turns to that box's tab. `element` holds the chain.
element.addEventListener('click', (event) => {
  const door = event.target.closest('[data-door]');
  if (!door) return;
  document.getElementById(`${door.dataset.door}-tab-button`)?.click();
  document.getElementById('tabs').scrollIntoView({block: 'start', behavior: 'smooth'});
});
