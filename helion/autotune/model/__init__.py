"""Device IR, a config, resources and a target in, an estimate in µs out; pure functions, nothing is run, nothing is measured."""
