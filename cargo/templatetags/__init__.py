"""What templates of both apps use to show identifiers, times and states."""
