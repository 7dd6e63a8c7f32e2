"""When a page has become what it will be."""

# To be evaluated in the page, after its ``load``.
SCRIPTS_HAVE_RUN = """
async () => {
  await document.fonts.ready;
  // A window behind another is painted late or never, so no painting is waited for without end.
  for (let turn = 0; turn < 3; turn += 1)
    await new Promise((go) => {
      requestAnimationFrame(() => setTimeout(go, 0));
      setTimeout(go, 100);
    });
}
"""
