"""The way of a message, a file a step: receive, decode, normalize, record, project, inspection, announce."""
