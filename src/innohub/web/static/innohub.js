import { initAll } from "./vendor/govuk-frontend.min.js";

initAll();

// On a narrow screen the results come first: the filters wait behind their heading.
for (const filters of document.querySelectorAll('[data-module="innohub-filters"]')) {
  if (window.matchMedia("(max-width: 40em)").matches) {
    filters.open = false;
  }
}

// Long work shows how far it is. A part marked so is read again until the page has none any more:
// then the work is done, and the whole page is shown anew. Without this script, "Look again" does.
const REREAD_MILLISECONDS = 2_000;
const UNDER_WAY = '[data-module="innohub-under-way"]';

async function rereadWhileUnderWay() {
  const shown = document.querySelector(UNDER_WAY);
  if (!shown) {
    return;
  }
  let fresh = shown.cloneNode(true);
  try {
    const answer = await fetch(window.location.href);
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      fresh = page.querySelector(UNDER_WAY);
    }
  } catch {
    // The network is away for a moment: the part stays as it is, and is asked for again.
  }
  if (!fresh) {
    window.location.reload();
    return;
  }
  shown.replaceChildren(...fresh.childNodes);
  setTimeout(rereadWhileUnderWay, REREAD_MILLISECONDS);
}

setTimeout(rereadWhileUnderWay, REREAD_MILLISECONDS);

// A live page listens for news of what it shows. Each part marked so is then taken from the page as
// it is now, so that there is one way in which it is written. Without this script it is right when
// it is loaded.
const LIVE = document.querySelector('[data-module="innohub-live"]');
let rereading = Promise.resolve();

async function rereadLiveParts() {
  try {
    const answer = await fetch(window.location.href);
    if (!answer.ok) {
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const shown of LIVE.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(shown.id);
      if (fresh && fresh.innerHTML !== shown.innerHTML) {
        shown.replaceChildren(...fresh.childNodes);
      }
    }
  } catch {
    // The network is away for a moment: the next news reads it again.
  }
}

if (LIVE) {
  const news = new EventSource(LIVE.dataset.stream);
  news.addEventListener("next", () => {
    rereading = rereading.then(rereadLiveParts);
  });
  // What is over by itself would only be asked for again.
  news.addEventListener("complete", () => news.close());
  window.addEventListener("pagehide", () => news.close());
}

// The count of unread notices follows what arrives, while the page is in view: each open stream is
// one of the few connections that a browser keeps to a site.
const bell = document.querySelector('[data-module="innohub-notices"]');
let arrivals = null;

async function countUnread() {
  const address = `/graphql?query=${encodeURIComponent(bell.dataset.unread)}`;
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    const count = (await answer.json()).data.notices.totalCount;
    const shown = bell.querySelector(".innohub-header__count");
    shown.querySelector("[data-count]").textContent = count < 100 ? String(count) : "99+";
    shown.hidden = count === 0;
  } catch {
    // The network is away for a moment: the next arrival counts anew.
  }
}

function follow() {
  if (document.visibilityState === "hidden") {
    arrivals?.close();
    arrivals = null;
  } else if (arrivals === null) {
    const address = `/graphql/stream?query=${encodeURIComponent(bell.dataset.arrived)}`;
    arrivals = new EventSource(address);
    arrivals.addEventListener("next", countUnread);
    // The hub ended the stream: signed out, or too many are open. It is not asked again.
    arrivals.addEventListener("complete", () => arrivals?.close());
  }
}

if (bell) {
  follow();
  document.addEventListener("visibilitychange", () => {
    follow();
    if (document.visibilityState === "visible") {
      countUnread();
    }
  });
}
