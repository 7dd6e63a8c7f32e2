/*
 * unfold's toggles (menus, sheets, the sidebar) are spans, divs and links without an address. This
 * makes them buttons: reachable by the keyboard, with a name and a state. See docs/admin.md.
 */
(function () {
  "use strict";

  const TOGGLE = /^\s*(open\w*|sidebar\w+|filterOpen|actionDropdownOpen|showActions|showPassword)\s*=|^adminTheme\s*=|^switchTheme\(/;
  const REAL = "button, a[href], input, select, textarea, summary";

  const text = (node) => node.textContent.replace(/\s+/g, " ").trim();

  // An icon is a ligature: its text ("more_horiz") is no name. The names are in command.html.
  function nameOfIcon(icon) {
    const names = document.getElementById("control-names");
    return (names && icon && names.content.querySelector(`[data-icon="${CSS.escape(text(icon))}"]`)?.textContent) || "";
  }

  function nameControl(node) {
    if (node.hasAttribute("aria-label")) return true;
    const own = node.matches(".material-symbols-outlined");
    const icons = own ? [node] : [...node.querySelectorAll(".material-symbols-outlined")];
    const words = own ? "" : icons.reduce((rest, icon) => rest.replace(text(icon), ""), text(node)).trim();
    if (words) {
      icons.forEach((icon) => icon.setAttribute("aria-hidden", "true"));
      return true;
    }
    const name = node.title || nameOfIcon(icons[0]);
    if (name) node.setAttribute("aria-label", name);
    return Boolean(name);
  }

  function makeButton(node) {
    if (node.matches(REAL) || node.querySelector(REAL) || !TOGGLE.test(node.getAttribute("x-on:click"))) return;
    if (!nameControl(node)) return; // the backdrop of a sheet; Escape closes that too
    node.tabIndex = 0;
    node.setAttribute("role", "button");
    node.setAttribute("data-control", "");
    const toggled = /^\s*(\w+)\s*=\s*!\s*\1\s*$/.exec(node.getAttribute("x-on:click"))?.[1];
    if (toggled) {
      window.Alpine.effect(() => node.setAttribute("aria-expanded", String(Boolean(window.Alpine.$data(node)[toggled]))));
    }
  }

  document.addEventListener("alpine:initialized", () => {
    document.querySelectorAll("[x-on\\:click]").forEach(makeButton);
    document.querySelectorAll("a[href], button").forEach(nameControl);
    // What is left of the icons is ornament.
    document.querySelectorAll(".material-symbols-outlined:not([data-control], [aria-hidden])").forEach((icon) => {
      const control = icon.closest("a[href], button, [data-control]");
      if (!control || nameControl(control)) icon.setAttribute("aria-hidden", "true");
    });
    // unfold hides the page until Alpine is ready, so that the browser's own autofocus finds nothing.
    window.requestAnimationFrame(() => {
      if (document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();
    });
  });

  document.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && event.target.matches?.("[data-control]")) {
      event.preventDefault();
      event.target.click();
    }
  });
})();
