"""How fast language servers answer: ours in everything it promises, peers in what all of them do, over the same raw connection."""
