"""From artifacts to a method and back: the only place that knows both."""
