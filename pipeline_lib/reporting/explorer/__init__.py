"""The pictures of the report: which are shown, what runs say of them, and the files with it."""
