"""The DNS guide: live checks of a domain against what its platform expects, and advice."""
