"""Words in depth: language, emotion, keywords, entities, topics, readability, cues, agreement."""
