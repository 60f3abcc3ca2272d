"""What makes the documents: the site, its API pages, its pictures."""
