// How `visit.js` asks a tab: "submit" with what stands in the fields, "click" for the answer that is the same for all.
const asker = element.querySelector('[data-asker]').dataset.asker;
mm.register(asker, {ask: (given) => trigger('submit', given), open: (given) => trigger('click', given)});
