"""The geometry of the figures; templates/ draws them, so that they follow the page's colours."""
