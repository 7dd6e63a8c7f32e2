/* Sends what somebody typed on a page of the API, with any method, and shows the answer below it. */
(function () {
  "use strict";

  const form = document.getElementById("send");
  if (!form) return;
  const method = form.elements.namedItem("method");
  const body = form.elements.namedItem("body");
  const answer = document.getElementById("send-answer");
  const bodies = JSON.parse(document.getElementById("send-bodies").textContent);

  function choose() {
    body.value = bodies[method.value] || "";
    body.closest("p").hidden = !(method.value in bodies);
  }

  async function send(event) {
    event.preventDefault();
    const headers = { Accept: "application/json", "X-CSRFToken": form.elements.namedItem("csrfmiddlewaretoken").value };
    const request = { method: method.value, headers: headers };
    if (method.value in bodies) {
      headers["Content-Type"] = "application/json";
      request.body = body.value;
    }
    let text;
    try {
      const response = await fetch(window.location.href, request);
      text = response.status + " " + response.statusText + "\n\n" + (await response.text());
      try {
        const [head, content] = text.split("\n\n");
        text = head + "\n\n" + JSON.stringify(JSON.parse(content), null, 2);
      } catch {
        /* no JSON: shown as it came */
      }
    } catch (problem) {
      text = String(problem);
    }
    answer.textContent = text;
    answer.hidden = false;
    answer.focus();
  }

  method.addEventListener("change", choose);
  form.addEventListener("submit", send);
  choose();
  form.hidden = false;
})();
