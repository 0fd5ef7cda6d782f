"""Spoiled messages by the million: whatever comes in, a decoder ends, and ends in words."""
