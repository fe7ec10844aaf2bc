"""What an editor commands in, processes started and edits applied out."""
