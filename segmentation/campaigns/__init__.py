"""Campaigns: who gets one and who does not, what it can show, and what it was worth."""
