/*
 * Dragging a visit of the calendar to another day. Nothing is moved by that: it opens the page on which the
 * visit is moved, with the day filled in, where what is free is shown and the move is confirmed. That page
 * is the way for who has no mouse, too.
 */
(function () {
  "use strict";

  let dragged = null;

  function dayOf(event) {
    return dragged && event.target.closest(".calendar-day[data-day]");
  }

  function mark(day) {
    document.querySelectorAll(".calendar-over").forEach((other) => other.classList.remove("calendar-over"));
    if (day) day.classList.add("calendar-over");
  }

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-move]");
    if (dragged) event.dataTransfer.effectAllowed = "move";
  });

  document.addEventListener("dragover", (event) => {
    const day = dayOf(event);
    mark(day);
    if (day) event.preventDefault();
  });

  document.addEventListener("drop", (event) => {
    const day = dayOf(event);
    if (!day) return;
    event.preventDefault();
    if (day.contains(dragged)) return;
    const chosen = new URLSearchParams({ day: day.dataset.day, time: dragged.dataset.time });
    window.location.assign(`${dragged.dataset.move}?${chosen}`);
  });

  document.addEventListener("dragend", () => {
    mark(null);
    dragged = null;
  });
})();
