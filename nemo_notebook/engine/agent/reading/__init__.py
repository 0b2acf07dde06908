"""Messages into edits: one reader for each kind of wish, and what is answered where there is none."""
