"""Editor features as pure functions on an analysis; they speak offsets and plain data, never the protocol."""
