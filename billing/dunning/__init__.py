"""Reminding of what is overdue, step by step, and what follows when nobody pays."""
