"""The draft and its faces: table, summary, diff, plot."""
