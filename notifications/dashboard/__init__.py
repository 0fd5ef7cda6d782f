"""The pages of notices: addresses and what each is told, shipments and their followers, webhooks, the delivery log, the
preview of every text, unsubscribing, and the demo's mail and SMS."""
