"""The `helion` command: arguments in, text or JSON and an exit code out; every failure is a diagnostic, never a traceback."""
