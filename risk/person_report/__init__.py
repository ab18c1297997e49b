"""Everything that is held on one person, for a subject access request (UK GDPR article 15)."""
