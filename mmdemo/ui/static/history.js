// This visit: every answer that has come, to go back to, and one of them pinned below the new ones. All of it is in this
// page's memory and ends with it. `visit.js` says when an answer has come; the places are `visited.html` and `pin.html`.
(() => {
  const MOST = 30;
  const visited = []; // newest first: {tab, address, state, thumbnail, sentence, headline}
  const latest = {}; // tab -> the one whose answer stands there

  const element = (name) => document.getElementById(name);
  const made = (tag, css, text = '') => {
    const node = document.createElement(tag);
    node.className = css;
    node.textContent = text;
    return node;
  };
  const picture = (source) => {
    const image = made(source ? 'img' : 'i', 'mm-thumbnail');
    if (source) { image.src = source; image.alt = ''; }
    return image;
  };

  // ---- the list

  const draw = () => {
    const place = element('visited'), narrow = matchMedia('(max-width: 900px)').matches;
    const column = element(narrow ? 'answers' : 'pair');
    if (place.parentElement !== column) column.append(place);
    place.querySelector('details').hidden = false;
    place.querySelector('ol').replaceChildren(...visited.map((one, i) => {
      const item = document.createElement('li'), button = made('button', 'mm-visited'), words = made('span', '');
      button.type = 'button';
      button.dataset.visited = i;
      const sentence = made('span', '', one.sentence);
      sentence.dir = 'auto';
      words.append(sentence, made('b', '', `${element(`${one.tab}-tab-button`).textContent.trim()} · ${one.headline}`));
      button.append(picture(one.thumbnail), words);
      item.append(button);
      return item;
    }));
  };
  const remember = ({tab, address, state}) => {
    const panel = element(`${tab}-tab`), said = panel?.querySelector('.mm-headline strong, .mm-explained');
    const door = document.querySelector('#chain .mm-door-pair');
    const one = {
      tab, address, state, thumbnail: door?.querySelector('img')?.src, headline: said?.textContent.trim() ?? '',
      sentence: door?.querySelector('span')?.textContent.trim() ?? '',
    };
    latest[tab] = one;
    const same = visited.findIndex((other) => other.address === address && other.state.path === state.path);
    if (same >= 0) visited.splice(same, 1);
    visited.unshift(one);
    visited.length = Math.min(visited.length, MOST);
    panel?.querySelector('.mm-pin')?.removeAttribute('hidden'); // the tab may have been left meanwhile
    draw();
  };
  const goBack = ({address, state}) => {
    history.pushState(state, '', location.pathname + location.search + (address && `#${address}`));
    dispatchEvent(new PopStateEvent('popstate', {state}));
  };

  // ---- the pinned one

  // A copy that can only be read: nothing in it has an id, takes the focus or reports by itself.
  const still = (answer) => {
    const copy = answer.cloneNode(true);
    [copy, ...copy.querySelectorAll('.mm-answer')].forEach((node) => node.classList.replace('mm-answer', 'mm-pinned-answer'));
    copy.querySelectorAll('.mm-save, input, select, textarea, label').forEach((node) => node.remove());
    copy.querySelectorAll('button').forEach((button) => {
      const read = made('div', button.className);
      read.append(...button.childNodes);
      button.replaceWith(read);
    });
    [copy, ...copy.querySelectorAll('*')].forEach((node) => {
      ['id', 'tabindex', 'aria-busy', 'aria-live', 'data-grid'].forEach((name) => node.removeAttribute(name));
      if (node.getAttribute('role') === 'status') node.removeAttribute('role');
    });
    return copy;
  };
  const unpin = () => document.querySelectorAll('.mm-pinned').forEach((place) => {
    place.hidden = true;
    place.querySelectorAll('.mm-thumbnail').forEach((node) => node.remove());
    place.lastElementChild.replaceChildren();
  });
  const pin = (tab) => {
    const panel = element(`${tab}-tab`), place = panel.querySelector('.mm-pinned'), one = latest[tab];
    const answers = [...panel.querySelectorAll('.mm-answer')] // gradio gives the class to two, one within the other
      .filter((answer) => answer.offsetHeight && !answer.parentElement.closest('.mm-answer'));
    unpin();
    place.querySelector('header').prepend(picture(one.thumbnail));
    place.querySelector('h3 span').textContent = one.sentence;
    place.lastElementChild.replaceChildren(...answers.map(still));
    place.hidden = false;
  };

  // The event comes with the answer; a frame later the page shows it.
  addEventListener('mm-answered', (event) => requestAnimationFrame(() => setTimeout(() => remember(event.detail))));
  addEventListener('resize', () => { if (visited.length) draw(); });
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('.mm-visited, .mm-pin button, .mm-pinned button');
    if (!button) return;
    if (button.matches('.mm-visited')) goBack(visited[Number(button.dataset.visited)]);
    else if (button.closest('.mm-pinned')) unpin();
    else pin(button.closest('[id$="-tab"]').id.replace(/-tab$/, '')); // gradio says later which tab it turned to
  });
})();
