"""The front process: documents and workers in, the protocol out; imports no torch."""
