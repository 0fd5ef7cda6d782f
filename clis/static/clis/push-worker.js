/* Shows what the server pushed, and opens its page when it is chosen. It keeps and caches nothing. */
"use strict";

self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data ? event.data.json() : {};
  } catch {
    told = {};
  }
  const { title = "CLIS", body = "", url = "/", tag = "" } = told;
  event.waitUntil(self.registration.showNotification(title, { body, tag, data: { url } }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const page = new URL(event.notification.data?.url ?? "/", self.location.origin);
  // Pages of this installation alone, whatever the message said; and where this browser is signed in, which need not be
  // where the links in messages begin.
  const url = self.location.origin + page.pathname + page.search + page.hash;
  event.waitUntil(
    self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((open) => {
      const shown = open.find((client) => client.url === url);
      return shown ? shown.focus() : self.clients.openWindow(url);
    }),
  );
});
