// What this visit is about: the one photo and sentence of all tabs, which pair each tab's answer belongs to, and the
// address that says it. It runs before the page is built; the events of `pair.py` and `widgets.py` call it. The address
// keeps everything behind "#", which a browser never sends to a server.
window.mm = (() => {
  const pair = {photo: null, text: '', model: '', more: ''}; // as it stands in the fields; `model` is the one that answers
  const tabs = {}; // name -> {ask, open, begun, ended, asked, answered, pair}; the last three are keys
  const options = {}; // name in the address -> value, where it is not what the page opens with
  const paths = {}; // example -> where its photo lies on the server, once it was seen
  let page = null; // what the server says of the page: `visit.py`
  let current = 'match';
  let moving = false; // the tab is being turned by a link or by Back: that is no new place to go back to
  let drawn = null; // key of the pair that the chain shows
  let expected = null; // the example whose photo comes next
  let followed = null; // the place that is being restored
  let lost = false; // its own photo is not here any more: nothing is asked before there is another

  const element = (name) => document.getElementById(name);
  // What an answer hangs on; '' is the chain. A tab whose heads stand on the built-in model asks no other.
  const keyOf = (tab, {photo, text, model, more}) => JSON.stringify([
    photo?.path ?? null, text.trim(), tab === page.first ? more.trim() : null, !tab || page.readers.includes(tab) ? model : null,
  ]);
  const photoName = () => {
    if (!pair.photo) return 'none';
    return Object.keys(paths).find((name) => paths[name] === pair.photo.path) ?? 'own';
  };
  const WHICH = ['true', 'near', 'false'];
  const saysOf = (example, text) => example && WHICH.find((which) => example[which] === text);
  // What Match compares beside one of an example's sentences: its other two.
  const furtherLines = (example, says) =>
    (example ? WHICH.filter((which) => which !== (says ?? 'true')).map((which) => example[which]).join('\n') : '');

  // ---- the address

  const fragment = (tab = current) => {
    const kept = new URLSearchParams();
    const name = photoName(), example = page.examples[name];
    const says = saysOf(example, pair.text);
    if (tab !== page.first) kept.set('tab', tab);
    if (name !== page.opening) kept.set('photo', name);
    if (says && says !== 'true') kept.set('says', says);
    if (!says && (example || pair.text)) kept.set('text', pair.text);
    if (pair.more.trim() !== furtherLines(example, says)) kept.set('more', pair.more);
    Object.entries(options).forEach(([option, value]) => kept.set(option, value));
    return kept.toString();
  };
  const place = (address) => {
    const kept = new URLSearchParams(address.replace(/^#/, ''));
    const photo = kept.get('photo') ?? page.opening, example = page.examples[photo];
    const given = {}, says = kept.has('text') ? undefined : kept.get('says');
    Object.keys(page.options).forEach((option) => { if (kept.has(option)) given[option] = kept.get(option); });
    return {
      tab: kept.get('tab') ?? page.first, photo, options: given,
      text: kept.get('text') ?? example?.[says ?? 'true'] ?? '', more: kept.get('more') ?? furtherLines(example, says),
    };
  };
  const stateNow = () => ({path: photoName() === 'own' ? pair.photo.path : null});
  const remember = (how) => {
    const kept = fragment(), now = location.hash.replace(/^#/, '');
    if (kept === now && how === 'pushState') return;
    history[how](stateNow(), '', location.pathname + location.search + (kept && `#${kept}`));
  };
  // Go where an address says; `path` is where an own photo lies, if this window still knows.
  const follow = (address, path) => {
    const to = place(address);
    const same = to.photo === photoName() && to.text === pair.text && to.more.trim() === pair.more.trim()
      && JSON.stringify(to.options) === JSON.stringify(options);
    if (same) { turn(to.tab); return; }
    followed = to;
    expected = page.examples[to.photo] ? to.photo : null;
    when(() => tabs.restore, () => tabs.restore.ask({photo: to.photo, path: path ?? null, text: to.text, more: to.more, ...to.options}));
  };

  // ---- asking

  const when = (ready, go, tries = 100) => {
    if (ready()) go();
    else if (tries) setTimeout(() => when(ready, go, tries - 1), 50);
  };
  const needed = (tab) => {
    const known = tabs[tab], key = keyOf(tab, pair);
    return !lost && known.answered !== key && !(known.begun > known.ended && known.asked === key);
  };
  const opens = (tab) => {
    const example = page.examples[page.opening];
    return photoName() === page.opening && pair.text === example.true && pair.model === page.model && pair.more.trim() === furtherLines(example)
      && tabs[tab].answered === undefined && !Object.keys(options).some((option) => option.startsWith(`${tab}.`));
  };
  const ask = (tab) => { if (opens(tab)) tabs[tab].open({}); else tabs[tab].ask({}); };
  const refresh = () => {
    if (!page) return;
    const asking = Object.keys(tabs).filter((tab) => tab !== 'restore');
    const old = asking.filter((tab) => tabs[tab].answered !== undefined && tabs[tab].answered !== keyOf(tab, pair));
    element('tabs')?.setAttribute('data-old', old.join(' '));
    asking.forEach((tab) => element(`${tab}-tab`)?.toggleAttribute('data-mm-old', old.includes(tab)));
    asking.filter((tab) => tabs[tab].answered === undefined && (lost || (tabs[tab].ended && tabs[tab].ended >= tabs[tab].begun)))
      .forEach((tab) => document.querySelectorAll(`#${tab}-tab .mm-waiting p`).forEach((line) => { line.textContent = page.empty; }));
    const waiting = asking.filter((tab) => tabs[tab].begun > tabs[tab].ended);
    element('tabs')?.setAttribute('data-asking', waiting.join(' '));
    element('chain')?.classList.toggle('mm-old', drawn !== null && drawn !== keyOf('', pair));
    element('pair-button')?.classList.toggle('mm-due', old.includes(current));
    const name = photoName(), example = page.examples[name], says = saysOf(example, pair.text);
    const press = (button, held) => button.setAttribute('aria-pressed', String(held));
    document.querySelectorAll('.mm-example').forEach((button) => press(button, button.dataset.key === name));
    document.querySelectorAll('.mm-say').forEach((button) => press(button, button.dataset.says === says));
    document.querySelector('.mm-says')?.toggleAttribute('hidden', !example);
    document.querySelectorAll('.mm-lesson').forEach((lesson) => lesson.toggleAttribute('hidden', lesson.dataset.key !== name || !says));
  };
  const turn = (tab) => {
    const button = element(`${tab}-tab-button`);
    if (!button) return;
    moving = true;
    if (button.getAttribute('aria-selected') === 'true') turned(tab);
    else button.click();
  };
  const turned = (tab) => {
    // gradio selects the first tab before the page begins, or while it restores a place: nobody turned to it
    if (!page || (followed && !moving && tab === current)) return;
    current = tab;
    document.body.dataset.tab = tab;
    if (!moving) remember('pushState');
    moving = false;
    if (page.asking.includes(tab)) when(() => tabs[tab], () => { if (needed(tab)) ask(tab); });
    refresh();
  };
  const uses = (model) => {
    pair.model = model;
    if (model === page.model) delete document.body.dataset.hub;
    else document.body.dataset.hub = page.tasks[model] ?? ''; // what the picked model does
  };
  const filled = (photo, text, model, more) => {
    Object.assign(pair, {photo, text: text ?? '', more: more ?? ''});
    uses(model);
    if (expected && photo) paths[expected] = photo.path;
    expected = null;
    refresh();
  };

  return {
    // A tab, or what restores a place: how it is asked, and how it is opened with the answer that is the same for all.
    register: (tab, events) => { tabs[tab] = {begun: 0, ended: 0, ...events}; },
    start: (...fields) => {
      page = JSON.parse(element('mm-page').dataset.page);
      expected = page.opening;
      filled(...fields);
      const link = document.querySelector('.mm-head nav a'), other = link.getAttribute('href');
      link.addEventListener('click', () => {
        const kept = fragment();
        link.href = other + location.search + (kept && `#${kept}`);
        if (photoName() === 'own') sessionStorage.setItem('mm-photo', pair.photo.path);
      });
      window.addEventListener('popstate', (event) => follow(location.hash, event.state?.path));
      const loaded = performance.getEntriesByType('navigation')[0]?.type;
      const carried = sessionStorage.getItem('mm-photo') ?? (loaded === 'back_forward' ? history.state?.path : null);
      sessionStorage.removeItem('mm-photo');
      follow(location.hash, loaded === 'reload' ? null : carried);
    },
    restored: (...fields) => {
      Object.keys(options).forEach((option) => delete options[option]);
      Object.assign(options, followed?.options);
      lost = followed?.photo === 'own' && !fields[0];
      filled(...fields);
      turn(followed?.tab ?? current);
      followed = null;
    },
    photo: (photo) => {
      pair.photo = photo;
      if (photo) lost = false;
      if (expected && photo) { paths[expected] = photo.path; expected = null; }
      refresh();
    },
    text: (text) => { pair.text = text ?? ''; refresh(); },
    more: (more) => { pair.more = more ?? ''; refresh(); },
    option: (name, value) => {
      if (!page) return;
      if (String(value) === String(page.options[name])) delete options[name];
      else options[name] = String(value);
      remember('replaceState');
    },
    picks: (example) => { expected = example; },
    // Everything is asked about what stands in the fields now; a tab that answers nothing gives way to the first.
    press: () => { lost = false; if (page.asking.includes(current)) ask(current); else turn(page.first); },
    pressed: (...fields) => { filled(...fields); window.mm.press(); },
    // Another model answers from now on: the open tab is asked with it, and the chain above it.
    model: (name) => {
      if (!page || name === pair.model) return;
      uses(name);
      refresh();
      if (page.asking.includes(current) && !lost && (needed(current) || drawn !== keyOf('', pair))) ask(current);
    },
    turn, turned,
    // An answer begins; `given` are the photo, the sentence, the model and, on the first tab, the lines that were sent.
    begin: (tab, given) => {
      const sent = given.length ? {photo: given[0], text: given[1] ?? '', model: given[2], more: (tab === page.first ? given[3] : pair.more) ?? ''} : pair;
      tabs[tab].begun += 1;
      tabs[tab].asked = keyOf(tab, sent);
      tabs[tab].pair = keyOf('', sent);
      refresh();
      remember('pushState');
      tabs[tab].place = {tab, address: fragment(tab), state: stateNow()};
    },
    // It has come, or has failed: true once no newer one is on its way.
    end: (tab, well) => {
      tabs[tab].ended += 1;
      const last = tabs[tab].ended >= tabs[tab].begun;
      if (last && well) { tabs[tab].answered = tabs[tab].asked; drawn = tabs[tab].pair; }
      refresh();
      if (last && well) dispatchEvent(new CustomEvent('mm-answered', {detail: tabs[tab].place})); // to `history.js`
      return last;
    },
  };
})();
