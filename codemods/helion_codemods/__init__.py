"""Source text and a change in, rewritten text or a refusal with its reason out; each command is a codemod with examples that test it."""
