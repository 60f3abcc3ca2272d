"""The contract between stages: Parquet tables and tensor files; same content, same bytes."""
