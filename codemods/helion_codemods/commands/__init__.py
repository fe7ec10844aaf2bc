"""One codemod a module: DESCRIPTION, EXAMPLES and a function from text to text."""
