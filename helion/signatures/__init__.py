"""Where parameter types come from: arguments, annotations, uses, call sites, records; each piece of evidence says so in words."""
