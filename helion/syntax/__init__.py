"""Text in, tree out, standard library only; survives broken text; knows nothing of what names mean."""
