/* Shows how far an import is: fetches the page anew and puts its new state in place, until the end. */
(function () {
  "use strict";

  const PAUSE = 1500;

  async function refresh() {
    const shown = document.getElementById("import");
    if (!shown || shown.dataset.finished === "yes") return;
    try {
      const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const newer = page.getElementById("import");
      // Signed out meanwhile: the sign-in page has no import; a reload leads there.
      if (!newer) return window.location.reload();
      shown.replaceWith(document.importNode(newer, true));
    } catch {
      /* the network is away; the next try finds out */
    }
    window.setTimeout(refresh, PAUSE);
  }

  window.setTimeout(refresh, PAUSE);
})();
