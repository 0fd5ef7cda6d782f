"""Notices over REST: channels, subscriptions, deliveries."""
