"""Work on drafts that several edits share: laying, cutting, scoring, picking. Nothing here knows a message."""
