"""What is measured about the toolkit, and the results."""
