/* Connects this browser: asks for leave, subscribes at its maker's push service, and hands the subscription over. */
(() => {
  "use strict";
  const form = document.querySelector("[data-push]");
  if (!form) return;
  const say = (text) => {
    form.querySelector("[role=status]").textContent = text;
  };
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
    form.querySelector("button").disabled = true;
    say(form.dataset.unable);
    return;
  }

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));

  /* A subscription that was made with an older key of the server's stands in the way of a new one. */
  const subscribed = async (manager, options) => {
    try {
      return await manager.subscribe(options);
    } catch (error) {
      const old = error.name === "InvalidStateError" ? await manager.getSubscription() : null;
      if (!old) throw error;
      await old.unsubscribe();
      return manager.subscribe(options);
    }
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      if ((await Notification.requestPermission()) !== "granted") {
        say(form.dataset.refused);
        return;
      }
      await navigator.serviceWorker.register(form.dataset.worker, { scope: "/" });
      const worker = await navigator.serviceWorker.ready;
      const key = bytes(form.dataset.push);
      const options = { userVisibleOnly: true, applicationServerKey: key };
      const subscription = await subscribed(worker.pushManager, options);
      form.elements.subscription.value = JSON.stringify(subscription);
      form.submit();
    } catch {
      say(form.dataset.unable);
    }
  });
})();
