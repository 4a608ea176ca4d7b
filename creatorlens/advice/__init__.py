"""What advice consists of when it travels: suggestions, their expected lift, the evidence, and receipts of what was applied."""
