"""What is known of a tuning while it runs and after it: its trials as plain data, read from a log or heard one by one; needs no torch."""
