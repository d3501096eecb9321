// Small conveniences. Every page works without them.
(() => {
  "use strict";

  // Buttons that need a script are hidden where none runs.
  const reveal = (root) => {
    for (const hidden of root.querySelectorAll("[data-needs-script]")) hidden.hidden = false;
  };
  reveal(document);
  document.addEventListener("htmx:afterSwap", () => reveal(document));
  for (const form of document.querySelectorAll("form[data-auto-submit]")) form.submit();

  // Menus are <details>: close them on a click elsewhere and on Escape.
  const openMenus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // Copy buttons: <button data-copy="#id"> or <button data-copy-text="…">.
  const say = (button, text) => {
    const label = button.querySelector("[data-copy-label]");
    if (!label) return;
    const before = label.dataset.before || label.textContent;
    label.dataset.before = before;
    label.textContent = text;
    setTimeout(() => { label.textContent = before; }, 1800);
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-text]");
    if (!button) return;
    const source = button.dataset.copy && document.querySelector(button.dataset.copy);
    const text = source ? (source.value ?? source.textContent).trim() : button.dataset.copyText;
    try {
      await navigator.clipboard.writeText(text);
      say(button, button.dataset.copied || "Copied");
    } catch {
      if (source) window.getSelection().selectAllChildren(source);
    }
  });

  // Printing.
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // Selects that change the page at once.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  // One click, one request. The server copes with a second one all the same.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("data-repeatable")) return;
    for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
      setTimeout(() => { button.disabled = true; }, 0);
    }
  });
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("form[method=post] button[disabled]:not([data-off])")) {
      button.disabled = false;
    }
  });
})();
