// Captions: press a word for its map and for what else was likely there, press a caption for its words. All of it came
// with the answer, so nothing is asked. `element` holds the answer.
const press = (word) => {
  const caption = word.closest('.mm-caption').dataset.caption;
  element.querySelectorAll('.mm-word').forEach((one) => one.setAttribute('aria-pressed', String(one === word)));
  const heat = element.querySelector('.mm-heat'); // none of a model that does not say where it read
  if (heat) {
    heat.src = word.dataset.map;
    element.querySelector('.mm-stage').setAttribute('aria-label', word.dataset.label);
  }
  element.querySelectorAll('.mm-caption-others section').forEach((one) => {
    one.hidden = one.dataset.caption !== caption || one.dataset.word !== word.dataset.word;
  });
};
element.addEventListener('click', (event) => {
  const word = event.target.closest('.mm-word'), pick = event.target.closest('.mm-caption-pick');
  if (word) press(word);
  if (!pick) return;
  element.querySelectorAll('.mm-caption-pick').forEach((one) => one.setAttribute('aria-pressed', String(one === pick)));
  element.querySelectorAll('.mm-caption').forEach((one) => { one.hidden = one.dataset.caption !== pick.dataset.caption; });
  press(element.querySelector('.mm-caption:not([hidden]) .mm-word'));
});
