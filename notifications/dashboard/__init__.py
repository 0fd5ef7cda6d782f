"""The pages of notices: settings, a shipment's, unsubscribing, and the demo's mail and SMS."""
