"""E-mails: written with their cause in one transaction, sent by a worker, logged, once per key."""
