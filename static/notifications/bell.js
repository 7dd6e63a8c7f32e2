/*
 * Keeps the bell's number right while a page is open, and says what is new to who cannot see it.
 * Without this script the bell is a link whose number is that of the page's making.
 *
 * Of all windows of a browser one holds the stream and tells the others: a browser opens only a few
 * connections to a host, and takes over in another window when this one is closed.
 */
(function () {
  "use strict";

  const bell = document.getElementById("bell");
  if (!bell || !window.EventSource) return;
  const number = document.getElementById("bell-number");
  const says = document.getElementById("bell-says");
  const others = "BroadcastChannel" in window ? new BroadcastChannel("notifications") : null;

  function show(news) {
    if (news.unread !== undefined) {
      number.textContent = news.unread;
      number.classList.toggle("bell-none", !news.unread);
    }
    if (news.text) says.textContent = `${bell.dataset.new} ${news.text}`;
  }

  function tell(news) {
    show(news);
    if (others) others.postMessage(news);
  }

  function listen() {
    const stream = new EventSource(bell.dataset.stream);
    stream.addEventListener("unread", (event) => tell({ unread: JSON.parse(event.data).unread }));
    stream.addEventListener("notification", (event) => tell({ text: JSON.parse(event.data).text }));
    // Left open, it would keep the browser from showing this page again at once on the way back.
    window.addEventListener("pagehide", () => stream.close());
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) window.location.reload();
    });
    return new Promise(() => {});
  }

  if (others) others.addEventListener("message", (event) => show(event.data));
  if (navigator.locks) navigator.locks.request("notifications", listen);
  else listen();
})();
