"""The worker process: texts in, what the compiler knows of them out as plain data; knows no protocol."""
