"""Strategy: what set a channel's best posts apart, what it uses too little or too much, and what channels like it do well with."""
