"""Advice on kept drafts: what `recommend` finds, from what is known here."""
