"""Relations between training images, by clusters and classes (CSRMS, Sec. 4.1-4.2)."""
