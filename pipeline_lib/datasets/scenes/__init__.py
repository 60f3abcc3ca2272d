"""The default data set: generated pictures of everyday scenes, all truth about them known."""
