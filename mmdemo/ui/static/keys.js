// The keyboard: arrows, Home and End turn tabs, Tab passes a row of tabs in one step, and the first link of the page goes
// to the answer.
(() => {
  const tabsOf = (list) => [...list.querySelectorAll('[role="tab"]')].filter((tab) => tab.offsetWidth && !tab.disabled);
  const rove = () => document.querySelectorAll('[role="tab"]').forEach((tab) => {
    tab.tabIndex = tab.getAttribute('aria-selected') === 'true' ? 0 : -1;
  });
  const TO = {
    ArrowLeft: (i, n) => (i + n - 1) % n, ArrowRight: (i, n) => (i + 1) % n, Home: () => 0, End: (i, n) => n - 1,
  };
  document.addEventListener('keydown', (event) => {
    const tab = event.target.closest?.('[role="tab"]'), to = TO[event.key];
    if (!tab || !to || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const tabs = tabsOf(tab.closest('[role="tablist"]')), next = tabs[to(tabs.indexOf(tab), tabs.length)];
    next.click();
    next.focus();
  });
  document.addEventListener('click', (event) => {
    if (!event.target.closest?.('.mm-skip')) return;
    event.preventDefault(); // what stands behind "#" is the address of the visit
    const panel = document.getElementById(`${document.body.dataset.tab ?? 'match'}-tab`);
    panel.tabIndex = -1;
    panel.focus();
    panel.scrollIntoView({block: 'start'});
  });
  addEventListener('mm-answered', rove);
  document.addEventListener('DOMContentLoaded', () => {
    new MutationObserver(rove).observe(document.body, {subtree: true, attributeFilter: ['aria-selected']});
  });
})();
