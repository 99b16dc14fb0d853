import { initAll } from "./vendor/govuk-frontend.min.js";

initAll();

// On a narrow screen the results come first: the filters wait behind their heading.
for (const filters of document.querySelectorAll('[data-module="innohub-filters"]')) {
  if (window.matchMedia("(max-width: 40em)").matches) {
    filters.open = false;
  }
}
