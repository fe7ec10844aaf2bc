"""Syntax and parameter types in, a typed kernel with every diagnostic out: the only semantic walk over Python; writes no code."""
