// Answers come as one stream of events. Caddy ends it like a whole one when the page behind it is killed, and a question
// would wait for ever: an end without one of gradio's last events is a broken connection, which gradio says and mends.
(() => {
  const ask = window.fetch;
  window.fetch = async (address, options) => {
    const answer = await ask(address, options);
    if (!/\/queue\/data(\?|$)/.test(String(address?.url ?? address)) || !answer.body) return answer;
    const decoder = new TextDecoder();
    let tail = '';  // the newest characters: an event may come in two pieces
    const watched = answer.body.pipeThrough(new TransformStream({
      transform(piece, out) {
        tail = (tail + decoder.decode(piece, {stream: true})).slice(-1000);
        out.enqueue(piece);
      },
      flush(out) {
        if (!/close_stream|unexpected_error/.test(tail)) out.error(new TypeError('The stream of answers was cut off.'));
      },
    }));
    return new Response(watched, {status: answer.status, headers: answer.headers});
  };
})();
