"""Messages → edits: what people type, read word by word, and what is answered."""
