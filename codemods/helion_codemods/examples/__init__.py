"""The examples of each codemod, a module each: they are its tests and its page of the manual."""
