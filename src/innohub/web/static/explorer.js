// The API's explorer: GraphiQL, asking the hub in the visitor's own name.
"use strict";

{
  const place = document.getElementById("explorer");
  const JSON_TYPE = "application/json";

  // Under this name GraphiQL's parts look for the nonce of the style elements that they add.
  window.__webpack_nonce__ = document.currentScript.nonce;

  const kindOf = (document, name) =>
    document?.definitions.find(
      (one) => one.kind === "OperationDefinition" && (!name || one.name?.value === name),
    )?.operation;

  const send = (path, accept, asked, headers, signal) =>
    fetch(path, {
      method: "POST",
      headers: { ...headers, Accept: accept, "Content-Type": JSON_TYPE },
      body: JSON.stringify(asked),
      signal,
    });

  const ask = async (asked, headers) => {
    const response = await send("/graphql", JSON_TYPE, asked, headers);
    if (!response.headers.get("content-type")?.startsWith(JSON_TYPE)) {
      throw new Error(`${response.status}: ${await response.text()}`);
    }
    return response.json();
  };

  // Server-sent events, one at a time: an empty line ends each.
  async function* eventsOf(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
      const blocks = text.split("\n\n");
      text = blocks.pop();
      for (const block of blocks) {
        const lines = block.split("\n").map((line) => line.split(/: ?(.*)/s));
        const { event, data } = Object.fromEntries(lines);
        if (event) yield { event, data };
      }
    }
  }

  const follow = async (asked, headers, signal, observer) => {
    const response = await send("/graphql/stream", "text/event-stream", asked, headers, signal);
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    for await (const { event, data } of eventsOf(response)) {
      if (event === "next") observer.next(JSON.parse(data));
      if (event === "complete") return observer.complete();
    }
    throw new Error("The connection was lost.");
  };

  const stream = (asked, headers) => ({
    subscribe(observer) {
      const gone = new AbortController();
      follow(asked, headers, gone.signal, observer).catch((error) => {
        if (!gone.signal.aborted) observer.error(error);
      });
      return { unsubscribe: () => gone.abort() };
    },
  });

  const fetcher = (asked, { documentAST, headers } = {}) =>
    kindOf(documentAST, asked.operationName) === "subscription"
      ? stream(asked, headers)
      : ask(asked, headers);

  // GraphiQL names its editors, but not the text areas in them, which are what is read out.
  const label = () => {
    for (const area of place.querySelectorAll("textarea:not([aria-label])")) {
      const named = area.closest("[aria-label]");
      if (named) area.setAttribute("aria-label", named.getAttribute("aria-label"));
    }
  };
  new MutationObserver(label).observe(place, { childList: true, subtree: true });

  ReactDOM.createRoot(place).render(
    React.createElement(GraphiQL, {
      fetcher,
      defaultTabs: JSON.parse(place.dataset.tabs),
      // Nothing is left in the browser for whoever sits there next.
      storage: window.sessionStorage,
    }),
  );
}
