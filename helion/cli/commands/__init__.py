"""One subcommand a module, each with its `command`."""
