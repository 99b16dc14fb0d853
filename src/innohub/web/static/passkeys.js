// A form whose button asks the browser for a passkey, then sends what it answers. The browser asks
// the person, and tells this page's name along with the answer, so that no other page gains by it.
const able =
  window.PublicKeyCredential?.parseRequestOptionsFromJSON &&
  window.PublicKeyCredential?.parseCreationOptionsFromJSON;

for (const asked of document.querySelectorAll('[data-module="innohub-passkey"]')) {
  const form = asked.querySelector("form") ?? asked.closest("form");
  const field = asked.querySelector('[name$="credential"]');
  const refused = asked.querySelector("[data-refused]");
  asked.hidden = !able;

  async function show(event) {
    const nameless = form.elements.name?.value.trim() === "";
    if (field.value || nameless || !asked.contains(event.submitter ?? field)) {
      return;
    }
    event.preventDefault();
    refused.hidden = true;
    try {
      const options = JSON.parse(asked.dataset.options);
      const made =
        asked.dataset.act === "create"
          ? await navigator.credentials.create({
              publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
            })
          : await navigator.credentials.get({
              publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
            });
      field.value = JSON.stringify(made.toJSON());
      form.requestSubmit(event.submitter);
    } catch {
      refused.hidden = false;
      refused.focus();
    }
  }

  if (able) {
    form.addEventListener("submit", show);
  }
}
