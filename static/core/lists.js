/*
 * Suggestions for a text that holds several values parted by commas.
 * A <datalist> suggests for the whole text only; so, while one types, each of its options is put
 * behind what stands before the last comma. Without this script the field works, unsuggested.
 */
(function () {
  "use strict";

  function suggest(field) {
    const list = document.getElementById(field.getAttribute("list"));
    if (!list) return;
    const values = Array.from(list.options, (option) => option.value);

    field.addEventListener("input", () => {
      const before = field.value.slice(0, field.value.lastIndexOf(",") + 1).trim();
      const taken = new Set(before.split(",").map((value) => value.trim().toLowerCase()));
      list.replaceChildren(
        ...values
          .filter((value) => !taken.has(value.toLowerCase()))
          .map((value) => {
            const option = document.createElement("option");
            option.value = before ? `${before} ${value}` : value;
            return option;
          }),
      );
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("input[data-several][list]").forEach(suggest);
  });
})();
