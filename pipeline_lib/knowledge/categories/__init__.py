"""Category graphs: which category informs which, mined from several sources and merged."""
