/*
 * Lets unfold's markup run on Alpine's CSP build, that is without 'unsafe-eval'. See docs/admin.md.
 *
 * The CSP build reads only names that are in the scope of a component, never globals. The few
 * globals that unfold's markup uses are offered here by the root component, each as narrow as the
 * markup needs. Loaded (UNFOLD["SCRIPTS"]) before unfold's app.js and the deferred Alpine, so the
 * listener below is in time, and app.js has defined theme() and searchForm() when it is called.
 */
(function () {
  "use strict";

  // Nothing in a swapped-in piece of a page is ever run.
  if (window.htmx) {
    window.htmx.config.allowEval = false;
    window.htmx.config.allowScriptTags = false;
  }

  // For change_form.html and the links of a list; leads nowhere but to this origin.
  const place = {
    get pathname() { return window.location.pathname; },
    get search() { return window.location.search; },
    get hash() { return window.location.hash; },
    get href() { return window.location.href; },
    set href(address) {
      const target = new URL(address, window.location.href);
      if (target.origin === window.location.origin) window.location.assign(target.href);
    },
  };

  // For skeleton.html; where storage is blocked the choice is simply not remembered.
  const storage = {
    getItem(key) {
      try { return window.localStorage.getItem(key); } catch { return null; }
    },
    setItem(key, value) {
      try { window.localStorage.setItem(key, value); } catch { /* see above */ }
    },
  };

  document.addEventListener("alpine:init", () => {
    window.Alpine.data("theme", (chosen) =>
      Object.assign(window.theme(chosen), {
        activeTab: "",
        window: { location: place },
        localStorage: storage,
        // What the two statements in the x-init of <body> do, which the CSP build cannot read.
        begin() {
          this.activeTab = window.getCurrentTab() || this.activeTab || "";
          this.$watch("sidebarDesktopOpen", (open) => storage.setItem("sidebarDesktopOpen", open ? "1" : "0"));
        },
      }),
    );
    window.Alpine.data("searchForm", () => window.searchForm());

    // Exchanged here, so that skeleton.html need not be copied. Should unfold word it differently one
    // day, nothing is exchanged, Alpine complains on the console, and the browser tests fail.
    const first = /^\s*activeTab = [^;]*;\s*\$watch\('sidebarDesktopOpen',[^;]*;\s*$/;
    if (first.test(document.body.getAttribute("x-init") || "")) document.body.setAttribute("x-init", "begin()");
  });
})();
