"""Words and what they mean: tables and small grammars of English and Chinese that know nothing of drafts."""
