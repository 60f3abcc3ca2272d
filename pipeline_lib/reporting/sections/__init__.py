"""What each section of the page shows, as plain values; templates/ says how it looks."""
