"""What people say, kept in one database beside the runs: decisions about examples."""
