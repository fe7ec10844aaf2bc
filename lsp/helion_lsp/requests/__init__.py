"""What an editor asks in, answers in the protocol's terms out; one module a group of requests."""
