"""The report: one HTML page that needs no network, and the table of comparisons behind it."""
