/* Small helps on top of pages that work without them: copy, shortcut, theme, polling, kept folds, toasts. */
(() => {
  "use strict";
  const toasts = () => document.getElementById("toasts");

  const say = (text, stay = 2600) => {
    const box = toasts();
    if (!box || !text) return;
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.textContent = text;
    box.replaceChildren(toast);
    setTimeout(() => toast.remove(), stay);
  };

  const copy = async (button) => {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "sr";
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
      button.focus();
    }
    button.dataset.copied = "";
    setTimeout(() => delete button.dataset.copied, 1600);
    say(`${toasts()?.dataset.copied ?? ""} ${text}`);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) {
      event.preventDefault();
      copy(button);
      return;
    }
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.querySelector("details.menu[open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
      return;
    }
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const field = document.getElementById("finder");
      if (field) {
        event.preventDefault();
        field.focus();
        field.select();
      }
    }
  });

  /* The theme changes at once; the server keeps it in a cookie, so that the next page starts right. */
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-theme-form]");
    if (!form || !event.submitter) return;
    event.preventDefault();
    const theme = event.submitter.value;
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === event.submitter));
    const body = new FormData(form);
    body.set("theme", theme);
    fetch(form.action, { method: "POST", body, redirect: "manual" });
  });

  /* Live parts ask again while the page is looked at, and rest while it is hidden. */
  const LIVE = "[data-live]";
  let seconds = 0;
  setInterval(() => {
    seconds += 1;
    if (document.visibilityState !== "visible" || !window.htmx) return;
    for (const part of document.querySelectorAll(LIVE)) {
      if (seconds % Number(part.dataset.live) === 0) window.htmx.trigger(part, "clis:again");
    }
  }, 1000);

  let lost = false;
  const connection = (works) => {
    for (const light of document.querySelectorAll(".live")) light.dataset.state = works ? "on" : "lost";
    if (!works && !lost) say(toasts()?.dataset.lost, 6000);
    lost = !works;
  };
  document.addEventListener("htmx:sendError", () => connection(false));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr?.status) connection(true);
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (!event.target.closest?.(LIVE)) say(toasts()?.dataset.failed, 6000);
  });

  /* What a reader unfolded stays unfolded, and where they stand stays where it is, when a part is replaced. */
  let open = [];
  let focused = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.target;
    if (event.detail.xhr?.responseURL.includes("/account/login/")) {
      // Signed out meanwhile: the whole page has to say so, not a part of it.
      event.detail.shouldSwap = false;
      location.reload();
      return;
    }
    open = [...(target?.querySelectorAll?.("details[open][id]") ?? [])].map((details) => details.id);
    focused = target?.contains?.(document.activeElement) ? document.activeElement.dataset.keep || document.activeElement.id : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const id of open) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
    open = [];
    if (focused && document.activeElement === document.body) {
      const again = document.getElementById(focused) ?? document.querySelector(`[data-keep="${CSS.escape(focused)}"]`);
      again?.focus({ preventScroll: true });
    }
    focused = null;
  });
  document.addEventListener("clis:say", (event) => say(event.detail.value, 5000));
})();
