// A question that finds no place in the queue: say so in the page's language, and ask again, some eight times.
(() => {
  const ask = window.fetch;
  const say = (sentence) => {
    let place = document.getElementById('mm-again');
    if (!place && sentence) {
      place = document.createElement('p');
      place.id = 'mm-again';
      place.setAttribute('role', 'status');
      document.body.append(place);
    }
    if (place) { place.textContent = sentence; place.hidden = !sentence; }
  };
  window.fetch = async (address, options) => {
    if (!/\/queue\/join(\?|$)/.test(String(address?.url ?? address))) return ask(address, options);
    for (let turn = 0; ; turn += 1) {
      const answer = await ask(address, options);
      if (answer.status !== 429 && answer.status !== 503) { say(''); return answer; }
      const told = await answer.text();
      if (turn === 8) { say(''); return new Response(told, {status: 429, headers: {'content-type': 'application/json'}}); }
      say(`${JSON.parse(told).detail} ${window.mmAgain}`);
      const pause = Number(answer.headers.get('retry-after') ?? 3);
      await new Promise((go) => { setTimeout(go, 1000 * pause * (0.7 + 0.6 * Math.random())); });
    }
  };
})();
