"""The regions of images: find them, and measure them against boxes."""
